/** A disk that fills up while files are received and imported: what is begun fails cleanly, and goes on once there is room. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyChains } from '../../src/features/audit/index.ts';
import { textOf } from '../support/answers.ts';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { anAccount } from '../support/door.ts';
import { aDataFolder, startServer, Visitor } from '../support/server-process.ts';
import { confirm, dryRun, studentCsv, upload, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

describe('no room for the files of the server', () => {
  const dataDir = aDataFolder();
  const filesIn = (folder: string): string[] => readdirSync(join(dataDir, folder));

  /** No file that the process writes may pass this size: the kernel refuses the rest as it does for a disk without room. */
  function leaveRoom(pid: number | undefined, bytes: number | 'unlimited'): void {
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  }

  it('refuses an upload with a sentence, leaves no part of it, and takes it once there is room', async () => {
    const { email } = await anAccount(app, 'scolarite');
    const server = await startServer({ databaseUrl: app.database.url, dataDir, environment: { CRM_SITES: 'admin' } });
    const visitor = new Visitor(server.url);
    await visitor.signIn(email, TEST_PASSWORD);
    const file = studentCsv([...validRows(2), { address: 'x'.repeat(2_000_000) }]);
    const send = () => visitor.sendFile('/imports', { source: 'students' }, 'fichier', new Uint8Array(file));

    leaveRoom(server.child.pid, 1_048_576);
    const refused = await send();
    expect(refused.status).toBe(507);
    expect(textOf(refused.text)).toContain('Le disque du serveur est plein');
    expect(filesIn('uploads')).toEqual([]);
    expect(await app.database.query('SELECT id FROM import_batch')).toEqual([]);

    // Received, but its sealed copy, a little longer, does not fit.
    leaveRoom(server.child.pid, file.length + 4);
    const received = await send();
    expect(received.status).toBe(303);
    const failed = await visitor.ask(received.headers.get('location') ?? '');
    expect(textOf(failed.text)).toContain('L’import s’est arrêté');
    expect(textOf(failed.text)).toContain('le disque du serveur est plein');
    expect([...filesIn('uploads'), ...filesIn('imports')]).toEqual([]);

    leaveRoom(server.child.pid, 'unlimited');
    expect((await send()).status).toBe(303);
    expect(filesIn('imports')).toHaveLength(1);
    expect(await app.database.query('SELECT state FROM import_batch ORDER BY id')).toEqual([
      { state: 'failed' },
      { state: 'reading' },
    ]);
    expect(server.logs.filter(({ level }) => level >= 50).map(({ err }) => err?.['code' as never])).toEqual([
      'EFBIG',
      'EFBIG',
    ]);
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});

describe('no room for the database', () => {
  const FULL = "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table ''student'' is full'";

  /** The database says that a table is full once it has so many rows, as it does when its disk is. */
  async function fillAt(table: 'student' | 'import_row', rows: number): Promise<void> {
    await makeRoom();
    await app.database.query(
      `CREATE TRIGGER full_disk BEFORE INSERT ON ${table} FOR EACH ROW IF (SELECT COUNT(*) FROM ${table}) >= ${rows} THEN ${FULL}; END IF`,
    );
  }
  const makeRoom = () => app.database.query('DROP TRIGGER IF EXISTS full_disk');
  afterAll(makeRoom);
  const countOf = async (table: string): Promise<number> =>
    Number((await app.database.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

  it('fails a reading, and nothing of it stays', async () => {
    const who = await app.signInAs('scolarite');
    app.logs.expectError(/import not read/);
    await fillAt('import_row', 0);
    const batch = await dryRun(app, who, studentCsv(validRows(20)));
    expect(batch.state).toBe('failed');
    const page = textOf((await who.agent.get(batch.url)).text);
    expect(page).toContain('Un incident a interrompu la lecture');
    expect(page).toContain('le disque du serveur est plein');
    expect([await countOf('import_row'), await countOf('import_row_issue'), await countOf('student')]).toEqual([
      0, 0, 0,
    ]);
    await makeRoom();
    expect((await dryRun(app, who, studentCsv(validRows(20)))).state).toBe('ready');
  });

  it('fails a batch while it is written, each part whole or not at all, and lets it go on', async () => {
    const who = await app.signInAs('scolarite');
    app.logs.expectError(/import stopped/);
    const batch = await dryRun(app, who, studentCsv(validRows(1_200)));
    await fillAt('student', 1_000);
    expect(await confirm(app, who, batch)).toBe('failed');
    const page = await who.agent.get(batch.url);
    expect(textOf(page.text)).toContain('Un incident a interrompu l’écriture');
    expect(textOf(page.text)).toContain('le disque du serveur est plein');
    expect(await countOf('student')).toBe(1_000);
    expect(await countOf('student_import_base')).toBe(1_000);
    expect(await app.database.query('SELECT rows_done AS done FROM import_batch')).toEqual([{ done: 1_000 }]);
    expect((await verifyChains(app.services.database, app.config.keys.field)).broken).toBeNull();

    await makeRoom();
    expect(await confirm(app, who, batch)).toBe('applied');
    expect(await countOf('student')).toBe(1_200);
    expect((await verifyChains(app.services.database, app.config.keys.field)).broken).toBeNull();
  });

  it('refuses what someone types with a sentence', async () => {
    const who = await app.signInAs('scolarite');
    await aStudent(app.services);
    await fillAt('student', 1);
    app.logs.expectError(/request failed/);
    const form = { lastName: 'ABRIAL', firstName: 'Adèle', status: 'prospect' };
    const refused = await who.post('/etudiants/nouveau', form);
    expect(refused.status).toBe(507);
    expect(textOf(refused.text)).toContain('Le disque du serveur est plein');
    expect((await upload(who, studentCsv(validRows(1)))).status).toBe(303);
    await makeRoom();
    expect((await who.post('/etudiants/nouveau', form)).status).toBe(303);
  });
});
