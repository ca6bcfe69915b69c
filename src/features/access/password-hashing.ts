/** Passwords at rest: argon2id with the parameters that OWASP gives for 19 MiB. */
import { hash, verify } from '@node-rs/argon2';
import { passwordProblem } from '../../shared/passwords.ts';
import { RuleViolation } from '../../shared/errors.ts';

const OPTIONS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Keyboards of different systems write one accent in different ways: the password is the same. */
const canonical = (password: string): string => password.normalize('NFKC');

/** @returns a PHC string with its own salt */
export function hashPassword(password: string): Promise<string> {
  return hash(canonical(password), OPTIONS);
}

let decoy: Promise<string> | undefined;

/**
 * True when the password is the one that was hashed. Without a hash the answer is no, and takes as long: how long an
 * answer takes must not tell whether an account exists.
 */
export async function isPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password');
  const right = await verify(passwordHash ?? (await decoy), canonical(password));
  return right && Boolean(passwordHash);
}

/** @throws RuleViolation PASSWORD_WEAK, on the field named */
export function refuseWeakPassword(password: string, owner: { name: string; email: string }, field = 'password'): void {
  const problem = passwordProblem(password, [owner.name, owner.email]);
  if (problem) throw new RuleViolation('PASSWORD_WEAK', problem, { fields: { [field]: problem } });
}
