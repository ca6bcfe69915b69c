/** Someone must always be able to manage accounts: whoever loses the last one would need the command line. */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { countAdministrators } from './user-queries.ts';

/**
 * Does the work, then refuses it if nobody who can sign in holds users.manage any more where somebody did. Two such works
 * wait for each other: each alone might leave the other's administrator, both together none.
 * @throws RuleViolation LAST_ADMINISTRATOR, which rolls the transaction back
 */
export async function keepingAnAdministrator<Result>(
  tx: Transaction,
  work: () => Promise<Result>,
  field?: string,
): Promise<Result> {
  await tx.query(Prisma.sql`SELECT role_id FROM role_grant WHERE permission = 'users.manage' FOR UPDATE`);
  const before = await countAdministrators(tx);
  const result = await work();
  if (before > 0 && (await countAdministrators(tx)) === 0)
    throw new RuleViolation('LAST_ADMINISTRATOR', 'users.errors.last_administrator', {
      ...(field ? { fields: { [field]: 'users.errors.last_administrator' } } : {}),
    });
  return result;
}
