/** From the description of a form's fields to what the components `_field` and `_conflict` take. */
import type { FieldErrors } from '../../http/forms.ts';
import type { Translate } from '../../i18n/index.ts';

export interface FieldChoice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

/** One field of a form, in words of the texts file; see views/components/_field.ejs. */
export interface FieldSpec {
  readonly name: string;
  /** Already translated. */
  readonly label: string;
  readonly kind?: 'text' | 'email' | 'tel' | 'url' | 'date' | 'select' | 'radio' | 'checkbox' | 'textarea';
  readonly choices?: readonly FieldChoice[];
  readonly emptyOption?: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly maxlength?: number;
  readonly span?: 'half' | 'third' | 'two-thirds';
  readonly autocomplete?: string;
  readonly inputmode?: string;
  readonly autofocus?: boolean;
  readonly rows?: number;
  readonly noDraft?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
}

export type FormValues = Readonly<Record<string, unknown>>;

/** A group of fields under a heading. */
export interface FieldGroupSpec {
  readonly title: string;
  readonly lead?: string;
  readonly fields: readonly FieldSpec[];
}

/** The same fields, some of which ask the server for look-alikes while one types in them (see views/companies/_similar). */
export function watched(
  groups: readonly FieldGroupSpec[],
  names: ReadonlySet<string>,
  request: Readonly<Partial<Record<'hx-get' | 'hx-post', string>>>,
): FieldGroupSpec[] {
  const attributes = {
    ...request,
    'hx-trigger': 'input changed delay:400ms',
    'hx-target': '#similar',
    'hx-swap': 'outerHTML',
    'hx-include': 'closest form',
    'hx-sync': 'closest form:replace',
  };
  return groups.map((group) => ({
    ...group,
    fields: group.fields.map((field) => (names.has(field.name) ? { ...field, attributes } : field)),
  }));
}

const isSet = (value: unknown): boolean => value === true || value === '1' || value === 'on';

/** Locals of `_field` for each field, with what was typed or stored and what is wrong with it. */
export function fieldLocals(groups: readonly FieldGroupSpec[], values: FormValues, errors: FieldErrors = {}) {
  return groups.map(({ fields, ...group }) => ({
    ...group,
    fields: fields.map(({ choices, ...spec }) => ({
      ...spec,
      ...(choices ? { options: choices } : {}),
      value: spec.kind === 'checkbox' ? isSet(values[spec.name]) : textOf(values[spec.name]),
      errors: errors[spec.name] ?? [],
    })),
  }));
}

/** Labels by field, for the summary of errors. */
export function fieldLabels(groups: readonly FieldGroupSpec[]): Record<string, string> {
  return Object.fromEntries(groups.flatMap(({ fields }) => fields.map(({ name, label }) => [name, label])));
}

/** The texts of a form as it is opened, which the form carries: they tell later what its author changed. */
export function openedTexts(groups: readonly FieldGroupSpec[], values: FormValues): string {
  return JSON.stringify(
    Object.fromEntries(
      groups.flatMap(({ fields }) => fields.map((spec) => [spec.name, posted(spec, values[spec.name])])),
    ),
  );
}

function readOpened(original: unknown): Readonly<Record<string, unknown>> {
  if (typeof original !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(original);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch (error) {
    // Someone played with the hidden field: it only ever helps them.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/**
 * Locals of `_conflict`: what was typed beside what the database holds now, which stands where the author of the form changed
 * nothing.
 * @param original what `openedTexts` gave when the form was opened
 */
export function conflictFields(
  groups: readonly FieldGroupSpec[],
  { mine, theirs, original }: { mine: FormValues; theirs: FormValues; original: unknown },
  t: Translate,
): object[] {
  const opened = readOpened(original);
  return groups.flatMap(({ fields }) =>
    fields.map((spec) => {
      const [mineValue, theirsValue] = [posted(spec, mine[spec.name]), posted(spec, theirs[spec.name])];
      return {
        name: spec.name,
        label: spec.label,
        mine: shown(spec, mineValue, t),
        theirs: shown(spec, theirsValue, t),
        mineValue,
        theirsValue,
        same: mineValue === theirsValue,
        ...(opened[spec.name] === mineValue ? { pick: 'theirs' } : {}),
      };
    }),
  );
}

function textOf(value: unknown): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
}

function posted(spec: FieldSpec, value: unknown): string {
  return spec.kind === 'checkbox' ? (isSet(value) ? '1' : '') : textOf(value);
}

function shown(spec: FieldSpec, value: string, t: Translate): string {
  if (spec.kind === 'checkbox') return t(value === '1' ? 'common.actions.yes' : 'common.actions.no');
  return spec.choices?.find((choice) => choice.value === value)?.label ?? value;
}
