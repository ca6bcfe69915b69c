/** How the journal says things: the words of actions and fields, the look of an action, values as people read them. */
import { readTexts, LANGUAGES, type Translate } from '../../i18n/index.ts';
import { countryName } from '../../shared/countries.ts';
import { formatDate, formatDateTime, type DateLocale } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { STUDENT_STATUSES } from '../../shared/student-status.ts';

type Texts = Record<string, unknown>;

type WordList = 'actions' | 'fields' | 'subjects' | 'methods';
let known: Readonly<Record<WordList, ReadonlySet<string>>> | undefined;

function keysUnder(texts: unknown, prefix = ''): string[] {
  if (typeof texts !== 'object' || texts === null) return [prefix];
  return Object.entries(texts as Texts).flatMap(([name, child]) =>
    keysUnder(child, prefix ? `${prefix}.${name}` : name),
  );
}

/** The journal outlives the code: it may hold actions and fields that no text names any more. */
function hasWord(list: WordList, word: string): boolean {
  if (!known) {
    const texts = readTexts(LANGUAGES[0])['audit'] as Record<WordList, Texts>;
    known = {
      actions: new Set(keysUnder(texts.actions)),
      fields: new Set(keysUnder(texts.fields)),
      subjects: new Set(keysUnder(texts.subjects)),
      methods: new Set(keysUnder(texts.methods)),
    };
  }
  return known[list].has(word);
}

/** `Fiche modifiée` for `student.updated`; the action itself when no text names it. */
export function actionLabel(action: string, t: Translate): string {
  return hasWord('actions', action) ? t(`audit.actions.${action}`) : action;
}

/** `Code postal` for `postcode`. */
export function fieldLabel(field: string, t: Translate): string {
  return hasWord('fields', field) ? t(`audit.fields.${field}`) : field;
}

/** `Étudiant` for `student`. */
export function subjectLabel(subjectType: string, t: Translate): string {
  return hasWord('subjects', subjectType) ? t(`audit.subjects.${subjectType}`) : subjectType;
}

/** Who acted: the name, or what acted without anyone. */
export function actorLabel(event: { actorType: string; actorName: string | null }, t: Translate): string {
  if (event.actorName) return event.actorName;
  return event.actorType === 'cli' || event.actorType === 'student' || event.actorType === 'system'
    ? t(`audit.actors.${event.actorType}`)
    : t('audit.actors.unknown');
}

export interface ActionLook {
  readonly icon: string;
  readonly tone: 'neutral' | 'info' | 'success' | 'warning' | 'danger' | 'accent' | 'violet';
}

const LOOKS: readonly (readonly [pattern: RegExp, look: ActionLook])[] = [
  [/^nir\./, { icon: 'eye', tone: 'warning' }],
  [/^session\.refused/, { icon: 'lock', tone: 'danger' }],
  [/^session\./, { icon: 'login', tone: 'neutral' }],
  [/\.consulted$/, { icon: 'eye', tone: 'neutral' }],
  [/\.exported$/, { icon: 'download', tone: 'warning' }],
  [/^note\./, { icon: 'note', tone: 'accent' }],
  [/^position\.|^alumni\./, { icon: 'briefcase', tone: 'violet' }],
  [/^enrolment\.|^cohort\.|^programme\./, { icon: 'school', tone: 'info' }],
  [/^tag\.|\.(un)?tagged$/, { icon: 'tag', tone: 'neutral' }],
  [/\.status_changed$/, { icon: 'route', tone: 'violet' }],
  [/merge/, { icon: 'git-merge', tone: 'violet' }],
  [/^import\./, { icon: 'file-import', tone: 'info' }],
  [/\.(archived|disabled|closed)$/, { icon: 'archive', tone: 'neutral' }],
  [/\.(deleted|removed|erased|revoked)$/, { icon: 'trash', tone: 'danger' }],
  [/\.(restored|undone|cancelled|reopened)$/, { icon: 'restore', tone: 'info' }],
  [/\.(created|added)$/, { icon: 'plus', tone: 'success' }],
];

export function actionLook(action: string): ActionLook {
  return LOOKS.find(([pattern]) => pattern.test(action))?.[1] ?? { icon: 'pencil', tone: 'info' };
}

const PHONES: ReadonlySet<string> = new Set(['personalPhone', 'professionalPhone', 'phone', 'mobilePhone']);
const STATUSES: ReadonlySet<string> = new Set(STUDENT_STATUSES);
/** A value of the journal as people read it; null where there was nothing. */
export function valueText(field: string, value: unknown, t: Translate, lang: DateLocale): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return t(value ? 'common.actions.yes' : 'common.actions.no');
  if (Array.isArray(value)) return value.map((item) => valueText(field, item, t, lang) ?? '').join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (PHONES.has(field)) return formatPhone(text);
  if (field === 'method' && hasWord('methods', text)) return t(`audit.methods.${text}`);
  if (/status$/i.test(field) && STATUSES.has(text)) return t(`common.status.student.${text}`);
  if (field === 'country' && /^[A-Z]{2}$/.test(text)) return countryName(text, lang);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return formatDate(new Date(`${text}T12:00:00Z`), lang);
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) return formatDateTime(new Date(text), lang);
  return text;
}
