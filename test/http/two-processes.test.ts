/** Sites in one process, the worker in another, on one database and one folder: what people ask of the first is done by the second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createServices } from '../../src/container.ts';
import { createLogger } from '../../src/log.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useSmtpServer } from '../simulators/smtp.ts';
import { TEST_PASSWORD, testEnvironment } from '../support/app.ts';
import { aDataFolder, startServer, Visitor, type ServerProcess } from '../support/server-process.ts';
import { inventedNir, studentCsv, validRows, versionIn } from '../support/student-file.ts';
import { useTestDatabase } from '../support/test-database.ts';

const database = useTestDatabase();
const smtp = useSmtpServer();
const dataDir = aDataFolder();
const studentFile = join(dataDir, 'referentiel.csv');
const ROWS = 4_000;

const PEOPLE = { scolarite: 'scolarite@acme.example', informatique: 'informatique@acme.example' };

async function createAccounts(): Promise<void> {
  const services = createServices(readConfig(testEnvironment(database.url, dataDir)), { log: createLogger('silent') });
  await services.accounts.ensureBuiltInRoles();
  for (const [role, email] of Object.entries(PEOPLE))
    await services.accounts.createUser(systemActor('test', 'cli'), {
      email,
      name: `Personne ${role}`,
      roleKeys: [role],
      password: TEST_PASSWORD,
    });
  await services.close();
}

const start = (sites: string): Promise<ServerProcess> =>
  startServer({
    databaseUrl: database.url,
    dataDir,
    environment: { CRM_SITES: sites, PORTAL_PORT: '0', SMTP_URL: smtp.url(), STUDENT_FILE: studentFile },
  });

async function signedIn(server: ServerProcess, email: string): Promise<Visitor> {
  const visitor = new Visitor(server.url);
  await visitor.signIn(email, TEST_PASSWORD);
  return visitor;
}

async function one<Value>(sql: string, values: unknown[] = []): Promise<Value | undefined> {
  return (await database.query<{ value: Value }>(sql, values))[0]?.value;
}
const stateOf = (id: string) => one<string>('SELECT state AS value FROM import_batch WHERE id = ?', [id]);
const runs = (job: string) =>
  database.query<{ result: string }>(
    'SELECT result FROM job_run WHERE job = ? AND started_at > NOW(3) - INTERVAL 1 HOUR',
    [job],
  );
const eventually = { timeout: 60_000, interval: 100 };

describe('a site and a worker in two processes', { timeout: 180_000 }, () => {
  it('share the work: the site takes it and shows how far it is, the worker does it', async () => {
    await createAccounts();
    writeFileSync(studentFile, studentCsv([{ name: 'DUJOUR Anne', nir: inventedNir(9_001) }]));
    // The import of the day was due within the last day, and nobody did it.
    await database.query(
      "INSERT INTO job_run (id, site, job, `trigger`, result, started_at) VALUES ('019aa000-0000-7000-8000-000000000001', 'srvcrm1', 'import-students', 'schedule', 'done', NOW(3) - INTERVAL 24 HOUR)",
    );
    const site = await start('admin,portal');
    const scolarite = await signedIn(site, PEOPLE.scolarite);
    const informatique = await signedIn(site, PEOPLE.informatique);

    const sent = await scolarite.sendFile(
      '/imports',
      { source: 'students' },
      'fichier',
      new Uint8Array(studentCsv(validRows(ROWS))),
    );
    expect(sent.status).toBe(303);
    const batch = sent.headers.get('location') ?? '';
    const id = batch.split('/').at(-1) ?? '';
    expect((await informatique.post('/traitements/cleanup/lancement', {})).status).toBe(303);
    const forgetful = new Visitor(site.url);
    await forgetful.post('/mot-de-passe-oublie', { email: PEOPLE.scolarite }, '/mot-de-passe-oublie');
    // Longer than a worker would wait: nobody does any of it here.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await stateOf(id)).toBe('reading');
    expect(await runs('import-students')).toEqual([]);
    expect(await runs('cleanup')).toEqual([{ result: 'requested' }]);
    expect(await one('SELECT state AS value FROM outbox_message')).toBe('pending');

    const worker = await start('worker');
    await expect.poll(() => stateOf(id), eventually).toBe('ready');
    await expect.poll(() => runs('import-students'), eventually).toEqual([{ result: 'done' }]);
    expect(Number(await one("SELECT COUNT(*) AS value FROM student WHERE last_name = 'DUJOUR'"))).toBe(1);
    const { text: page } = await scolarite.ask(batch);
    await scolarite.post(`${batch}/confirmation`, { version: versionIn(page) }, batch);
    const { text: told } = await scolarite.ask(`${batch}/progress`);
    const end = `event: end\ndata: ${JSON.stringify({ href: batch })}`;
    expect(told).toContain(end);
    const steps = [...told.matchAll(/^event: progress\ndata: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '{}') as { done: number; total: number },
    );
    expect(steps.at(-1)).toMatchObject({ total: ROWS });
    expect(await stateOf(id)).toBe('applied');
    expect(await one<string>('SELECT totals AS value FROM import_batch WHERE id = ?', [id])).toContain(
      `"created":${ROWS}`,
    );

    await expect
      .poll(() => smtp.received.map(({ to }) => to && 'text' in to && to.text), eventually)
      .toEqual([PEOPLE.scolarite]);
    await expect.poll(() => runs('cleanup'), eventually).toEqual([{ result: 'done' }]);
    // The job of the day ran once, whoever looks at the clock.
    expect(await runs('import-students')).toHaveLength(1);

    for (const process of [worker, site]) {
      process.child.kill('SIGTERM');
      expect(await process.ended).toBe(0);
      expect(process.errors()).toBe('');
      expect(process.logs.filter(({ level }) => level >= 50)).toEqual([]);
    }
  });
});
