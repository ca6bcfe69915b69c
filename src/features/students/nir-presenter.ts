/** A social-security number on a screen: masked, until someone who may gives a reason. */
import type { PageContext } from '../../http/render.ts';
import type { StudentRecord } from './student-record-service.ts';
import { studentNirUrl } from './urls.ts';

/** Reasons offered to whoever asks for a full number; `other` needs a detail. */
const REVEAL_REASONS = ['work_accident', 'declaration', 'person_request', 'other'] as const;

/** What an attempt to see the number gave: the number, or what is wrong with the reason. */
export interface ShownNir {
  readonly revealed?: string;
  readonly errors?: Record<string, string[]>;
}

/** `* ** ** ** *** *** 91`: only the key is ever known here. */
export function maskOf(keyDigits: string): string {
  return `* ** ** ** *** *** ${keyDigits}`;
}

/** The masked number with what reveals it, as `_masked-value` takes it. */
export function presentNir(record: StudentRecord, { t }: PageContext, shown: ShownNir = {}) {
  if (!record.nir?.keyDigits) return null;
  return {
    id: 'nir',
    mask: maskOf(record.nir.keyDigits),
    label: t('student-record.nir.label'),
    reveal: record.rights.revealNir
      ? {
          action: studentNirUrl(record.id),
          reasons: REVEAL_REASONS.map((value) => ({ value, label: t(`student-record.nir.reasons.${value}`) })),
        }
      : null,
    revealed: shown.revealed ? spaced(shown.revealed) : null,
    hideAfterSeconds: 60,
    errors: shown.errors ?? {},
  };
}

/** `1 85 05 78 006 084 91`, as it stands on the card. */
function spaced(nir: string): string {
  return nir.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7');
}

/** The reason given, in words: the journal is read by people. */
export function reasonText(reason: string, { t }: PageContext): string {
  const known = REVEAL_REASONS.find((value) => value === reason);
  return known ? t(`student-record.nir.reasons.${known}`) : reason;
}
