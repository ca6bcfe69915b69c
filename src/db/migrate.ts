/**
 * Applies the SQL files of `prisma/migrations` and records them in `_prisma_migrations` as Prisma would: its own command
 * needs a program that a closed network cannot fetch (docs/decisions/001-migrations-without-the-prisma-engine.md).
 * Runs on the driver that Prisma's adapter uses, so that a server the product cannot talk to is found here.
 */
import { createHash } from 'node:crypto';
import * as mariadb from 'mariadb';
import { Umzug } from 'umzug';
import { guardJournal } from './journal-guard.ts';
import { migrationNames, migrationsFolder, readMigrations, type MigrationFile } from './migration-files.ts';
import {
  MIGRATIONS_TABLE,
  MigrationError,
  finishedNames,
  noneIfNoTable,
  openRecord,
  recordedMigrations,
  type SqlRunner,
} from './migration-record.ts';
import { splitStatements } from './sql-statements.ts';

export { MigrationError };

/** Stands for the back-quoted name of the schema that holds the NIR. */
const NIR_TOKEN = '__NIR__';
const LOCK_PATIENCE_SECONDS = 120;

const UNGUARDED =
  'This account may not create triggers: the database itself does not keep the journal from being changed. With a binary log, set ' +
  'log_bin_trust_function_creators = ON, or run this once as an account with SUPER.';

/** Does nothing: for callers that want no messages. */
const silent = (): void => undefined;

/**
 * Brings a database up to date, creating it and its NIR schema (`<database>_nir`) where they are missing.
 * One caller at a time does the work; the others wait, then find nothing left to do.
 * @param databaseUrl `mysql://user:password@host:port/database`, of an account that may create tables
 * @param log told of each migration applied
 * @param warn told of what the account may not do, and the product can do without
 * @param folder where the migrations stand
 * @returns names of the migrations applied by this call
 * @throws MigrationError when the server cannot be reached, or a migration fails, was changed since it was applied, or is unknown to this version
 */
export async function migrate({
  databaseUrl,
  log = silent,
  warn = silent,
  folder = migrationsFolder,
}: {
  databaseUrl: string;
  log?: (message: string) => void;
  warn?: (message: string) => void;
  folder?: string;
}): Promise<string[]> {
  const { database, connection } = await connect(databaseUrl);
  try {
    const nirSchema = `${database}_nir`;
    await ensureDatabase(connection, database);
    await ensureDatabase(connection, nirSchema);
    await connection.query(`USE ${quoted(database)}`);
    return await withLock(connection, database, async () => {
      const applied = await applyAll(connection, readMigrations(folder), quoted(nirSchema), log);
      if (!(await guardJournal(connection))) warn(UNGUARDED);
      return applied;
    });
  } finally {
    await connection.end();
  }
}

/**
 * Names of the migrations of this version that a database has not finished, oldest first: what `/readyz` reports.
 * @throws when the database cannot be reached
 */
export async function pendingMigrations(runner: SqlRunner): Promise<string[]> {
  const recorded = await recordedMigrations(runner).catch(noneIfNoTable);
  const finished = new Set(recorded.filter((row) => row.finished_at !== null).map((row) => row.migration_name));
  return migrationNames(migrationsFolder).filter((name) => !finished.has(name));
}

/**
 * Whether a database holds exactly the migrations of this version, contents included.
 * @throws when the database cannot be reached
 */
export async function isUpToDate(runner: SqlRunner): Promise<boolean> {
  const applied = (await recordedMigrations(runner).catch(noneIfNoTable))
    .filter((row) => row.finished_at !== null)
    .map((row) => `${row.migration_name} ${row.checksum}`);
  const wanted = readMigrations(migrationsFolder).map(({ name, checksum }) => `${name} ${checksum}`);
  return applied.sort().join('\n') === wanted.join('\n');
}

async function connect(databaseUrl: string): Promise<{ database: string; connection: mariadb.Connection }> {
  const address = new URL(databaseUrl);
  const port = address.port === '' ? 3306 : Number(address.port);
  const opening = mariadb.createConnection({
    host: address.hostname,
    port,
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    timezone: 'Z',
    collation: 'utf8mb4_unicode_ci',
    connectTimeout: 10_000,
    ...(address.searchParams.has('ssl') ? { ssl: true } : {}),
  });
  const connection = await opening.catch((error: unknown) => {
    throw new MigrationError(`The database server ${address.hostname}:${port} refuses to talk: ${reason(error)}`, {
      cause: error,
    });
  });
  return { database: decodeURIComponent(address.pathname.slice(1)), connection };
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** CREATE DATABASE asks for a right that an account limited to existing schemas need not have: looked for first. */
async function ensureDatabase(connection: mariadb.Connection, name: string): Promise<void> {
  const found = await connection.query<unknown[]>('SELECT 1 FROM information_schema.schemata WHERE schema_name = ?', [
    name,
  ]);
  if (found.length > 0) return;
  try {
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS ${quoted(name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    );
  } catch (error) {
    throw new MigrationError(
      `The database ${name} does not exist and this account may not create it: ${reason(error)}\n` +
        `As an administrator: CREATE DATABASE ${quoted(name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; ` +
        `then GRANT ALL PRIVILEGES ON ${quoted(name)}.* to this account.`,
      { cause: error },
    );
  }
}

/** GET_LOCK belongs to the server, not to a database, and its name holds 64 characters at most. */
async function withLock<T>(connection: mariadb.Connection, database: string, work: () => Promise<T>): Promise<T> {
  const name = `crm_migrate_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
  const [row] = await connection.query<{ got: unknown }[]>('SELECT GET_LOCK(?, ?) AS got', [
    name,
    LOCK_PATIENCE_SECONDS,
  ]);
  if (Number(row?.got) !== 1)
    throw new MigrationError('Another process has been migrating this database for too long.');
  try {
    return await work();
  } finally {
    await connection.query('SELECT RELEASE_LOCK(?)', [name]);
  }
}

async function applyAll(
  connection: mariadb.Connection,
  files: MigrationFile[],
  nirSchema: string,
  log: (message: string) => void,
): Promise<string[]> {
  await connection.query(
    "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  );
  await connection.query(MIGRATIONS_TABLE);
  const umzug = new Umzug<mariadb.Connection>({
    context: connection,
    logger: undefined,
    migrations: files.map((file) => ({
      name: file.name,
      up: async () => {
        const seconds = await applyOne(connection, file, nirSchema);
        log(`${file.name} (${seconds} s)`);
      },
    })),
    storage: {
      // Written by applyOne, statement after statement.
      logMigration: () => Promise.resolve(),
      unlogMigration: () => Promise.reject(new MigrationError('Migrations are not undone: restore a backup.')),
      executed: async () => finishedNames(await recordedMigrations(connection), files),
    },
  });
  try {
    return (await umzug.up()).map(({ name }) => name);
  } catch (error) {
    // Umzug wraps what a migration throws in an error of its own that repeats its text.
    throw error instanceof Error && error.cause instanceof MigrationError ? error.cause : error;
  }
}

/** Applies a file statement by statement, going on where an earlier attempt failed. @returns duration, in seconds */
async function applyOne(connection: mariadb.Connection, file: MigrationFile, nirSchema: string): Promise<string> {
  const startedAt = Date.now();
  const statements = splitStatements(file.sql).map((statement) => statement.replaceAll(NIR_TOKEN, nirSchema));
  const { id, done } = await openRecord(connection, file);
  for (const [index, statement] of statements.entries()) {
    if (index < done) continue;
    try {
      await connection.query(statement);
    } catch (error) {
      const text = `Statement ${index + 1} of ${statements.length} of the migration ${file.name} failed: ${reason(error)}\n${shortened(statement)}`;
      await connection.query('UPDATE `_prisma_migrations` SET logs = ? WHERE id = ?', [text, id]);
      throw new MigrationError(text, { cause: error });
    }
    await connection.query('UPDATE `_prisma_migrations` SET applied_steps_count = ? WHERE id = ?', [index + 1, id]);
  }
  // Prisma counts a migration file as one step.
  await connection.query(
    'UPDATE `_prisma_migrations` SET finished_at = CURRENT_TIMESTAMP(3), logs = NULL, applied_steps_count = 1 WHERE id = ?',
    [id],
  );
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}

function reason(error: unknown): string {
  const { sqlMessage, message } = error as { sqlMessage?: string; message?: string };
  return sqlMessage ?? message ?? String(error);
}

function shortened(statement: string): string {
  return statement.length > 600 ? `${statement.slice(0, 600)} …` : statement;
}
