/** Asks again for the password of someone who is signed in, before what a borrowed screen must not do. */
import { RuleViolation, ThrottledError } from '../../shared/errors.ts';
import { isPassword } from './password-hashing.ts';
import type { Throttle } from './throttle.ts';

export interface PasswordProof {
  /**
   * @param field the field of the form that holds the password
   * @throws RuleViolation PASSWORD_WRONG on that field; ThrottledError after five failures
   */
  require(user: { id: string; passwordHash: string | null }, password: string, field: string): Promise<void>;
}

export function createPasswordProof(throttle: Throttle): PasswordProof {
  const attempts = throttle.counter('proof', { attempts: 5, seconds: 900 });
  return {
    async require(user, password, field) {
      const wait = await attempts.take(user.id);
      if (wait > 0) throw new ThrottledError(wait);
      if (await isPassword(user.passwordHash, password)) {
        await attempts.forget(user.id);
        return;
      }
      const seconds = await attempts.fail(user.id);
      if (seconds > 0) throw new ThrottledError(seconds);
      throw new RuleViolation('PASSWORD_WRONG', 'account.errors.password_wrong', {
        fields: { [field]: 'account.errors.password_wrong' },
      });
    },
  };
}
