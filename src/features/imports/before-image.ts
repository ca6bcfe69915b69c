/** What records were before a batch changed them, encrypted: the batch stays reversible. */
import { insertRows } from '../../db/bulk-insert.ts';
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { NirVault } from '../students/index.ts';

const purpose = (batchId: string, row: number): string => `import-image:${batchId}:${row}`;

/** Keeps the images of rows; the first image of a row is the one that counts. */
export async function storeImages(
  tx: Transaction,
  vault: NirVault,
  batchId: string,
  images: readonly { readonly row: number; readonly image: unknown }[],
): Promise<void> {
  if (images.length === 0) return;
  await tx.execute(
    insertRows(
      'import_before_image',
      ['batch_id', 'row_number', 'image'],
      images.map(({ row, image }) => [batchId, row, vault.seal(JSON.stringify(image), purpose(batchId, row))]),
    ),
  );
}

/** Images of rows, by row number. */
export async function loadImages<Image>(
  reader: Reader,
  vault: NirVault,
  batchId: string,
  rows: readonly number[],
): Promise<Map<number, Image>> {
  if (rows.length === 0) return new Map();
  const found = await reader.query<{ rowNumber: number; image: Uint8Array }>(
    Prisma.sql`SELECT \`row_number\` AS rowNumber, image FROM import_before_image WHERE batch_id = ${batchId} AND \`row_number\` IN (${Prisma.join([...rows])})`,
  );
  return new Map(
    found.map(({ rowNumber, image }) => [
      rowNumber,
      JSON.parse(vault.open(image, purpose(batchId, rowNumber)).toString('utf8')) as Image,
    ]),
  );
}
