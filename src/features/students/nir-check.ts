/**
 * Whoever types a number learns whether the school knows it: each one costs an attempt of the hour, given back when it ends on
 * a record, and what came out is written in the journal, without the number.
 */
import { inTransaction } from '../../db/transaction.ts';
import type { Database } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { RuleViolation, ThrottledError } from '../../shared/errors.ts';
import type { Counter, Limit } from '../access/index.ts';
import type { AuditService } from '../audit/index.ts';

/** Numbers that one member of staff may try in an hour without any of them being kept. */
export const CHECK_LIMIT: Limit = { attempts: 20, seconds: 3_600 };

/** Why a number was refused: someone's already, an erased person's, or one too many. */
export type NirRefusal = 'known' | 'erased' | 'too_many';

/** Why an attempt failed, when the number is why; null for anything else. */
export function nirRefusalOf(error: unknown): NirRefusal | null {
  if (error instanceof ThrottledError) return 'too_many';
  if (!(error instanceof RuleViolation)) return null;
  return error.code === 'NIR_KNOWN' ? 'known' : error.code === 'NIR_ERASED' ? 'erased' : null;
}

/** Members of staff whose last number is remembered. */
const MOST_REMEMBERED = 1_000;

export type NirChecks = ReturnType<typeof createNirChecks>;

export function createNirChecks({
  database,
  audit,
  counter,
}: {
  database: Database;
  audit: AuditService;
  counter: Counter;
}) {
  /** Fingerprint of the last number of each: one form asks several times for the number it holds, and learns nothing more. */
  const last = new Map<string, string>();

  function remember(account: string, index: string): void {
    last.delete(account);
    last.set(account, index);
    const [oldest] = last.keys();
    if (last.size > MOST_REMEMBERED && oldest !== undefined) last.delete(oldest);
  }

  /** @returns seconds to wait, 0 when the number may be looked for; and whether it is another one than the last time */
  async function take(actor: Actor, index: Uint8Array): Promise<{ wait: number; isNew: boolean }> {
    if (actor.type !== 'user') return { wait: 0, isNew: true };
    const account = actor.id ?? actor.name;
    const typed = Buffer.from(index).toString('hex');
    if (last.get(account) === typed) return { wait: 0, isNew: false };
    const wait = await counter.take(account);
    if (wait === 0) remember(account, typed);
    return { wait, isNew: true };
  }

  return {
    take,

    /**
     * Counts an attempt to give a number to someone.
     * @param index blind index of the number
     * @throws ThrottledError beyond the limit
     */
    async spend(actor: Actor, index: Uint8Array): Promise<void> {
      const { wait } = await take(actor, index);
      if (wait > 0) throw new ThrottledError(wait);
    },

    /** Gives the attempt back: the number is now that of a record. */
    async giveBack(actor: Actor): Promise<void> {
      if (actor.type !== 'user') return;
      const account = actor.id ?? actor.name;
      if (last.delete(account)) await counter.giveBack(account);
    },

    /**
     * Writes in the journal that someone tried a number in vain.
     * @param studentId whom it was typed for; null for someone new
     */
    async note(actor: Actor, refusal: NirRefusal, studentId: string | null): Promise<void> {
      await inTransaction(database, (tx) => {
        audit.record(tx, actor, {
          action: 'nir.refused',
          subjectType: studentId ? 'student' : 'user',
          subjectId: studentId ?? actor.id ?? actor.name,
          personId: studentId,
          detail: { nirRefusal: refusal },
        });
        return Promise.resolve();
      });
    },
  };
}
