/** Shows a social-security number, once: a right of its own, a reason, a limit, and a line in the journal before anything is shown. */
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { ForbiddenError, NotFoundError, ThrottledError } from '../../shared/errors.ts';
import type { Counter, Limit } from '../access/index.ts';
import type { AuditService } from '../audit/index.ts';
import type { NirVault } from './nir-vault.ts';
import { findStudent } from './student-record-queries.ts';
import { recordRights } from './student-rights.ts';

/** Numbers one member of staff may see in an hour: a declaration needs one, a curious person many. */
export const REVEAL_LIMIT: Limit = { attempts: 20, seconds: 3_600 };

export type NirRevealService = ReturnType<typeof createNirRevealService>;

export function createNirRevealService({
  database,
  audit,
  vault,
  counter,
}: {
  database: Database;
  audit: AuditService;
  vault: NirVault | null;
  counter: Counter;
}) {
  return {
    /**
     * The full number of a person. The journal keeps who asked and why, never the number.
     * @param reason a code of the list, or words; `precision` what the code leaves open
     * @throws NotFoundError when the person is out of sight or has no number; ForbiddenError without the right on them
     * @throws ThrottledError beyond the limit
     */
    async reveal(
      actor: Actor,
      studentId: string,
      { reason, precision }: { readonly reason: string; readonly precision: string | null },
    ): Promise<string> {
      const row = await findStudent(database, actor, studentId);
      if (!row) throw new NotFoundError();
      if (!recordRights(actor, { status: row.status, isRestricted: row.restrictedAt !== null }).revealNir)
        throw new ForbiddenError();
      const wait = await counter.take(actor.id ?? actor.name);
      if (wait > 0) throw new ThrottledError(wait);
      return inTransaction(database, async (tx) => {
        const nir = vault && (await vault.read(tx, studentId));
        if (!nir) throw new NotFoundError();
        audit.record(tx, actor, {
          action: 'nir.revealed',
          subjectType: 'student',
          subjectId: studentId,
          personId: studentId,
          detail: { reason, ...(precision ? { precision } : {}) },
        });
        return nir;
      });
    },
  };
}
