/** The list of imports as a file: one line a batch, its figures in columns that can be summed. */
import type { FileColumn } from '../../http/list-export.ts';
import type { BatchTotals } from './batch-totals.ts';
import type { BatchSummary } from './import-screens.ts';
import { starterText, workSeconds } from './import-summary-presenter.ts';
import { codeTitle } from './import-words.ts';

const figure = (key: string, name: 'rows' | 'created' | 'updated' | 'unchanged' | 'duplicate' | 'rejected') => ({
  key,
  label: `imports.list.file_columns.${name}`,
  value: ({ totals }: { readonly totals: BatchTotals | null }) => totals?.[name] ?? null,
});

export const importFileColumns: readonly FileColumn<BatchSummary>[] = [
  { key: 'fichier', label: 'imports.list.columns.file', value: ({ fileName }) => fileName },
  { key: 'source', label: 'imports.list.source', value: ({ source }, t) => t(`imports.source.${source}`) },
  { key: 'etat', label: 'imports.list.columns.state', value: ({ state }, t) => t(`common.status.batch.${state}`) },
  {
    key: 'erreur',
    label: 'imports.list.file_columns.error',
    value: ({ errorCode }, t) => (errorCode ? codeTitle(errorCode, t) : null),
  },
  figure('lignes', 'rows'),
  figure('creees', 'created'),
  figure('modifiees', 'updated'),
  figure('inchangees', 'unchanged'),
  figure('doubles', 'duplicate'),
  figure('rejetees', 'rejected'),
  { key: 'par', label: 'imports.list.columns.who', value: (batch, t) => starterText(batch, t) },
  { key: 'date', label: 'imports.list.columns.when', value: ({ createdAt }) => createdAt },
  { key: 'applique', label: 'imports.list.file_columns.applied', value: ({ appliedAt }) => appliedAt },
  { key: 'annule', label: 'imports.list.file_columns.cancelled', value: ({ cancelledAt }) => cancelledAt },
  {
    key: 'duree',
    label: 'imports.list.file_columns.seconds',
    value: (batch) => {
      const seconds = workSeconds(batch);
      return seconds === null ? null : Math.round(seconds);
    },
  },
];
