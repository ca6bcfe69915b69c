/** The database itself keeps the journal as it was written. */
import * as mariadb from 'mariadb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardJournal, JOURNAL_PURGE } from '../../src/db/journal-guard.ts';
import { useTestApp } from '../support/app.ts';
import { connectionOptions } from '../support/test-server.ts';

const app = useTestApp();

const events = async (): Promise<number> =>
  Number((await app.database.query<{ total: number }>('SELECT COUNT(*) AS total FROM audit_event'))[0]?.total);

/** Opens a connection of its own, as this account or another. */
async function connect(account: { user?: string; password?: string } = {}): Promise<mariadb.Connection> {
  const { options, database } = connectionOptions(app.database.url);
  return mariadb.createConnection({ ...options, database, ...account });
}

describe('an event of the journal', () => {
  beforeEach(async () => {
    await app.signInAs('scolarite');
    expect(await events()).toBeGreaterThan(0);
  });

  it.each([
    "UPDATE audit_event SET action = 'student.created'",
    'DELETE FROM audit_event',
    "INSERT INTO audit_event SELECT * FROM audit_event ON DUPLICATE KEY UPDATE action = 'student.created'",
    'REPLACE INTO audit_event SELECT * FROM audit_event',
  ])('is not touched by the account of the product: %s', async (sql) => {
    const before = await events();
    await expect(app.services.database.pool.query(sql)).rejects.toThrow('The journal is append-only');
    expect(await events()).toBe(before);
    expect((await app.services.verifyJournal()).broken).toBeNull();
  });

  it('is deleted once its time has come, by who says so, and changed by nobody', async () => {
    const connection = await connect();
    try {
      await connection.query(`SET ${JOURNAL_PURGE} = 1`);
      await expect(connection.query("UPDATE audit_event SET ip = '192.0.2.1'")).rejects.toThrow('append-only');
      await connection.query('DELETE FROM audit_event');
      expect(await events()).toBe(0);
    } finally {
      await connection.end();
    }
  });

  it('goes on being added', async () => {
    const before = await events();
    await app.signInAs('dpo');
    expect(await events()).toBeGreaterThan(before);
  });
});

describe('another account of the database', () => {
  const account = { user: `crm_guard_${process.env['VITEST_POOL_ID'] ?? '1'}`, password: 'Phare-de-Gatteville-75' };
  const dropUser = () => app.database.query(`DROP USER IF EXISTS '${account.user}'@'%'`);

  beforeEach(async () => {
    await dropUser();
    const { database } = connectionOptions(app.database.url);
    await app.database.query(`CREATE USER '${account.user}'@'%' IDENTIFIED BY '${account.password}'`);
    await app.database.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON \`${database}\`.* TO '${account.user}'@'%'`);
  });
  afterEach(async () => {
    await dropUser();
    await guardJournal(app.services.database.pool);
  });

  it('deletes nothing, whatever it says', async () => {
    await app.signInAs('scolarite');
    const connection = await connect(account);
    try {
      await connection.query(`SET ${JOURNAL_PURGE} = 1`);
      await expect(connection.query('DELETE FROM audit_event')).rejects.toThrow('append-only');
    } finally {
      await connection.end();
    }
  });

  it('that may not create triggers leaves the journal as it is, and says so', async () => {
    await app.database.query('DROP TRIGGER audit_event_kept');
    const connection = await connect(account);
    try {
      expect(await guardJournal(connection)).toBe(false);
    } finally {
      await connection.end();
    }
    expect(await guardJournal(app.services.database.pool)).toBe(true);
    await app.signInAs('scolarite');
    await expect(app.services.database.pool.query('DELETE FROM audit_event')).rejects.toThrow('append-only');
  });
});
