/** Someone signed in to the administrative site: what the bench asks it by hand, outside the measures. */
import { readForm } from './form-reader.ts';

export interface Visitor {
  /** What a request of this session carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Reads a page. @throws on any status but 200 */
  read(path: string): Promise<string>;
}

function cookieOf(response: Response): string | null {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? null;
}

/**
 * Signs in by the form, as a person does.
 * @param origin `http://127.0.0.1:port`
 * @throws when the door stays shut
 */
export async function signIn(origin: string, account: { email: string; password: string }): Promise<Visitor> {
  const door = await fetch(`${origin}/connexion`);
  const { fields } = readForm(await door.text(), 'password');
  const typed: Record<string, string> = account;
  const form = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, typed[name] ?? value]));
  const entry = await fetch(`${origin}/connexion`, {
    method: 'POST',
    body: form,
    headers: { cookie: cookieOf(door) ?? '' },
    redirect: 'manual',
  });
  const cookie = cookieOf(entry);
  if (entry.status !== 303 || !cookie) throw new Error(`Signing in answered ${entry.status}`);
  const headers = { cookie };
  const visitor: Visitor = {
    headers,
    async read(path) {
      const response = await fetch(origin + path, { headers, redirect: 'manual' });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
      return text;
    },
  };
  // The first page shows the flash of the sign-in, and takes it out of the session.
  await visitor.read('/');
  return visitor;
}
