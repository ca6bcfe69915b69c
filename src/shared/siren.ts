/** La Poste: its sites have SIRET numbers whose digits add up to a multiple of five instead of passing Luhn. */
const LA_POSTE = '356000000';

/** Digits of a SIREN or SIRET as typed: spaces, dots and dashes dropped. */
export function companyDigits(raw: string): string {
  return raw.replace(/[\s.\p{Pd}]/gu, '');
}

/**
 * Whether nine digits are a well-formed SIREN (Luhn). That a company bears it is for the register to say.
 * @see domain §2
 */
export function isSiren(raw: string): boolean {
  const digits = companyDigits(raw);
  return /^\d{9}$/.test(digits) && digits !== '000000000' && passesLuhn(digits);
}

/**
 * Whether fourteen digits are a well-formed SIRET: Luhn over all of them, or La Poste's own rule.
 * @see domain §2
 */
export function isSiret(raw: string): boolean {
  const digits = companyDigits(raw);
  if (!/^\d{14}$/.test(digits) || !isSiren(digits.slice(0, 9))) return false;
  return passesLuhn(digits) || (digits.startsWith(LA_POSTE) && digitSum(digits) % 5 === 0);
}

/** The SIREN (company) of a well-formed SIRET (site). */
export function sirenOfSiret(siret: string): string {
  return companyDigits(siret).slice(0, 9);
}

/** `130025265` → `130 025 265`; `13002526500013` → `130 025 265 00013`. */
export function formatSiren(raw: string): string {
  const digits = companyDigits(raw);
  return [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 9), digits.slice(9)]
    .filter((part) => part !== '')
    .join(' ');
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - place));
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function digitSum(digits: string): number {
  return [...digits].reduce((sum, digit) => sum + Number(digit), 0);
}
