import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/features/imports/batch-store.ts';
import { verdictOf } from '../../../src/features/imports/report-verdict.ts';
import { RuleViolation } from '../../../src/shared/errors.ts';

const batch = (over: Partial<Batch>): Batch =>
  ({ errorCode: null, errorDetail: null, applyStartedAt: null, appliedAt: null, ...over }) as Batch;
const NOW = new Date(0);

describe('the verdict of a report', () => {
  it.each<[string, Partial<Batch>, string, string | null]>([
    ['applied', { state: 'applied' }, 'applied', null],
    ['waiting for a person', { state: 'needs_confirmation' }, 'needs_confirmation', null],
    ['ready', { state: 'ready' }, 'dry_run', null],
    ['dropped', { state: 'discarded' }, 'dry_run', null],
    ['refused', { state: 'refused', errorCode: 'FILE_EMPTY' }, 'refused', 'FILE_EMPTY'],
    ['stopped while read', { state: 'failed' }, 'refused', 'IMPORT_FAILED'],
    ['stopped while written', { state: 'failed', applyStartedAt: NOW }, 'refused', 'IMPORT_INCOMPLETE'],
    [
      'stopped while taken back',
      { state: 'failed', applyStartedAt: NOW, appliedAt: NOW, errorDetail: { during: 'cancelling' } },
      'refused',
      'IMPORT_INCOMPLETE',
    ],
    ['taken back', { state: 'cancelled', appliedAt: NOW }, 'refused', 'IMPORT_CANCELLED'],
  ])('of a batch %s is one of the four words', (_what, over, status, error) => {
    expect(verdictOf(batch(over))).toEqual({ status, error });
  });

  it.each(['reading', 'applying', 'cancelling'] as const)('is not given of a batch in state %s', (state) => {
    expect(() => verdictOf(batch({ state }))).toThrow(RuleViolation);
  });
});
