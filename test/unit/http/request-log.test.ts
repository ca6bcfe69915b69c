import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { requestLog } from '../../../src/http/request-log.ts';
import { createLogger } from '../../../src/log.ts';

/** A site whose log goes to an array; `/loud` says something. */
function siteWithLog(level: string) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  const app = express();
  app.use(requestLog(log));
  app.get('/loud', (req, res) => {
    req.log.warn({ part: 1 }, 'loud');
    req.log.warn({ part: 2 }, 'loud');
    res.send(String(req.id));
  });
  app.get('/quiet', (req, res) => res.send(String(req.id)));
  return { app, lines };
}

describe.each(['debug', 'info'])('requestLog at the level %s', (level) => {
  it('gives each request an id of its own, which the answer carries', async () => {
    const { app } = siteWithLog(level);
    const [first, second] = [await request(app).get('/quiet'), await request(app).get('/quiet')];
    expect(first.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.text).toBe(first.headers['x-request-id']);
    expect(second.text).not.toBe(first.text);
  });

  it('ties what a request says to its id, method and path, without the query', async () => {
    const { app, lines } = siteWithLog(level);
    const { text: id } = await request(app).get('/loud?q=Dupont');
    const said = lines.filter(({ msg }) => msg === 'loud');
    expect(said.map(({ part }) => part)).toEqual([1, 2]);
    for (const line of said) expect(line['req']).toEqual({ id, method: 'GET', path: '/loud' });
  });

  it(`${level === 'debug' ? 'writes a line' : 'writes nothing'} when a request ends`, async () => {
    const { app, lines } = siteWithLog(level);
    await request(app).get('/quiet');
    expect(lines).toHaveLength(level === 'debug' ? 1 : 0);
  });
});
