/** Decides what becomes of one row of GetEnt, from what the CRM holds: pure, so that a dry run and the real one agree. */
import { newId } from '../../shared/ids.ts';
import { sortedCodes, type RowWarningCode } from '../../shared/issue-codes.ts';
import { mergeRecord, type FieldConflict } from './base-merge.ts';
import type { CompanyFields } from './company-row-rules.ts';
import type { CompanyState } from './company-state.ts';
import type { JudgedRow, PlannedRow } from './planned-row.ts';
import { ADDRESS_FIELDS } from './student-record.ts';

export type CompanyField = keyof CompanyFields;

/** A row of GetEnt ready to be planned. */
export interface CompanyEntry {
  /** `id_entreprise`. */
  readonly legacyId: number;
  readonly record: CompanyFields;
}

export interface CompanyCreation {
  readonly kind: 'create';
  readonly id: string;
  readonly entry: CompanyEntry;
  readonly anomalyCount: number;
}

export interface CompanyChange {
  readonly kind: 'change';
  readonly state: CompanyState;
  readonly entry: CompanyEntry;
  readonly values: CompanyFields;
  readonly applied: readonly CompanyField[];
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly conflicts: readonly FieldConflict[];
  readonly settled: readonly string[];
  readonly baseChanged: boolean;
  readonly anomalyCount: number;
}

export interface CompanyPlan extends PlannedRow {
  /** Null when nothing is written. */
  readonly write: CompanyCreation | CompanyChange | null;
}

/** What is staged of a row: the values as the CRM holds them afterwards, and under `source` those the row says differently. */
export type StagedCompany = CompanyFields & { readonly source?: Partial<CompanyFields> };

function stage(entry: CompanyEntry, values: CompanyFields): string {
  const differing = Object.entries(entry.record).filter(([field, value]) => values[field as CompanyField] !== value);
  return JSON.stringify({
    ...values,
    ...(differing.length > 0 ? { source: Object.fromEntries(differing) } : {}),
  } satisfies StagedCompany);
}

/** The record that a staged row asks for. */
export function companyOfStaged({ source, ...values }: StagedCompany): CompanyFields {
  return { ...values, ...source };
}

/** @param id of the company, should one be created */
export function planCompany(
  judged: JudgedRow<CompanyEntry>,
  state: CompanyState | null,
  id: string = newId(),
): CompanyPlan {
  const { entry } = judged;
  const issues = judged.issues.filter(({ code }) => code !== 'EDIT_CONFLICT');
  const warnings = judged.warnings.filter((code) => code !== 'EDIT_CONFLICT');
  const common = { row: judged.row, sourceKey: judged.sourceKey, suggestion: null };
  if (entry === null || judged.errors.length > 0)
    return {
      ...common,
      outcome: 'rejected',
      entityId: state?.mergedIntoId ?? state?.id ?? null,
      entityVersion: null,
      errors: judged.errors,
      warnings: [],
      issues: issues.filter(({ code }) => (judged.errors as readonly string[]).includes(code)),
      fields: null,
      changes: null,
      write: null,
    };
  if (state === null)
    return {
      ...common,
      outcome: 'created',
      entityId: id,
      entityVersion: 1,
      errors: [],
      warnings: sortedCodes(warnings),
      issues,
      fields: stage(entry, entry.record),
      changes: null,
      write: { kind: 'create', id, entry, anomalyCount: warnings.length },
    };
  // A record that was merged into another is present through it; what its row says is not written over the survivor.
  if (state.mergedIntoId !== null)
    return {
      ...common,
      outcome: 'unchanged',
      entityId: state.mergedIntoId,
      entityVersion: null,
      errors: [],
      warnings: sortedCodes(warnings),
      issues,
      fields: stage(entry, entry.record),
      changes: null,
      write: null,
    };
  return known(judged, entry, state, warnings);
}

function known(
  judged: JudgedRow<CompanyEntry>,
  entry: CompanyEntry,
  state: CompanyState,
  ruleWarnings: readonly RowWarningCode[],
): CompanyPlan {
  const merge = mergeRecord<CompanyField>({
    file: { ...entry.record },
    base: state.base && { ...state.base },
    crm: { ...state.record },
    together: [ADDRESS_FIELDS],
  });
  const values = merge.values as unknown as CompanyFields;
  const open = remaining(merge.conflicts, merge.applied, values, state);
  const warnings = sortedCodes<RowWarningCode>([
    ...ruleWarnings,
    ...(open.fields.length > 0 ? (['EDIT_CONFLICT'] as const) : []),
  ]);
  const anomalyCount = ruleWarnings.length + open.fields.length;
  const updated = merge.applied.length > 0;
  const baseChanged =
    state.base === null ||
    (Object.keys(entry.record) as CompanyField[]).some((field) => entry.record[field] !== state.base?.[field]);
  const changes = Object.fromEntries(
    merge.applied.map((field) => [field, [state.record[field], values[field]] as const]),
  );
  const writes =
    updated || baseChanged || open.added.length > 0 || open.settled.length > 0 || anomalyCount !== state.anomalyCount;
  return {
    row: judged.row,
    sourceKey: judged.sourceKey,
    outcome: updated ? 'updated' : 'unchanged',
    entityId: state.id,
    entityVersion: state.version + (updated ? 1 : 0),
    errors: [],
    warnings,
    issues: [
      ...judged.issues.filter(({ code }) => code !== 'EDIT_CONFLICT'),
      ...(open.fields[0] ? [{ code: 'EDIT_CONFLICT' as const, field: open.fields[0] }] : []),
    ],
    suggestion: null,
    fields: stage(entry, values),
    changes: updated ? JSON.stringify(changes) : null,
    write: writes
      ? {
          kind: 'change',
          state,
          entry,
          values,
          applied: merge.applied,
          changes,
          conflicts: open.added,
          settled: open.settled,
          baseChanged,
          anomalyCount,
        }
      : null,
  };
}

/** Conflicts after the row: those it adds, those it settles or replaces, and the fields still open. */
function remaining(
  conflicts: readonly FieldConflict[],
  applied: readonly CompanyField[],
  values: CompanyFields,
  state: CompanyState,
): { added: FieldConflict[]; settled: string[]; fields: string[] } {
  const kept = state.conflicts.filter(({ field, fileValue, crmValue }) => {
    const name = field as CompanyField;
    const fresh = conflicts.find((conflict) => conflict.field === name);
    if (fresh) return fresh.file === fileValue && fresh.crm === crmValue;
    return !applied.includes(name) && values[name] !== fileValue;
  });
  const keptFields = new Set(kept.map(({ field }) => field));
  const added = conflicts.filter(({ field }) => !keptFields.has(field));
  return {
    added,
    settled: state.conflicts.filter((conflict) => !kept.includes(conflict)).map(({ id }) => id),
    fields: [...keptFields, ...added.map(({ field }) => field)].sort(),
  };
}
