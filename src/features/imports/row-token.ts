/**
 * The `Jeton` of a report: stands for the row it was written from, so that a corrected report can come back without ever holding a
 * NIR. Sixteen bytes of batch, four of row, twelve of HMAC, in base64url.
 * @see import rules §7
 */
import { timingSafeEqual } from 'node:crypto';
import { Prisma, type Reader } from '../../db/client.ts';
import { isId } from '../../shared/ids.ts';
import { groupBy } from '../../shared/grouping.ts';
import type { NirVault } from '../students/index.ts';
import { openCells } from './row-store.ts';

/** The row of a batch that a token stands for. */
export interface TokenTarget {
  readonly batchId: string;
  readonly row: number;
}

const TARGET_BYTES = 20;
const SEAL_BYTES = 12;

function sealOf(vault: NirVault, target: Buffer): Buffer {
  return vault.indexOf(`import-row-token:${target.toString('hex')}`).subarray(0, SEAL_BYTES);
}

/** Makes the token of a row. */
export function tokenOf(vault: NirVault, { batchId, row }: TokenTarget): string {
  const target = Buffer.alloc(TARGET_BYTES);
  target.write(batchId.replaceAll('-', ''), 0, 'hex');
  target.writeUInt32BE(row, 16);
  return Buffer.concat([target, sealOf(vault, target)]).toString('base64url');
}

/** The row a token stands for; null when it is none of ours. */
function readToken(vault: NirVault, token: string): TokenTarget | null {
  const bytes = Buffer.from(token.trim(), 'base64url');
  if (bytes.length !== TARGET_BYTES + SEAL_BYTES) return null;
  const target = bytes.subarray(0, TARGET_BYTES);
  if (!timingSafeEqual(bytes.subarray(TARGET_BYTES), sealOf(vault, target))) return null;
  const batchId = target.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(batchId) ? { batchId, row: target.readUInt32BE(16) } : null;
}

/** What the NIR cell of the rows behind some tokens holds: token → cell as read. Tokens that stand for nothing any more are left out. */
export async function resolveTokens(
  reader: Reader,
  vault: NirVault,
  tokens: readonly string[],
): Promise<Map<string, string>> {
  const targets = [...new Set(tokens)].flatMap((token) => {
    const target = readToken(vault, token);
    return target ? [{ token, ...target }] : [];
  });
  const resolved = new Map<string, string>();
  for (const [batchId, some] of groupBy(targets, (target) => target.batchId)) {
    const rows = await reader.query<{ row: number; raw: Uint8Array | null }>(
      Prisma.sql`SELECT \`row_number\` AS \`row\`, raw FROM import_row WHERE batch_id = ${batchId} AND \`row_number\` IN (${Prisma.join(some.map(({ row }) => row))})`,
    );
    const rawOf = new Map(rows.map(({ row, raw }) => [Number(row), raw]));
    for (const { token, row } of some) {
      const raw = rawOf.get(row);
      const nir = raw ? openCells(vault, batchId, row, raw)['nir'] : undefined;
      if (typeof nir === 'string') resolved.set(token, nir);
    }
  }
  return resolved;
}
