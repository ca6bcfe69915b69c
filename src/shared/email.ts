import { cleanText } from './text.ts';

export type ParsedEmail = { ok: true; email: string | null } | { ok: false; code: 'EMAIL_FORMAT' };

const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;
const TOP_LEVEL = /^(?:\p{L}{2,63}|xn--[a-z0-9-]{1,59})$/u;

/**
 * Reads one e-mail address: lower-cased, empty gives null.
 * An address that no mail server would take (no `@`, two of them, spaces, an empty part) is an error.
 * @see import rules §2, §3
 */
export function parseEmail(cell: string): ParsedEmail {
  const email = cleanText(cell).toLowerCase();
  if (email === '') return { ok: true, email: null };
  return isEmail(email) ? { ok: true, email } : { ok: false, code: 'EMAIL_FORMAT' };
}

/** Whether a lower-case text is one complete e-mail address. */
export function isEmail(email: string): boolean {
  const at = email.lastIndexOf('@');
  const local = email.slice(0, at);
  const labels = email.slice(at + 1).split('.');
  return (
    at > 0 &&
    email.length <= 191 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => DOMAIN_LABEL.test(label)) &&
    TOP_LEVEL.test(labels[labels.length - 1] ?? '')
  );
}
