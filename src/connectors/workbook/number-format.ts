/**
 * How a numeric cell shows: the integer in full, never in scientific notation; a date as a date.
 * @see import rules §1
 */

export interface NumberFormat {
  isDate: boolean;
  /** The format shows no decimals (`0`, `#,##0`, `00 00 00 00 00`). */
  isInteger: boolean;
}

const GENERAL: NumberFormat = { isDate: false, isInteger: false };

/** Number formats that a workbook names without writing them out. */
export const BUILT_IN_FORMATS: Readonly<Record<number, string>> = {
  1: '0',
  3: '#,##0',
  14: 'dd/mm/yyyy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  37: '#,##0',
  38: '#,##0',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mmss.0',
};

/** What a format code (`dd/mm/yyyy`, `# ##0`, `General`) means for the text of a number. */
export function readNumberFormat(code: string | undefined): NumberFormat {
  if (code === undefined || code === '' || /^(general|standard|@)$/i.test(code)) return GENERAL;
  const positive = (code.split(';')[0] ?? '')
    .replace(/"[^"]*"?/g, '')
    .replace(/\\./g, '')
    .replace(/[_*]./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
  if (/[dmyhs]/i.test(positive.replace(/general|standard/gi, ''))) return { isDate: true, isInteger: false };
  return { isDate: false, isInteger: /[0#?]/.test(positive) && !/[.eE%/@]/.test(positive) };
}

/**
 * The text of a number.
 * @param date1904 whether the workbook counts days from 1904
 */
export function numberText(value: number, format: NumberFormat, date1904: boolean): string {
  if (!Number.isFinite(value)) return String(value);
  if (format.isDate) return dateText(value, date1904) ?? plainNumber(value);
  return format.isInteger ? plainNumber(Math.round(value)) : plainNumber(value);
}

function plainNumber(value: number): string {
  const rounded = Math.round(value);
  if (Math.abs(value - rounded) <= Math.abs(value) * 1e-14) return BigInt(rounded).toString();
  const text = String(value);
  return /e/i.test(text) ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** `02/09/2024`, with the time where there is one; null when the number is no day of the calendar. */
function dateText(serial: number, date1904: boolean): string | null {
  const days = date1904 ? serial + 1462 : serial;
  if (days < 0 || days >= 2_958_466) return null;
  const milliseconds = Math.round((days - 25_569 + (days < 60 ? 1 : 0)) * 86_400_000);
  const iso = new Date(milliseconds).toISOString();
  const date = `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)}`;
  const time = iso.slice(11, 16);
  if (days < 1) return time;
  return time === '00:00' ? date : `${date} ${time}`;
}
