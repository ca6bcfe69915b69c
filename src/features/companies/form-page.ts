/** A page that holds a form of a company, a site or a contact, as the view `companies/form` takes it. */
import type { FieldErrors } from '../../http/forms.ts';
import type { Translate } from '../../i18n/index.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren } from '../../shared/siren.ts';
import {
  conflictFields,
  fieldLabels,
  fieldLocals,
  openedTexts,
  type FieldGroupSpec,
  type FormValues,
} from './form-fields.ts';

/** Stored values as a form shows them: numbers grouped as people write them. */
export function shownValues(row: object): FormValues {
  const values: Record<string, unknown> = { ...row };
  for (const name of ['phone', 'mobilePhone']) {
    const value = values[name];
    if (typeof value === 'string') values[name] = formatPhone(value);
  }
  for (const name of ['siren', 'siret']) {
    const value = values[name];
    if (typeof value === 'string') values[name] = formatSiren(value);
  }
  return values;
}

/** What the database holds now, who wrote it, and the form as it had been opened. */
export interface FormConflict {
  readonly theirs: FormValues;
  readonly version: number;
  /** `Anne Le Gall, il y a 2 minutes`; empty: nobody to name. */
  readonly theirsBy: string;
  readonly original: unknown;
}

export interface FormPage {
  readonly header: object;
  readonly action: string;
  readonly cancelHref: string;
  /** Key of the draft kept in the tab. */
  readonly draft: string;
  readonly groups: readonly FieldGroupSpec[];
  readonly values: FormValues;
  readonly errors?: FieldErrors;
  readonly formError?: string | null;
  /** Version the form was filled from; null for a new record. */
  readonly version: number | null;
  readonly submitLabel: string;
  /** Set when the record changed meanwhile. */
  readonly conflict?: FormConflict | null;
  /** Look-alikes of the record being typed; null when the form does not look for any. */
  readonly similar?: object | null;
}

/** Locals of the view `companies/form`. */
export function presentForm(form: FormPage, t: Translate): object {
  const { conflict, groups, values, errors = {}, formError = null, version } = form;
  const theirs = conflict ? shownValues(conflict.theirs) : null;
  const typed = values['original'];
  return {
    ...form,
    version: conflict ? conflict.version : version,
    original:
      version === null ? null : typeof typed === 'string' && !theirs ? typed : openedTexts(groups, theirs ?? values),
    groups: conflict ? [] : fieldLocals(groups, values, errors),
    conflict:
      conflict && theirs
        ? {
            fields: conflictFields(groups, { mine: values, theirs, original: conflict.original }, t),
            theirsBy: conflict.theirsBy,
          }
        : null,
    similar: form.similar ?? null,
    labels: fieldLabels(groups),
    errors,
    formError,
  };
}
