/** A batch as its page shows it: what it is, what it would change or changed, and what can be done about it. */
import { href, type QueryParams } from '../../http/ui-links.ts';
import type { Translate } from '../../i18n/index.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import { isRowErrorCode } from '../../shared/issue-codes.ts';
import { ROW_OUTCOMES } from './batch-totals.ts';
import type { BatchDetail, BatchState } from './import-screens.ts';
import {
  confirmConsequences,
  isDryRun,
  isWorking,
  presentProgress,
  starterText,
  summaryText,
  suspicionTexts,
  undoConsequences,
  workSeconds,
} from './import-summary-presenter.ts';
import { cellLabel, codeAdvice, codeTitle, durationText, type Reader } from './import-words.ts';
import {
  conflictsUrl,
  importConfirmationUrl,
  importDiscardUrl,
  importMissingUrl,
  importProgressUrl,
  importReportUrl,
  importRowUrl,
  importsUrl,
  importUndoUrl,
  importUrl,
  newImportUrl,
} from './urls.ts';

/** Batches that left the road: no stage tells where they are. */
const UNFINISHED: ReadonlySet<BatchState> = new Set(['refused', 'failed', 'discarded', 'cancelling', 'cancelled']);

const STAGES = ['reading', 'review', 'applying', 'done'] as const;
const STAGE_OF: Readonly<Record<BatchState, number>> = {
  reading: 0,
  refused: 0,
  ready: 1,
  needs_confirmation: 1,
  discarded: 1,
  applying: 2,
  failed: 2,
  applied: 4,
  cancelling: 4,
  cancelled: 4,
};

function leadOf(batch: BatchDetail, { t, lang, now }: Reader): string {
  return t('imports.batch.lead', {
    source: t(`imports.source.${batch.source}`),
    who: starterText(batch, t),
    when: formatRelative(batch.createdAt, now, lang),
    at: formatDateTime(batch.createdAt, lang),
  });
}

function stagesOf(state: BatchState, t: Translate) {
  const current = STAGE_OF[state];
  return STAGES.map((stage, index) => {
    // What is under way is not said as if it were done.
    const isUnderWay = index === current && (stage === 'reading' || stage === 'applying');
    return {
      label: t(`imports.stages.${stage}`),
      detail: t(`imports.stages.${stage}_${isUnderWay ? 'now' : 'detail'}`),
      state: index < current ? 'done' : index === current ? 'current' : 'todo',
    };
  });
}

const OUTCOME_TONES: Readonly<Record<string, string>> = { created: 'success', rejected: 'danger' };

function tallyOf(batch: BatchDetail, filters: RowFilters, { t }: Reader) {
  const { totals } = batch;
  if (!totals) return [];
  const tense = isDryRun(batch.state) ? 'before' : 'after';
  const link = (outcome: string) =>
    batch.mayReadRows
      ? `${href(importUrl(batch.id), {}, filters.outcome === outcome ? {} : { resultat: outcome })}#resultats`
      : '';
  const outcomes = ROW_OUTCOMES.map((outcome) => ({
    label: t(`imports.tally.${tense}.${outcome}`, { count: totals[outcome] }),
    value: totals[outcome],
    href: totals[outcome] > 0 ? link(outcome) : '',
    current: filters.outcome === outcome,
    tone: totals[outcome] > 0 ? OUTCOME_TONES[outcome] : undefined,
  }));
  const missing = {
    label: t('imports.tally.missing', { count: totals.missing }),
    value: totals.missing,
    href: totals.missing > 0 && batch.mayReadRows ? importMissingUrl(batch.id) : '',
    current: false,
    tone: totals.missing > 0 ? 'warning' : undefined,
  };
  return [...outcomes, missing];
}

/** Criteria of the rows' table, as its address holds them. */
export interface RowFilters {
  readonly outcome: string | null;
  readonly code: string | null;
}

export function rowParams({ outcome, code }: RowFilters): QueryParams {
  return { resultat: outcome, code };
}

function codesOf(batch: BatchDetail, filters: RowFilters, { t }: Reader) {
  const { totals } = batch;
  if (!totals) return [];
  const counted = [...Object.entries(totals.errors), ...Object.entries(totals.warnings)];
  return counted
    .sort(([a, countA], [b, countB]) => Number(isRowErrorCode(b)) - Number(isRowErrorCode(a)) || countB - countA)
    .map(([code, count]) => ({
      code,
      label: codeTitle(code, t),
      advice: codeAdvice(code, t),
      count,
      tone: isRowErrorCode(code) ? 'danger' : 'warning',
      current: filters.code === code,
      href: batch.mayReadRows
        ? `${href(importUrl(batch.id), {}, filters.code === code ? {} : { code })}#resultats`
        : null,
    }));
}

/** What was found in the file: where the table stands, which columns are known. */
function recognisedOf(batch: BatchDetail, { t }: Reader) {
  const known = batch.columns.filter(({ field }) => field !== null);
  return {
    sentence:
      batch.source === 'students'
        ? t(batch.sheet === null ? 'imports.recognised.no_sheet' : 'imports.recognised.sheet', {
            sheet: batch.sheet ?? '',
            row: batch.headerRow ?? 1,
            format: batch.fileFormat === null ? '' : t(`imports.format.${batch.fileFormat}`),
          })
        : t('imports.recognised.table', { count: batch.rowCount }),
    columns: known.map(({ header, field }) => ({ header, field: cellLabel(field ?? '', t) })),
    columnCount: t('imports.recognised.columns', { count: known.length }),
    ignoredCount:
      batch.unknownColumns.length === 0 ? '' : t('imports.recognised.ignored', { count: batch.unknownColumns.length }),
    unknown: batch.unknownColumns,
    otherSheets: batch.otherSheets,
  };
}

/** What the system and the database call a full disk. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL', '1021', '1114']);

function problemOf(batch: BatchDetail, { t }: Reader) {
  if (batch.state !== 'refused' && batch.state !== 'failed') return null;
  const again = { label: t('imports.batch.other_file'), href: newImportUrl() };
  if (batch.stoppedDuring !== null || batch.errorCode === null) {
    const stopped = batch.stoppedDuring ?? 'reading';
    return {
      title: t(`imports.batch.failed.title_${stopped}`),
      text: t(`imports.batch.failed.text_${stopped}`),
      details: NO_ROOM.has(String(batch.errorDetail?.reason)) ? [t('imports.batch.failed.no_room')] : [],
      wroteNothing: stopped === 'reading',
      mayResume: stopped === 'applying' && batch.mayDecide,
      actions:
        stopped === 'reading'
          ? [again]
          : stopped === 'cancelling' && batch.undoableUntil && batch.mayDecide
            ? [{ label: t('imports.undo.open'), href: importUndoUrl(batch.id) }]
            : [],
    };
  }
  const { missing = [], reason } = batch.errorDetail ?? {};
  return {
    title: codeTitle(batch.errorCode, t),
    text: codeAdvice(batch.errorCode, t),
    details: [
      ...missing.map((field) => t('imports.batch.missing_column', { column: cellLabel(field, t) })),
      ...(batch.errorCode === 'SOURCE_UNREACHABLE' && reason ? [t('imports.batch.reason', { reason })] : []),
    ],
    wroteNothing: true,
    mayResume: false,
    actions:
      batch.errorCode === 'ALREADY_IMPORTED'
        ? [again, { label: t('imports.batch.read_anyway'), href: `${newImportUrl()}?forcer=1` }]
        : [again],
  };
}

/** What is left to do once a batch was applied. */
function stepsOf(batch: BatchDetail, { t }: Reader) {
  if (batch.state !== 'applied' || !batch.mayReadRows || !batch.totals) return [];
  const rejected = batch.totals.rejected;
  const steps = [
    rejected > 0 && batch.firstRejected !== null
      ? {
          icon: 'pencil',
          tone: 'danger',
          text: t('imports.steps.rejected', { count: rejected }),
          href: importRowUrl(batch.id, batch.firstRejected),
        }
      : null,
    batch.openConflicts > 0
      ? {
          icon: 'git-compare',
          tone: 'warning',
          text: t('imports.steps.conflicts', { count: batch.openConflicts }),
          href: conflictsUrl({ lot: batch.id }),
        }
      : null,
    batch.totals.missing > 0
      ? {
          icon: 'user-question',
          tone: 'warning',
          text: t(`imports.steps.missing_${batch.source}`, { count: batch.totals.missing }),
          href: importMissingUrl(batch.id),
        }
      : null,
  ];
  return steps.filter((step) => step !== null);
}

function factsOf(batch: BatchDetail, { t, lang }: Reader) {
  const seconds = workSeconds(batch);
  const person = (name: string | null, at: Date | null) =>
    at === null
      ? null
      : t('imports.facts.by', { who: name ?? t('imports.origin.schedule'), at: formatDateTime(at, lang) });
  return [
    { label: t('imports.facts.file'), value: batch.fileName },
    { label: t('imports.facts.started'), value: person(starterText(batch, t), batch.createdAt) },
    ...(batch.confirmedAt
      ? [{ label: t('imports.facts.confirmed'), value: person(batch.confirmedBy, batch.confirmedAt) }]
      : []),
    ...(batch.appliedAt ? [{ label: t('imports.facts.applied'), value: formatDateTime(batch.appliedAt, lang) }] : []),
    ...(batch.cancelledAt
      ? [{ label: t('imports.facts.cancelled'), value: person(batch.cancelledBy, batch.cancelledAt) }]
      : []),
    ...(seconds === null ? [] : [{ label: t('imports.facts.duration'), value: durationText(seconds, t) }]),
  ];
}

/** Plain values for views/imports/batch.ejs, but the rows. */
export function presentBatch(batch: BatchDetail, filters: RowFilters, reader: Reader) {
  const { t, lang } = reader;
  const totals = batch.totals;
  const toWrite = totals ? totals.created + totals.updated : 0;
  return {
    id: batch.id,
    title: batch.fileName,
    lead: leadOf(batch, reader),
    state: batch.state,
    source: batch.source,
    version: batch.version,
    isWorking: isWorking(batch.state),
    isWaiting: batch.state === 'ready' || batch.state === 'needs_confirmation',
    mayDecide: batch.mayDecide,
    mayReadRows: batch.mayReadRows,
    stages: UNFINISHED.has(batch.state) ? [] : stagesOf(batch.state, t),
    summary: totals ? summaryText(batch, reader) : '',
    toWrite,
    confirmLabel: toWrite > 0 ? t('imports.batch.confirm_rows', { count: toWrite }) : t('imports.batch.confirm'),
    suspicions: suspicionTexts(batch.suspicions, reader),
    confirmConsequences: confirmConsequences(batch, reader),
    undoConsequences: undoConsequences(batch, reader),
    tally: tallyOf(batch, filters, reader),
    codes: codesOf(batch, filters, reader),
    recognised: totals ? recognisedOf(batch, reader) : null,
    progress:
      isWorking(batch.state) &&
      presentProgress(
        { state: batch.state, rowsDone: batch.rowsDone, rowCount: batch.state === 'reading' ? null : batch.rowCount },
        reader,
      ),
    progressUrl: importProgressUrl(batch.id),
    problem: problemOf(batch, reader),
    steps: stepsOf(batch, reader),
    facts: factsOf(batch, reader),
    undo: batch.undo,
    undoText:
      batch.undoableUntil && batch.mayDecide
        ? t('imports.undo.until', { date: formatDate(batch.undoableUntil, lang) })
        : null,
    links: {
      self: importUrl(batch.id),
      list: importsUrl(),
      confirmation: importConfirmationUrl(batch.id),
      discard: importDiscardUrl(batch.id),
      undo: importUndoUrl(batch.id),
      xlsx: importReportUrl(batch.id, 'xlsx'),
      json: importReportUrl(batch.id, 'json'),
      missing: importMissingUrl(batch.id),
    },
  };
}
