/** What is kept of a batch, and how long: images as long as it can be undone, rows and files twelve months, totals for ever. */
import { Prisma } from '../../db/client.ts';
import { autonomous, type ImportEnvironment } from './import-environment.ts';
import { removeStoredFile } from './stored-file.ts';

const ROWS_MONTHS = 12;
/** A batch that nobody applied says nothing after a month. */
const UNUSED_DAYS = 30;
const ROWS_PER_STATEMENT = 10_000;

/**
 * Deletes what is past its time.
 * @returns rows deleted, by table
 */
export async function purgeImports(environment: ImportEnvironment): Promise<Record<string, number>> {
  const { database, settings, dataDir } = environment;
  const writer = autonomous(database);
  const { days } = await settings.get('undo');
  const ended = Prisma.sql`COALESCE(b.cancelled_at, b.applied_at, b.read_at, b.created_at)`;
  const past = Prisma.sql`(${ended} < NOW(3) - INTERVAL ${ROWS_MONTHS} MONTH OR (b.state IN ('discarded', 'refused', 'failed') AND b.apply_started_at IS NULL AND ${ended} < NOW(3) - INTERVAL ${UNUSED_DAYS} DAY))`;
  const undone = Prisma.sql`${ended} < NOW(3) - INTERVAL ${days + 1} DAY`;

  async function empty(table: string, where: Prisma.Sql): Promise<number> {
    const batches = await database.query<{ id: string }>(
      Prisma.sql`SELECT b.id FROM import_batch b WHERE ${where} AND b.state NOT IN ('reading', 'applying', 'cancelling') AND EXISTS (SELECT 1 FROM ${Prisma.raw(table)} t WHERE t.batch_id = b.id)`,
    );
    let deleted = 0;
    for (const { id } of batches)
      for (;;) {
        const some = await writer.execute(
          Prisma.sql`DELETE FROM ${Prisma.raw(table)} WHERE batch_id = ${id} LIMIT ${ROWS_PER_STATEMENT}`,
        );
        deleted += some;
        if (some < ROWS_PER_STATEMENT) break;
      }
    return deleted;
  }

  const deleted = {
    import_before_image: await empty('import_before_image', undone),
    import_row_issue: await empty('import_row_issue', past),
    import_row: await empty('import_row', past),
    import_missing: await empty('import_missing', past),
    files: 0,
  };
  const files = await database.query<{ id: string; storedFile: string }>(
    Prisma.sql`SELECT b.id, b.stored_file AS storedFile FROM import_batch b WHERE b.stored_file IS NOT NULL AND ${past}`,
  );
  for (const { id, storedFile } of files) {
    await removeStoredFile(dataDir, storedFile);
    deleted.files += await writer.execute(Prisma.sql`UPDATE import_batch SET stored_file = NULL WHERE id = ${id}`);
  }
  return deleted;
}
