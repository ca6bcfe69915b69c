/**
 * Student numbers: `ACyynnnnnC` = prefix of the school, two digits of the year, five of sequence (more in a year that
 * gave them all), one check digit.
 * The check digit is ISO 7064 MOD 11,10 over everything before it (letters count as their two-digit rank, A = 10 … Z = 35):
 * it catches every mistyped character and nearly every swap of two neighbours, and is always a digit.
 * @see import rules §7
 */

const SHAPE = /^([A-Z]{1,4})(\d{2})(\d{5,7})(\d)$/;

/** Five digits are shown; a year that gave them all goes on with six, then seven. */
const LAST_SEQUENCE = 9_999_999;

/**
 * Makes a student number.
 * @param prefix one to four capital letters, from the settings
 * @param year the year of creation in Europe/Paris (its last two digits are used)
 * @param sequence from 1, never given twice in a year
 * @throws RangeError when the prefix, the year or the sequence does not fit
 */
export function formatStudentNumber(prefix: string, year: number, sequence: number): string {
  if (!/^[A-Z]{1,4}$/.test(prefix)) throw new RangeError('A student number prefix is one to four capital letters');
  if (!Number.isInteger(year) || year < 2000 || year > 2099)
    throw new RangeError('The year of a student number is 2000 to 2099');
  if (!Number.isInteger(sequence) || sequence < 1 || sequence > LAST_SEQUENCE) {
    throw new RangeError('The sequence of a student number is 1 to 9999999');
  }
  const body = `${prefix}${String(year).slice(-2)}${String(sequence).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

/** The number as typed without spaces, dots or dashes, in capitals. */
export function normaliseStudentNumber(text: string): string {
  return text.replace(/[\s.\p{Pd}]/gu, '').toUpperCase();
}

/** Whether a text (spaces, dashes and case ignored) is a student number whose check digit is right. */
export function isStudentNumber(text: string): boolean {
  const number = normaliseStudentNumber(text);
  return SHAPE.test(number) && number.slice(-1) === checkDigit(number.slice(0, -1));
}

function checkDigit(body: string): string {
  const digits = body.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  let product = 10;
  for (const digit of digits) {
    const sum = (product + Number(digit)) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}
