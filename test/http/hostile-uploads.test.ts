/** Files that mean harm: refused without being read to their end, and other people's pages answer meanwhile. */
import { existsSync, readdirSync } from 'node:fs';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { textOf } from '../support/answers.ts';
import { settled, studentCsv, upload, validRows, workByHand } from '../support/student-file.ts';
import { workbookParts, zip } from '../support/zip-files.ts';

const app = useTestApp();
workByHand(app);
let server: Server;

beforeAll(async () => {
  server = createServer(app.admin);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const TWO_GIGABYTES = 2 * 1024 ** 3;
const uploads = join(app.config.dataDir, 'uploads');
const leftBehind = () => (existsSync(uploads) ? readdirSync(uploads) : []);

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Begins to send a form whose file never ends, as a browser would. */
async function beginUpload(headers: Record<string, string>): Promise<{ sending: ClientRequest; sent: () => number }> {
  const signedIn = await app.signInAs('scolarite');
  const page = await signedIn.agent.get('/imports');
  const sending = request({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    path: '/imports',
    method: 'POST',
    headers: {
      cookie: (page.request as unknown as { cookies: string }).cookies,
      accept: 'text/html',
      'content-type': 'multipart/form-data; boundary=limite',
      ...headers,
    },
  });
  const begin = [
    `--limite\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${await signedIn.csrf()}`,
    '--limite\r\nContent-Disposition: form-data; name="source"\r\n\r\nstudents',
    '--limite\r\nContent-Disposition: form-data; name="fichier"; filename="gros.csv"\r\n\r\n',
  ].join('\r\n');
  const chunk = Buffer.alloc(256 * 1024, 'x');
  let sent = 0;
  const send = (): void => {
    while (!sending.destroyed && sent < TWO_GIGABYTES) {
      sent += chunk.length;
      if (!sending.write(chunk)) {
        sending.once('drain', send);
        return;
      }
    }
  };
  // Cut by the server once it has answered.
  sending.on('error', () => undefined);
  sending.write(begin);
  send();
  return { sending, sent: () => sent };
}

describe('a file of two gigabytes', () => {
  async function isRefused(headers: Record<string, string>): Promise<void> {
    const { sending, sent } = await beginUpload(headers);
    const closed = new Promise((resolve) => sending.on('close', resolve));
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(textOf(await text(response))).toContain('Ce fichier est trop lourd : 50 Mo au plus');
    // Who goes on sending is cut, long before the end.
    await closed;
    expect(sent()).toBeLessThan(TWO_GIGABYTES / 2);
  }

  it('is refused with a page and not read to its end, whether its size is announced or not', async () => {
    await Promise.all([
      isRefused({ 'content-length': String(TWO_GIGABYTES) }),
      isRefused({ 'transfer-encoding': 'chunked' }),
    ]);
    expect(leftBehind()).toEqual([]);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });

  it('whose sender leaves half-way leaves nothing behind', async () => {
    const { sending } = await beginUpload({ 'transfer-encoding': 'chunked' });
    await until(() => leftBehind().length > 0);
    sending.destroy();
    await until(() => leftBehind().length === 0);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);
  });
});

describe('while a hostile workbook is read', () => {
  const inline = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const headers = `<row>${['Nom Prénom', 'NIR', 'Statut'].map(inline).join('')}</row>`;
  const openSheet = `<worksheet><sheetData>${headers}`;
  const strings = (count: number, length: number) =>
    `<sst>${Array.from({ length: count }, (_, index) => `<si><t>${index} ${'é'.repeat(length)}</t></si>`).join('')}</sst>`;

  const hostile: [kind: string, fileName: string, content: () => Buffer][] = [
    [
      'a zip bomb',
      'bombe.xlsx',
      () => zip(workbookParts(openSheet, { 'xl/sharedStrings.xml': Buffer.alloc(300 * 1024 * 1024, ' ') })),
    ],
    [
      'a workbook that fills the memory',
      'memoire.xlsx',
      () =>
        zip(workbookParts(`${openSheet}</sheetData></worksheet>`, { 'xl/sharedStrings.xml': strings(800_000, 60) })),
    ],
    [
      'cells of a megabyte',
      'cellules.csv',
      () => studentCsv([...validRows(3), ...Array.from({ length: 15 }, () => ({ address: 'é'.repeat(1_000_000) }))]),
    ],
  ];

  it.each(hostile)('%s, lists and health answer', async (_kind, fileName, content) => {
    const sender = await app.signInAs('scolarite');
    const colleague: SignedInAgent = await app.signInAs('scolarite');
    const answer = await upload(sender, content(), { fileName });
    expect(answer.status).toBe(303);
    const id = String(answer.headers['location']).split('/').at(-1) ?? '';
    let isOver = false;
    const reading = settled(app, id).finally(() => (isOver = true));
    await until(async () => (await app.database.query('SELECT 1 FROM job_lease')).length > 0);
    const statuses = [
      (await colleague.agent.get('/healthz')).status,
      (await colleague.agent.get('/etudiants')).status,
      (await colleague.agent.get(`/imports/${id}`)).status,
    ];
    expect([...statuses, isOver]).toEqual([200, 200, 200, false]);
    await reading;
    expect((await colleague.agent.get(`/imports/${id}`)).status).toBe(200);
  });
});
