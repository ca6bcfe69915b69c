/** What tests of records look up behind the pages. */
import type { TestApp } from './app.ts';

/** The id at the end of an address a form led to. */
export const idIn = (location: string | undefined): string => location?.split('/').at(-1) ?? '';

/** A row as it stands. @throws when there is none */
export async function storedRow<Row extends object>(
  app: Pick<TestApp, 'database'>,
  table: 'student' | 'company' | 'contact',
  id: string,
): Promise<Row> {
  const [row] = await app.database.query<Row>(`SELECT * FROM ${table} WHERE id = ?`, [id]);
  if (!row) throw new Error(`No such ${table}`);
  return row;
}

export async function howMany(app: Pick<TestApp, 'database'>, table: 'company' | 'contact' | 'note'): Promise<number> {
  return (await app.database.query(`SELECT id FROM ${table}`)).length;
}

export interface StoredNote {
  readonly id: string;
  readonly subject_id: string;
  readonly body: string;
  readonly version: number;
  readonly archived_at: Date | null;
}

/** Every note, in the order they were written. */
export function storedNotes(app: Pick<TestApp, 'database'>): Promise<StoredNote[]> {
  return app.database.query<StoredNote>('SELECT * FROM note ORDER BY id');
}
