/** What a database remembers of its migrations: the table `_prisma_migrations`, as Prisma keeps it. */
import { randomUUID } from 'node:crypto';
import type { Connection } from 'mariadb';
import type { MigrationFile } from './migration-files.ts';

export const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS \`_prisma_migrations\` (
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

export interface RecordedMigration {
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

export function recordedMigrations(runner: SqlRunner): Promise<RecordedMigration[]> {
  return runner.query<RecordedMigration[]>(
    'SELECT id, migration_name, checksum, finished_at, applied_steps_count FROM `_prisma_migrations` WHERE rolled_back_at IS NULL ORDER BY started_at',
  );
}

/** A database that was never migrated has no record of it. */
export function noneIfNoTable(error: unknown): RecordedMigration[] {
  if ((error as { code?: string }).code === 'ER_NO_SUCH_TABLE') return [];
  throw error;
}

/** @throws MigrationError when what was applied is not what the files say */
export function finishedNames(recorded: RecordedMigration[], files: MigrationFile[]): string[] {
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

/** DDL cannot be rolled back: an attempt that failed half-way goes on after its last good statement, if the file is the same. */
export async function openRecord(connection: Connection, file: MigrationFile): Promise<{ id: string; done: number }> {
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
