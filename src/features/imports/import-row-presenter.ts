/** Rows of a report: as lines of its table, and one of them as a page. */
import { formatDateTime } from '../../shared/dates.ts';
import type { PageContext } from '../../http/render.ts';
import { href } from '../../http/ui-links.ts';
import { isStudentNumber } from '../../shared/student-number.ts';
import { companyUrl } from '../companies/index.ts';
import { studentUrl } from '../students/index.ts';
import { rowParams, type RowFilters } from './import-batch-presenter.ts';
import { isDryRun } from './import-summary-presenter.ts';
import type {
  BatchDetail,
  BatchRow,
  BatchSource,
  CellAsRead,
  IssueOnCell,
  Keyset,
  RowDetail,
} from './import-screens.ts';
import { cellLabel, codeAdvice, codeTitle, fieldLabel, numberText, valueText, type Reader } from './import-words.ts';
import { importRowUrl, importUrl } from './urls.ts';

interface IssueView {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly advice: string;
  /** The cell to blame, and what it holds; null when the row as a whole is to blame. */
  readonly cell: { readonly label: string; readonly value: string } | null;
  /** The field of the record, when it is no cell of its own (the city of an address). */
  readonly about: string | null;
}

const RECORD_FIELDS: ReadonlySet<string> = new Set([
  'lastName',
  'firstName',
  'street',
  'postcode',
  'city',
  'personalPhone',
  'professionalPhone',
  'name',
  'email',
  'phone',
]);

function issueView(issue: IssueOnCell, cells: readonly CellAsRead[], { t }: Pick<Reader, 't'>): IssueView {
  const cell = cells.find(({ field }) => field === issue.field);
  return {
    code: issue.code,
    severity: issue.severity,
    title: codeTitle(issue.code, t),
    advice: codeAdvice(issue.code, t),
    cell: cell ? { label: cellLabel(cell.field, t), value: cell.value } : null,
    about: !cell && RECORD_FIELDS.has(issue.field) ? fieldLabel(issue.field, t) : null,
  };
}

/** What the report proposes: the name as it probably should be, or the known persons who bear it, by their student numbers. */
function suggestionOf(suggestion: string | null) {
  if (suggestion === null) return null;
  const values = suggestion.split(', ');
  return values.every(isStudentNumber)
    ? { kind: 'person', field: 'studentNumber', values }
    : { kind: 'name', field: 'name', values: [suggestion] };
}

function changesOf(row: BatchRow, { t }: Pick<Reader, 't'>) {
  return Object.entries(row.changes ?? {}).map(([field, [before, after]]) => ({
    label: fieldLabel(field, t),
    before: valueText(field, before, t),
    after: valueText(field, after, t),
  }));
}

/** Fields that tell at a glance what was created. */
const GLANCE = ['status', 'city', 'companyText', 'email', 'phone'];

function glanceOf(row: BatchRow, { t }: Pick<Reader, 't'>): string {
  const { fields } = row;
  if (!fields) return '';
  return GLANCE.flatMap((field) => valueText(field, fields[field], t) ?? []).join(' · ');
}

/** The record of a row, for who may open it. */
export function recordUrl(
  source: BatchSource,
  entityId: string | null,
  { can }: Pick<PageContext, 'can'>,
): string | null {
  if (entityId === null) return null;
  if (source === 'students') return can('students.read') ? studentUrl(entityId) : null;
  return source === 'companies' && can('companies.read') ? companyUrl(entityId) : null;
}

function rowView(batch: BatchDetail, row: BatchRow, page: PageContext) {
  const { t, lang } = page;
  const issues = row.issues.map((issue) => issueView(issue, row.cells, { t }));
  return {
    id: String(row.rowNumber),
    number: numberText(row.rowNumber, lang),
    href: importRowUrl(batch.id, row.rowNumber),
    label: row.label ?? t('imports.rows.nameless'),
    detail: row.studentNumber ?? (row.sourceKey === null ? null : t('imports.rows.key', { key: row.sourceKey })),
    outcome: row.outcome,
    /** Words of a dry run, where nothing was created yet. */
    planned: isDryRun(batch.state) ? t(`imports.rows.before.${row.outcome}`) : null,
    icon: batch.source === 'students' ? (row.label === null ? 'user-question' : null) : 'building-factory-2',
    wasCorrected: row.correctedAt !== null,
    undoOutcome: row.undoOutcome,
    errors: issues.filter(({ severity }) => severity === 'error'),
    warnings: issues.filter(({ severity }) => severity === 'warning'),
    suggestion: suggestionOf(row.suggestion),
    changes: changesOf(row, { t }),
    glance: row.outcome === 'created' || row.outcome === 'unchanged' ? glanceOf(row, { t }) : '',
  };
}

export type RowView = ReturnType<typeof rowView>;

/** The table of rows with its pages. */
export function presentRows(batch: BatchDetail, found: Keyset<BatchRow>, filters: RowFilters, page: PageContext) {
  const { t } = page;
  const params = rowParams(filters);
  const at = (changes: Record<string, string | null>) => `${href(importUrl(batch.id), params, changes)}#resultats`;
  const active = [
    ...(filters.outcome
      ? [
          {
            label: t('imports.rows.filter_outcome'),
            value: t(`common.status.outcome.${filters.outcome}`),
            removeHref: at({ resultat: null }),
          },
        ]
      : []),
    ...(filters.code
      ? [{ label: t('imports.rows.filter_code'), value: codeTitle(filters.code, t), removeHref: at({ code: null }) }]
      : []),
  ];
  return {
    rows: found.rows.map((row) => rowView(batch, row, page)),
    totalText: t('imports.rows.total', { count: found.total }),
    advice: filters.code ? codeAdvice(filters.code, t) : '',
    active,
    clearHref: active.length > 0 ? `${importUrl(batch.id)}#resultats` : null,
    pager: {
      previousHref: found.previous ? at({ avant: found.previous }) : null,
      nextHref: found.next ? at({ apres: found.next }) : null,
      rangeText: '',
    },
  };
}

/** Fields whose value is never sent back to the page: the form starts empty, and empty keeps what the file says. */
const MASKED = new Set(['nir']);
/** Cells that are no part of a correction. */
const FIXED = new Set(['token', 'id_entreprise']);

/** A form that was refused. */
export interface Typed {
  /** As typed in the form that was refused; null at first. */
  readonly values: Readonly<Record<string, string | string[]>> | null;
  /** What is wrong with what was typed, instead of with what was read. */
  readonly issues: readonly IssueOnCell[] | null;
  readonly suggestion: string | null;
  /** Sentences about fields that no rule of the import judged. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
}

export const NOTHING_TYPED: Typed = { values: null, issues: null, suggestion: null, errors: {} };

/** One row as a page: every cell as read, what is wrong with it, and the form to correct it. */
export function presentRow(batch: BatchDetail, row: RowDetail, typed: Typed, page: PageContext) {
  const { t, lang } = page;
  const issues = (typed.issues ?? row.issues).map((issue) => ({ ...issue, view: issueView(issue, row.cells, { t }) }));
  const suggestion = typed.values ? typed.suggestion : row.suggestion;
  const cells = row.cells.map((cell) => {
    const found = issues.filter(({ field }) => field === cell.field).map(({ view }) => view);
    const given = typed.values?.[cell.field];
    const masked = MASKED.has(cell.field);
    return {
      field: cell.field,
      label: cellLabel(cell.field, t),
      header: cell.header,
      read: cell.value,
      value: typeof given === 'string' ? given : masked ? '' : cell.value,
      masked,
      editable: row.mayCorrect && !FIXED.has(cell.field),
      issues: found,
      errors: [
        ...found.filter(({ severity }) => severity === 'error').map(({ advice }) => advice),
        ...(typed.errors[cell.field] ?? []),
      ],
    };
  });
  const firstWrong = cells.find(({ errors }) => errors.length > 0)?.field ?? null;
  return {
    batchTitle: batch.fileName,
    batchHref: importUrl(batch.id),
    title: t('imports.row.title', { row: numberText(row.rowNumber, lang) }),
    label: row.label,
    outcome: row.outcome,
    isRetry: typed.values !== null,
    recordHref: recordUrl(batch.source, row.entityId, page),
    recordLabel: t(batch.source === 'students' ? 'imports.row.open_student' : 'imports.row.open_company'),
    mayCorrect: row.mayCorrect,
    correctedText:
      row.correctedAt === null
        ? null
        : t('imports.row.corrected', {
            who: row.correctedBy ?? t('imports.origin.gone'),
            at: formatDateTime(row.correctedAt, lang),
          }),
    cells: cells.map((cell) => ({ ...cell, autofocus: row.mayCorrect && cell.field === firstWrong })),
    /** What no cell is to blame for. */
    rowIssues: issues.filter(({ field }) => !row.cells.some((cell) => cell.field === field)).map(({ view }) => view),
    errorCount: cells.reduce((count, { errors }) => count + errors.length, 0),
    suggestion: suggestionOf(suggestion),
    changes: changesOf(row, { t }),
    actionHref: importRowUrl(batch.id, row.rowNumber),
    previousHref: row.previousRejected === null ? null : importRowUrl(batch.id, row.previousRejected),
    nextHref: row.nextRejected === null ? null : importRowUrl(batch.id, row.nextRejected),
  };
}
