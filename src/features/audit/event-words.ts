/** How the journal says things: the words of actions and fields, the look of an action, values as people read them. */
import { readTexts, LANGUAGES, type Translate } from '../../i18n/index.ts';
import { countryName } from '../../shared/countries.ts';
import { formatDate, formatDateTime, type DateLocale } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { STUDENT_STATUSES } from '../../shared/student-status.ts';

type Texts = Record<string, unknown>;

type WordList =
  'actions' | 'fields' | 'subjects' | 'methods' | 'lists' | 'words' | 'list_columns' | 'criteria' | 'jobs';
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
      lists: new Set(keysUnder(texts.lists)),
      words: new Set(keysUnder(texts.words)),
      list_columns: new Set(keysUnder(texts.list_columns)),
      criteria: new Set(keysUnder(texts.criteria)),
      jobs: new Set(keysUnder((readTexts(LANGUAGES[0])['jobs'] as Texts)['names'])),
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

/** `Étudiants` for the list called `students`; null when no text names it. */
export function listLabel(list: string, t: Translate): string | null {
  return hasWord('lists', list) ? t(`audit.lists.${list}`) : null;
}

/** `Recherche de doublons` for the job called `duplicates.scan`; null when no text names it. */
export function jobLabel(job: string, t: Translate): string | null {
  return hasWord('jobs', `${job}.title`) ? t(`jobs.names.${job}.title`) : null;
}

/** `Recherche « dupont » · Statut, Ville` for the query string of a list: what was asked, not how. */
function queryText(query: string, t: Translate): string | null {
  const params = new URLSearchParams(query);
  const searched = params.get('q')?.trim();
  const criteria = [...new Set(params.keys())].flatMap((name) =>
    hasWord('criteria', name) ? [t(`audit.criteria.${name}`)] : [],
  );
  return [searched ? t('audit.searched', { q: searched }) : null, criteria.join(', ') || null]
    .filter((part) => part !== null)
    .join(' · ');
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A detail of an event as people read it: names for ids, words for codes; null for what says nothing to them. */
export function detailText(
  field: string,
  value: unknown,
  names: ReadonlyMap<string, string>,
  t: Translate,
  lang: DateLocale,
): string | null {
  if (value === 0) return null;
  if (typeof value === 'string' && ID.test(value)) return names.get(value) ?? null;
  if (field === 'query') return (typeof value === 'string' && queryText(value, t)) || null;
  if (field === 'columns' && Array.isArray(value))
    return value
      .map((key) => (hasWord('list_columns', String(key)) ? t(`audit.list_columns.${key}`) : String(key)))
      .join(', ');
  if (field === 'field' && typeof value === 'string') return fieldLabel(value, t);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const parts = Object.entries(value).flatMap(([name, one]) => {
      const text = detailText(name, one, names, t, lang);
      return text === null ? [] : [t('audit.pair', { name: fieldLabel(name, t), text })];
    });
    return parts.join(', ') || null;
  }
  return valueText(field, value, t, lang);
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
  if (typeof value === 'number') return new Intl.NumberFormat(lang).format(value);
  if (hasWord('words', `${field}.${text}`)) return t(`audit.words.${field}.${text}`);
  if (field === 'method' && hasWord('methods', text)) return t(`audit.methods.${text}`);
  if (/status$/i.test(field) && STATUSES.has(text)) return t(`common.status.student.${text}`);
  if (field === 'country' && /^[A-Z]{2}$/.test(text)) return countryName(text, lang);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return formatDate(new Date(`${text}T12:00:00Z`), lang);
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) return formatDateTime(new Date(text), lang);
  return text;
}
