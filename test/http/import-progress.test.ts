import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endEventStreams } from '../../src/http/event-stream.ts';
import { estimate } from '../../src/features/imports/progress-watch.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { dryRun, settled, studentCsv, upload, validRows, versionIn, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);
let server: Server;

beforeAll(async () => {
  server = createServer(app.admin);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  endEventStreams();
  await new Promise((resolve) => server.close(resolve));
});

interface Event {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

interface OpenStream {
  readonly response: IncomingMessage;
  readonly events: Event[];
  /** Resolves once an event of that name came. */
  waitFor(name: string): Promise<Event>;
  readonly ended: Promise<void>;
  leave(): void;
}

/** Opens a stream as a browser does, on the real server. */
async function openStream(signedIn: SignedInAgent, path: string): Promise<OpenStream> {
  const { request } = await signedIn.agent.get('/imports');
  const { cookies } = request as unknown as { cookies: string };
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      {
        host: '127.0.0.1',
        port,
        path,
        headers: { cookie: cookies, accept: 'text/event-stream', 'accept-encoding': 'gzip' },
      },
      resolve,
    ).on('error', reject);
  });
  const events: Event[] = [];
  const listeners = new Set<() => void>();
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name && data) events.push({ name, data: JSON.parse(data) as Record<string, unknown> });
    }
    for (const listener of [...listeners]) listener();
  });
  return {
    response,
    events,
    waitFor: (name) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`No event ${name}`)), 10_000);
        const look = (): void => {
          const found = events.find((event) => event.name === name);
          if (!found) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    ended: new Promise((resolve) => {
      response.on('close', resolve);
    }),
    leave: () => response.destroy(),
  };
}

describe('an import at work', () => {
  const applying = async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(12)));
    const version = versionIn((await signedIn.agent.get(batch.url)).text);
    await signedIn.post(`${batch.url}/confirmation`, { version });
    return { signedIn, batch };
  };

  it('shows where it stands without a script, and asks the browser to look again', async () => {
    const { signedIn, batch } = await applying();
    const page = await signedIn.agent.get(batch.url);
    expect(page.text).toContain(`data-sse="${batch.url}/progress"`);
    expect(page.text).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>');
    expect(page.text).toMatch(/<progress[^>]*max="12" value="0"/);
    expect(page.text).not.toContain('ESSAI');
  });

  it('tells how far it is, then leads to the report, whichever process does the work', async () => {
    const { signedIn, batch } = await applying();
    const stream = await openStream(signedIn, `${batch.url}/progress`);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers['content-encoding']).toBeUndefined();
    expect((await stream.waitFor('progress')).data).toMatchObject({ done: 0, total: 12, rate: '', timeLeft: '' });
    expect(await settled(app, batch.id)).toBe('applied');
    expect((await stream.waitFor('end')).data).toEqual({ href: batch.url });
    await stream.ended;
  });

  it('says at once that it is over', async () => {
    const signedIn = await app.signInAs('scolarite');
    const batch = await dryRun(app, signedIn, studentCsv(validRows(2)));
    const stream = await openStream(signedIn, `${batch.url}/progress`);
    expect((await stream.waitFor('end')).data).toEqual({ href: batch.url });
    await stream.ended;
  });

  it('is followed while it is read', async () => {
    const signedIn = await app.signInAs('scolarite');
    const url = (await upload(signedIn, studentCsv(validRows(3)))).headers['location'] ?? '';
    expect((await signedIn.agent.get(url)).text).toContain('Lecture du fichier');
    const stream = await openStream(signedIn, `${url}/progress`);
    expect((await stream.waitFor('progress')).data).toMatchObject({ total: null });
    await settled(app, url.split('/').at(-1) ?? '');
    await stream.waitFor('end');
  });

  it('is asked about once a second however many look, and not at all once they left', async () => {
    const { signedIn, batch } = await applying();
    const streams = await Promise.all([1, 2, 3, 4].map(() => openStream(signedIn, `${batch.url}/progress`)));
    await Promise.all(streams.map((stream) => stream.waitFor('progress')));
    const before = app.services.database.statementCount();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(app.services.database.statementCount() - before).toBeLessThanOrEqual(3);
    for (const stream of streams) stream.leave();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const alone = app.services.database.statementCount();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(app.services.database.statementCount()).toBe(alone);
  });

  it('lets go of its readers when the server stops', async () => {
    const { signedIn, batch } = await applying();
    const stream = await openStream(signedIn, `${batch.url}/progress`);
    await stream.waitFor('progress');
    endEventStreams();
    await stream.ended;
    expect(stream.events.every(({ name }) => name === 'progress')).toBe(true);
  });

  it('is not told to strangers, to who may not read imports, nor about what is not there', async () => {
    const { batch } = await applying();
    expect((await supertest(app.admin).get(`${batch.url}/progress`).set('Accept', 'text/event-stream')).status).toBe(
      401,
    );
    const { agent } = await app.signInAs('recherche');
    expect((await agent.get(`${batch.url}/progress`)).status).toBe(403);
    const reader = await app.signInAs('informatique');
    expect((await reader.agent.get('/imports/0198aaaa-0000-7000-8000-000000000000/progress')).status).toBe(404);
  });
});

describe('the estimate', () => {
  const looks = (...rows: number[]) => rows.map((rowsDone, index) => ({ at: index * 1_000, rowsDone }));

  it.each([
    ['steady', looks(0, 100, 200), 200, 1_000, { rowsPerSecond: 100, secondsLeft: 8 }],
    ['of a file whose length is unknown', looks(0, 50), 50, null, { rowsPerSecond: 50, secondsLeft: null }],
    ['before the second look', looks(10), 10, 100, { rowsPerSecond: null, secondsLeft: null }],
    ['while nothing moves', looks(10, 10), 10, 100, { rowsPerSecond: null, secondsLeft: null }],
    ['at the end', looks(0, 100), 100, 100, { rowsPerSecond: 100, secondsLeft: 0 }],
  ])('%s', (_name, seen, rowsDone, rowCount, expected) => {
    expect(estimate(seen, { rowsDone, rowCount })).toEqual(expected);
  });
});
