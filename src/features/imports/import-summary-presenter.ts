/** What is said of an import in a sentence: its totals, what is unusual about it, what a decision would do, where its work stands. */
import type { Translate } from '../../i18n/index.ts';
import type { Suspicion } from './batch-safety.ts';
import { ROW_OUTCOMES } from './batch-totals.ts';
import type { BatchDetail, BatchProgress, BatchState, BatchSummary } from './import-screens.ts';
import { durationText, numberText, percentText, type Reader } from './import-words.ts';
import type { ProgressReport } from './progress-watch.ts';

/** Batches at work: the page follows them. */
const WORKING: ReadonlySet<BatchState> = new Set(['reading', 'applying', 'cancelling']);
/** Batches whose rows say what would be written, not what was. */
const BEFORE: ReadonlySet<BatchState> = new Set(['ready', 'needs_confirmation', 'discarded']);

/** Whether the rows of a batch say what would be, not what was. */
export function isDryRun(state: BatchState): boolean {
  return BEFORE.has(state);
}

export function isWorking(state: BatchState): boolean {
  return WORKING.has(state);
}

/** Who started a batch: a person, or the daily work, or the command line. */
export function starterText({ startedBy, origin }: Pick<BatchSummary, 'startedBy' | 'origin'>, t: Translate): string {
  return startedBy ?? t(`imports.origin.${origin}`);
}

/** Seconds of work of a batch, reading and applying; null before it ended. */
export function workSeconds(batch: BatchSummary): number | null {
  if (!batch.readAt) return null;
  const reading = batch.readAt.getTime() - batch.createdAt.getTime();
  const applying =
    batch.appliedAt && batch.applyStartedAt ? batch.appliedAt.getTime() - batch.applyStartedAt.getTime() : 0;
  return (reading + applying) / 1000;
}

/** Why a batch waits for a person, with its figures. */
export function suspicionTexts(
  suspicions: readonly Suspicion[],
  { t, lang }: Pick<Reader, 't' | 'lang'>,
): { title: string; text: string }[] {
  const number = (value: number) => numberText(value, lang);
  return suspicions.map((one) =>
    one.kind === 'rejected_share'
      ? {
          title: t('imports.suspicion.rejected_share.title', { percent: percentText(one.rejected / one.rows, lang) }),
          text: t('imports.suspicion.rejected_share.text', { rejected: number(one.rejected), rows: number(one.rows) }),
        }
      : {
          title: t('imports.suspicion.row_drop.title', { percent: percentText(1 - one.rows / one.previousRows, lang) }),
          text: t('imports.suspicion.row_drop.text', { rows: number(one.rows), previous: number(one.previousRows) }),
        },
  );
}

/** Where long work stands, in sentences. */
export function presentProgress(
  {
    state,
    rowsDone,
    rowCount,
    ...speed
  }: BatchProgress & Partial<Pick<ProgressReport, 'rowsPerSecond' | 'secondsLeft'>>,
  { t, lang }: Pick<Reader, 't' | 'lang'>,
) {
  const { rowsPerSecond = null, secondsLeft = null } = speed;
  return {
    done: rowsDone,
    total: rowCount,
    rate:
      rowsPerSecond === null ? '' : t('imports.progress.rate', { rows: numberText(Math.round(rowsPerSecond), lang) }),
    timeLeft: secondsLeft === null ? '' : t('imports.progress.left', { time: durationText(secondsLeft, t) }),
    status: t(`imports.progress.status.${state}`),
  };
}

/** The totals in one sentence: "1 012 fiches créées, 3 modifiées, 49 lignes rejetées". */
export function summaryText(batch: Pick<BatchSummary, 'totals' | 'state'>, { t }: Pick<Reader, 't'>): string {
  const { totals } = batch;
  if (!totals) return '';
  const tense = BEFORE.has(batch.state) ? 'before' : 'after';
  const parts = ROW_OUTCOMES.filter((outcome) => totals[outcome] > 0).map((outcome) =>
    t(`imports.summary.${tense}.${outcome}`, { count: totals[outcome] }),
  );
  return parts.length === 0 ? t('imports.summary.nothing') : parts.join(' · ');
}

/** Consequences of a confirmation, of an undo: what the question lists. */
export function confirmConsequences(batch: BatchDetail, reader: Reader): string[] {
  const { t } = reader;
  const totals = batch.totals;
  return [
    ...suspicionTexts(batch.suspicions, reader).map(({ title, text }) => `${title} ${text}`),
    ...(totals && totals.created + totals.updated > 0
      ? [t('imports.confirm.writes', { created: totals.created, updated: totals.updated })]
      : []),
    ...(totals && totals.rejected > 0 ? [t('imports.confirm.rejected', { count: totals.rejected })] : []),
    ...(totals && totals.missing > 0 ? [t('imports.confirm.missing', { count: totals.missing })] : []),
    t('imports.confirm.reversible'),
  ];
}

export function undoConsequences(batch: BatchDetail, { t }: Reader): string[] {
  const totals = batch.totals;
  return [
    ...(totals && totals.created > 0 ? [t('imports.undo.created', { count: totals.created })] : []),
    ...(totals && totals.updated > 0 ? [t('imports.undo.updated', { count: totals.updated })] : []),
    t('imports.undo.edited'),
    t('imports.undo.corrected'),
  ];
}
