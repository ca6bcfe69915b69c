import { v7 } from 'uuid';

/** A new UUIDv7: unique across both servers and ordered by time, so inserts stay at the end of the index. */
export function newId(): string {
  return v7();
}

/** True for the textual form of any UUID; guards lookups by an id typed into an address. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}
