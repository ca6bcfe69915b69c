/** SIGTERM: what was begun is finished, and what is left is for the next start. */
import * as mariadb from 'mariadb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { anAccount } from '../support/door.ts';
import { aDataFolder, startServer, Visitor, type ServerProcess } from '../support/server-process.ts';
import { dryRun, studentCsv, validRows, versionIn, workByHand } from '../support/student-file.ts';
import { connectionOptions } from '../support/test-server.ts';

const app = useTestApp();
workByHand(app);
const dataDir = aDataFolder();

const start = () => startServer({ databaseUrl: app.database.url, dataDir });

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 150));
};

/** Holds rows so that whoever writes them waits. @returns what lets go */
async function hold(sql: string, values: unknown[]): Promise<() => Promise<void>> {
  const { options, database } = connectionOptions(app.database.url);
  const connection = await mariadb.createConnection({ ...options, database });
  await connection.beginTransaction();
  await connection.query(sql, values);
  const letGo = () => connection.end();
  onTestFinished(letGo);
  return letGo;
}

/** Asked seldom: InnoDB tells its transactions as they stood at a look less than a tenth of a second before. */
const someoneWaits = (): Promise<boolean> =>
  app.database
    .query<{ n: number }>(
      "SELECT COUNT(*) AS n FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()",
    )
    .then(([row]) => Number(row?.n) > 0);

async function askToStop(server: ServerProcess): Promise<void> {
  server.child.kill('SIGTERM');
  await until(() => server.logs.some(({ msg }) => msg === 'stopping'));
}

describe('a server asked to stop', () => {
  it('answers the request under way, takes no other, ends what stays open, and leaves with 0', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const { id } = await aStudent(app.services, { city: 'Brest' });
    const server = await start();
    const visitor = new Visitor(server.url);
    await visitor.signIn(email, TEST_PASSWORD);
    const batch = await dryRun(app, await app.signInAs('scolarite'), studentCsv(validRows(3)));
    await app.database.query("UPDATE import_batch SET state = 'cancelling', source = 'grades' WHERE id = ?", [
      batch.id,
    ]);
    const watching = visitor.ask(`${batch.url}/progress`);

    const letGo = await hold('SELECT id FROM student WHERE id = ? FOR UPDATE', [id]);
    const saving = visitor.post(`/etudiants/${id}/modifier/coordonnees`, { version: '1', city: 'Nantes' });
    await until(someoneWaits);
    await askToStop(server);
    expect((await watching).status).toBe(200);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    await letGo();
    expect((await saving).status).toBe(303);
    expect(await server.ended).toBe(0);
    expect(await app.database.query('SELECT city, version FROM student WHERE id = ?', [id])).toEqual([
      { city: 'Nantes', version: 2 },
    ]);
    expect(server.logs.filter(({ level }) => level >= 40)).toEqual([]);
    expect(server.errors()).toBe('');
  });

  it('finishes the part of an import under way; the next start does the rest', async () => {
    await aStudent(app.services);
    const who = await app.signInAs('scolarite');
    const batch = await dryRun(app, who, studentCsv(validRows(1_200)));
    const page = await who.agent.get(batch.url);
    await who.post(`${batch.url}/confirmation`, { version: versionIn(page.text) });
    const stateOf = () =>
      app.database.query('SELECT state, rows_done AS done FROM import_batch WHERE id = ?', [batch.id]);
    const peopleOf = () => app.database.query("SELECT COUNT(*) AS n FROM student WHERE origin = 'import'");

    const letGo = await hold('SELECT year FROM student_number_sequence FOR UPDATE', []);
    const server = await start();
    await until(someoneWaits);
    await askToStop(server);
    await letGo();
    expect(await server.ended).toBe(0);
    expect(await stateOf()).toEqual([{ state: 'applying', done: 1_000 }]);
    expect(await peopleOf()).toEqual([{ n: 1_000 }]);
    expect(await app.database.query('SELECT job FROM job_lease')).toEqual([]);
    expect(server.logs.filter(({ level }) => level >= 40)).toEqual([]);

    const next = await start();
    await until(async () => JSON.stringify(await stateOf()).includes('applied'));
    expect(await stateOf()).toEqual([{ state: 'applied', done: 1_200 }]);
    expect(await peopleOf()).toEqual([{ n: 1_200 }]);
    next.child.kill('SIGTERM');
    expect(await next.ended).toBe(0);
  });
});
