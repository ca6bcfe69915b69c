/** Invented students' files, small enough to be read in no time, and what it takes to send them through the pages. */
import { nirKey } from '../../src/shared/nir.ts';
import type { SignedInAgent, TestApp } from './app.ts';

/** A valid NIR that belongs to nobody: the same number gives the same person. */
export function inventedNir(person: number): string {
  const commune = String(1 + Math.floor(person / 999)).padStart(3, '0');
  const body = `2990578${commune}${String(1 + (person % 999)).padStart(3, '0')}`;
  return `${body}${nirKey(body)}`;
}

export interface FileRow {
  readonly name?: string;
  readonly nir?: string;
  readonly status?: string;
  readonly address?: string;
  readonly company?: string;
  readonly phones?: string;
  readonly cursus?: string;
  readonly email?: string;
}

const HEADERS: Readonly<Record<keyof FileRow, string>> = {
  name: 'Nom Prénom',
  nir: 'Numéro de sécurité sociale',
  status: 'Statut',
  address: 'Adresse postale',
  company: 'Entreprise',
  phones: 'Téléphone',
  cursus: 'Cursus',
  email: 'E-mail',
};
const FIELDS = Object.keys(HEADERS) as (keyof FileRow)[];

const quoted = (text: string): string => (/[;"\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A CSV in UTF-8 with these rows; a row that says nothing of a person is a valid one of its own. */
export function studentCsv(rows: readonly FileRow[]): Buffer {
  const lines = rows.map((row, index) => {
    const whole: FileRow = {
      name: `ESSAI Personne-${index + 1}`,
      nir: inventedNir(index + 1),
      status: 'prospect',
      ...row,
    };
    return FIELDS.map((field) => quoted(whole[field] ?? '')).join(';');
  });
  return Buffer.from([FIELDS.map((field) => HEADERS[field]).join(';'), ...lines, ''].join('\r\n'), 'utf8');
}

/** `count` valid rows. */
export function validRows(count: number): FileRow[] {
  return Array.from({ length: count }, () => ({}));
}

/** Sends a file through the form of the page. */
export async function upload(
  signedIn: SignedInAgent,
  content: Buffer,
  { fileName = 'essai.csv', force = false }: { fileName?: string; force?: boolean } = {},
) {
  const request = signedIn.agent
    .post('/imports')
    .field('_csrf', await signedIn.csrf())
    .field('source', 'students');
  if (force) void request.field('forcer', '1');
  return request.attach('fichier', content, fileName);
}

const WORKING = new Set(['reading', 'applying', 'cancelling']);

/** Nothing is read nor applied until the test says so (`settled`), as when the worker is another process. */
export function workByHand(app: TestApp): void {
  app.services.imports.onWork(() => undefined);
}

/** Does the work that waits, as the worker would, until a batch is no longer at it: see workByHand. @returns its state */
export async function settled(app: TestApp, id: string, seconds = 20): Promise<string> {
  await app.services.imports.work();
  for (let tries = 0; tries < seconds * 20; tries += 1) {
    const [batch] = await app.database.query<{ state: string }>('SELECT state FROM import_batch WHERE id = ?', [id]);
    if (batch && !WORKING.has(batch.state)) return batch.state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The batch is still at work');
}

export interface UploadedBatch {
  readonly id: string;
  readonly url: string;
  readonly state: string;
}

/** Sends a file and waits for its dry run. */
export async function dryRun(
  app: TestApp,
  signedIn: SignedInAgent,
  content: Buffer,
  options?: Parameters<typeof upload>[2],
): Promise<UploadedBatch> {
  const answer = await upload(signedIn, content, options);
  const url = answer.headers['location'];
  if (answer.status !== 303 || !url) throw new Error(`The upload answered ${answer.status}`);
  const id = url.split('/').at(-1) ?? '';
  return { id, url, state: await settled(app, id) };
}

/** The version a page's forms carry. */
export function versionIn(html: string): string {
  const match = /name="version" value="(\d+)"/.exec(html);
  if (!match?.[1]) throw new Error('The page holds no version');
  return match[1];
}

/** Confirms a dry run and waits until it is applied. @returns its state */
export async function confirm(app: TestApp, signedIn: SignedInAgent, { id, url }: UploadedBatch): Promise<string> {
  const page = await signedIn.agent.get(url);
  await signedIn.post(`${url}/confirmation`, { version: versionIn(page.text) });
  return settled(app, id);
}

/** A file sent, confirmed and applied. */
export async function imported(
  app: TestApp,
  signedIn: SignedInAgent,
  content: Buffer,
  options?: Parameters<typeof upload>[2],
): Promise<UploadedBatch> {
  const batch = await dryRun(app, signedIn, content, options);
  const state = await confirm(app, signedIn, batch);
  if (state !== 'applied') throw new Error(`The batch is ${state}`);
  return { ...batch, state };
}
