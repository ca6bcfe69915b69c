/**
 * Applies the SQL files of `prisma/migrations` and records them in `_prisma_migrations` as Prisma would: its own command
 * needs a program that a closed network cannot fetch (docs/decisions/001-migrations-without-the-prisma-engine.md).
 * Runs on the driver that Prisma's adapter uses, so that a server the product cannot talk to is found here.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as mariadb from 'mariadb';
import { Umzug } from 'umzug';
import { projectRoot } from '../project-root.ts';
import { splitStatements } from './sql-statements.ts';

/** Where the migrations stand, from the sources and from the bundle alike. */
const migrationsFolder = join(projectRoot, 'prisma', 'migrations');
/** Stands for the back-quoted name of the schema that holds the NIR. */
const NIR_TOKEN = '__NIR__';
const LOCK_PATIENCE_SECONDS = 120;

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS \`_prisma_migrations\` (
  \`id\` VARCHAR(36) NOT NULL,
  \`checksum\` VARCHAR(64) NOT NULL,
  \`finished_at\` DATETIME(3) NULL,
  \`migration_name\` VARCHAR(255) NOT NULL,
  \`logs\` TEXT NULL,
  \`rolled_back_at\` DATETIME(3) NULL,
  \`started_at\` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  \`applied_steps_count\` INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (\`id\`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;

/** A migration that cannot be applied; the message says which, why, and what to do. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

interface MigrationFile {
  name: string;
  sql: string;
  /** SHA-256 of the file, in hexadecimal. */
  checksum: string;
}

interface RecordedMigration {
  id: string;
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
  applied_steps_count: number;
}

/** Anything that runs a statement: a connection or a pool. */
export interface SqlRunner {
  query<Result>(sql: string): Promise<Result>;
}

/** Does nothing: for callers that want no messages. */
const silent = (): void => undefined;

/**
 * Brings a database up to date, creating it and its NIR schema (`<database>_nir`) where they are missing.
 * One caller at a time does the work; the others wait, then find nothing left to do.
 * @param databaseUrl `mysql://user:password@host:port/database`, of an account that may create tables
 * @param log told of each migration applied
 * @param folder where the migrations stand
 * @returns names of the migrations applied by this call
 * @throws MigrationError when a migration fails, was changed since it was applied, or is unknown to this version
 */
export async function migrate({
  databaseUrl,
  log = silent,
  folder = migrationsFolder,
}: {
  databaseUrl: string;
  log?: (message: string) => void;
  folder?: string;
}): Promise<string[]> {
  const { database, connection } = await connect(databaseUrl);
  try {
    const nirSchema = `${database}_nir`;
    await ensureDatabase(connection, database);
    await ensureDatabase(connection, nirSchema);
    await connection.query(`USE ${quoted(database)}`);
    return await withLock(connection, database, () =>
      applyAll(connection, readMigrations(folder), quoted(nirSchema), log),
    );
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

/** Folders of migrations, in the order of their stamps. */
function migrationNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'migration.sql')))
    .sort();
}

function readMigrations(folder: string): MigrationFile[] {
  return migrationNames(folder).map((name) => {
    const bytes = readFileSync(join(folder, name, 'migration.sql'));
    return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
  });
}

async function connect(databaseUrl: string): Promise<{ database: string; connection: mariadb.Connection }> {
  const address = new URL(databaseUrl);
  const connection = await mariadb.createConnection({
    host: address.hostname,
    port: address.port === '' ? 3306 : Number(address.port),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    timezone: 'Z',
    collation: 'utf8mb4_unicode_ci',
    connectTimeout: 10_000,
    ...(address.searchParams.has('ssl') ? { ssl: true } : {}),
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

function recordedMigrations(runner: SqlRunner): Promise<RecordedMigration[]> {
  return runner.query<RecordedMigration[]>(
    'SELECT id, migration_name, checksum, finished_at, applied_steps_count FROM `_prisma_migrations` WHERE rolled_back_at IS NULL ORDER BY started_at',
  );
}

/** A database that was never migrated has no record of it. */
function noneIfNoTable(error: unknown): RecordedMigration[] {
  if ((error as { code?: string }).code === 'ER_NO_SUCH_TABLE') return [];
  throw error;
}

/** @throws MigrationError when what was applied is not what the files say */
function finishedNames(recorded: RecordedMigration[], files: MigrationFile[]): string[] {
  const finished = recorded.filter((row) => row.finished_at !== null);
  for (const row of finished) {
    const file = files.find(({ name }) => name === row.migration_name);
    if (!file) {
      throw new MigrationError(
        `The database holds the migration ${row.migration_name}, which this version does not know: it is older than its database.`,
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        `${row.migration_name}/migration.sql was changed after it was applied. Put the file back as it was and write a new migration.`,
      );
    }
  }
  return finished.map((row) => row.migration_name);
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

/** DDL cannot be rolled back: an attempt that failed half-way goes on after its last good statement, if the file is the same. */
async function openRecord(connection: mariadb.Connection, file: MigrationFile): Promise<{ id: string; done: number }> {
  const earlier = (await recordedMigrations(connection)).find((row) => row.migration_name === file.name);
  if (earlier && earlier.applied_steps_count > 0 && earlier.checksum !== file.checksum) {
    throw new MigrationError(
      `The migration ${file.name} failed after ${earlier.applied_steps_count} statements and was changed since. ` +
        'Restore the database as it was before it, or put the file back as it was.',
    );
  }
  if (earlier) {
    await connection.query('UPDATE `_prisma_migrations` SET checksum = ?, logs = NULL WHERE id = ?', [
      file.checksum,
      earlier.id,
    ]);
    return { id: earlier.id, done: earlier.applied_steps_count };
  }
  const id = randomUUID();
  await connection.query('INSERT INTO `_prisma_migrations` (id, checksum, migration_name) VALUES (?, ?, ?)', [
    id,
    file.checksum,
    file.name,
  ]);
  return { id, done: 0 };
}

function reason(error: unknown): string {
  const { sqlMessage, message } = error as { sqlMessage?: string; message?: string };
  return sqlMessage ?? message ?? String(error);
}

function shortened(statement: string): string {
  return statement.length > 600 ? `${statement.slice(0, 600)} …` : statement;
}
