/**
 * What a password must be: 12 characters of the four kinds, or 14 of any, never a common one nor the person's own name.
 * @see CNIL, délibération 2022-100: 80 bits for a password that stands alone
 */

const COMMON = [
  'password',
  'motdepasse',
  'azerty',
  'qwerty',
  'bonjour',
  'soleil',
  'doudou',
  'loulou',
  'marseille',
  'jetaime',
  'chouchou',
  'princesse',
  'letmein',
  'welcome',
  'bienvenue',
  'admin',
  'administrateur',
  'secret',
  'iloveyou',
  'dragon',
  'football',
  'monkey',
  'acmeschool',
  'changeme',
  'abcdef',
  '123456',
  '000000',
  '111111',
];

/** i18n key of what is wrong, or null. `personal` holds words the password must not be built on (name, mailbox). */
export function passwordProblem(password: string, personal: readonly string[] = []): string | null {
  if (password.length > 200) return 'errors.password.tooLong';
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length < 12 || (password.length < 14 && kinds < 4)) return 'errors.password.tooShort';
  if (new Set(password).size < 6) return 'errors.password.tooSimple';
  const bare = password.toLowerCase().replace(/[^a-z0-9]/g, '');
  const core = bare.replace(/\d+$/, '').replace(/^\d+/, '');
  if (COMMON.some((word) => core === word || (bare.includes(word) && bare.length - word.length < 6)))
    return 'errors.password.common';
  const words = personal.flatMap((text) => text.toLowerCase().split(/[^a-z0-9]+/)).filter((word) => word.length >= 4);
  if (words.some((word) => bare.includes(word) && bare.length - word.length < 8)) return 'errors.password.personal';
  return null;
}
