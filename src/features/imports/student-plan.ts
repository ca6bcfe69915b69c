/** Decides what becomes of one row of the référentiel, from what the CRM holds: pure, so that a dry run and the real one agree. */
import { newId } from '../../shared/ids.ts';
import { sortedCodes, type RowErrorCode, type RowWarningCode } from '../../shared/issue-codes.ts';
import type { FieldConflict } from './base-merge.ts';
import type { CompanyIndex, CompanyMatch } from './company-matcher.ts';
import type { JudgedRow, PlannedRow, RowIssue } from './planned-row.ts';
import { companyOf, isSameRecord, mergeStudent, remainingConflicts } from './student-merge.ts';
import {
  stageStudent,
  type ResolvedCompany,
  type StudentEntry,
  type StudentRecord,
  type StudentRecordField,
} from './student-record.ts';
import type { CurrentPosition, StudentKnowledge, StudentState } from './student-state.ts';

/** A position about to be opened. */
export interface NewPosition {
  readonly companyId: string | null;
  readonly text: string;
}

export interface StudentCreation {
  readonly kind: 'create';
  readonly id: string;
  readonly entry: StudentEntry;
  readonly position: NewPosition | null;
  readonly anomalyCount: number;
}

export interface StudentChange {
  readonly kind: 'change';
  readonly state: StudentState;
  readonly entry: StudentEntry;
  /** The record afterwards. */
  readonly values: StudentRecord;
  readonly applied: readonly StudentRecordField[];
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  /** To add to the review queue. */
  readonly conflicts: readonly FieldConflict[];
  /** Ids of conflicts that this row settles or replaces. */
  readonly settled: readonly string[];
  readonly closes: readonly CurrentPosition[];
  readonly position: NewPosition | null;
  readonly baseChanged: boolean;
  /** The number of a person who was known by their student number only. */
  readonly addsNir: boolean;
  readonly anomalyCount: number;
}

export interface StudentPlan extends PlannedRow {
  /** Null when nothing is written. */
  readonly write: StudentCreation | StudentChange | null;
}

export interface StudentPlanContext {
  readonly companies: CompanyIndex;
  readonly knowledge: StudentKnowledge;
}

/** Codes that planning decides, over and above those of the rules. */
const PLAN_WARNINGS: ReadonlySet<string> = new Set([
  'COMPANY_AMBIGUOUS',
  'COMPANY_UNKNOWN',
  'EDIT_CONFLICT',
  'STATUS_BACKWARDS',
]);
const PLAN_ERRORS: ReadonlySet<string> = new Set(['PERSON_ERASED', 'PERSON_RESTRICTED', 'STUDENT_NUMBER_CONFLICT']);

/** The codes and issues of a staged row that its planning did not decide: where a new planning starts from. */
export function isPlanCode(code: string): boolean {
  return PLAN_WARNINGS.has(code) || PLAN_ERRORS.has(code);
}

/**
 * @param nir the NIR when it is intact, on a rejected row too: the person is present in the file
 * @param id of the person, should one be created
 */
export function planStudent(
  judged: JudgedRow<StudentEntry>,
  nir: string | null,
  { companies, knowledge }: StudentPlanContext,
  id: string = newId(),
): StudentPlan {
  const found = findPerson(judged.entry, nir, knowledge);
  const issues = judged.issues.filter(({ code }) => !isPlanCode(code));
  const errors = sortedCodes([...judged.errors, ...found.errors]);
  if (judged.entry === null || errors.length > 0) {
    return rejected(
      judged,
      errors,
      [...issues, ...found.errors.map((code) => ({ code, field: found.field }))],
      found.state,
    );
  }
  const match = judged.entry.record.company === null ? null : companies.match(judged.entry.record.company);
  const warnings = [...judged.warnings.filter((code) => !isPlanCode(code)), ...companyWarnings(match)];
  if (found.state === null) return created(judged, judged.entry, match, warnings, issues, id);
  if (found.state.mergedIntoId !== null) return standingFor(judged, judged.entry, found.state, issues);
  return known(judged, judged.entry, found.state, match, warnings, issues, found.addsNir);
}

interface FoundPerson {
  readonly state: StudentState | null;
  readonly errors: readonly RowErrorCode[];
  readonly field: string;
  readonly addsNir: boolean;
}

/** @see import rules §7: student number, erased and restricted persons */
function findPerson(entry: StudentEntry | null, nir: string | null, knowledge: StudentKnowledge): FoundPerson {
  if (nir === null) return { state: null, errors: [], field: 'nir', addsNir: false };
  const byNir = knowledge.stateOf(nir);
  if (knowledge.isErased(nir)) return { state: byNir, errors: ['PERSON_ERASED'], field: 'nir', addsNir: false };
  const bearer = entry?.studentNumber ? knowledge.bearerOf(entry.studentNumber) : null;
  const addsNir = byNir === null && bearer !== null && !bearer.hasNir;
  const state = addsNir ? bearer.state : byNir;
  if (entry?.studentNumber && (state === null || bearer?.state.id !== state.id))
    return { state, errors: ['STUDENT_NUMBER_CONFLICT'], field: 'studentNumber', addsNir: false };
  if (state?.restricted) return { state, errors: ['PERSON_RESTRICTED'], field: 'nir', addsNir: false };
  return { state, errors: [], field: '', addsNir };
}

function companyWarnings(match: CompanyMatch | null): RowWarningCode[] {
  if (match?.kind === 'none') return ['COMPANY_UNKNOWN'];
  return match?.kind === 'ambiguous' ? ['COMPANY_AMBIGUOUS'] : [];
}

function rejected(
  judged: JudgedRow<StudentEntry>,
  errors: readonly RowErrorCode[],
  issues: readonly RowIssue[],
  state: StudentState | null,
): StudentPlan {
  return {
    row: judged.row,
    sourceKey: null,
    outcome: 'rejected',
    entityId: state?.mergedIntoId ?? state?.id ?? null,
    entityVersion: null,
    errors,
    warnings: [],
    issues: issues.filter(({ code }) => (errors as readonly string[]).includes(code)),
    suggestion: judged.suggestion,
    // A row that only the state of the CRM rejects may pass on another day.
    fields: judged.entry && stageStudent(judged.entry, judged.entry.record, null),
    changes: null,
    write: null,
  };
}

function issuesOf(
  issues: readonly RowIssue[],
  warnings: readonly RowWarningCode[],
  conflictField?: string,
): RowIssue[] {
  const planned: readonly RowIssue[] = [
    { code: 'COMPANY_UNKNOWN', field: 'company' },
    { code: 'COMPANY_AMBIGUOUS', field: 'company' },
    { code: 'STATUS_BACKWARDS', field: 'status' },
    { code: 'EDIT_CONFLICT', field: conflictField ?? '' },
  ];
  return [...issues, ...planned.filter(({ code }) => (warnings as readonly string[]).includes(code))];
}

function positionFor(text: string | null, match: CompanyMatch | null): NewPosition | null {
  if (text === null) return null;
  return { companyId: match?.kind === 'one' ? match.company.id : null, text };
}

function resolved(text: string | null, match: CompanyMatch | null): ResolvedCompany | null {
  if (text === null) return null;
  return match?.kind === 'one' ? { legacyId: match.company.legacyId, text: null } : { legacyId: null, text };
}

function created(
  judged: JudgedRow<StudentEntry>,
  entry: StudentEntry,
  match: CompanyMatch | null,
  warnings: readonly RowWarningCode[],
  issues: readonly RowIssue[],
  id: string,
): StudentPlan {
  const codes = sortedCodes(warnings);
  return {
    row: judged.row,
    sourceKey: null,
    outcome: 'created',
    entityId: id,
    entityVersion: 1,
    errors: [],
    warnings: codes,
    issues: issuesOf(issues, codes),
    suggestion: null,
    fields: stageStudent(entry, entry.record, resolved(entry.record.company, match)),
    changes: null,
    write: {
      kind: 'create',
      id,
      entry,
      position: positionFor(entry.record.company, match),
      anomalyCount: codes.length,
    },
  };
}

/** A record that was merged into another is present through it; what its row says is not written over the survivor. */
function standingFor(
  judged: JudgedRow<StudentEntry>,
  entry: StudentEntry,
  state: StudentState,
  issues: readonly RowIssue[],
): StudentPlan {
  const codes = sortedCodes(judged.warnings.filter((code) => !isPlanCode(code)));
  return {
    row: judged.row,
    sourceKey: null,
    outcome: 'unchanged',
    entityId: state.mergedIntoId,
    entityVersion: null,
    errors: [],
    warnings: codes,
    issues: issuesOf(issues, codes),
    suggestion: null,
    fields: stageStudent(entry, entry.record, null),
    changes: null,
    write: null,
  };
}

function known(
  judged: JudgedRow<StudentEntry>,
  entry: StudentEntry,
  state: StudentState,
  match: CompanyMatch | null,
  ruleWarnings: readonly RowWarningCode[],
  issues: readonly RowIssue[],
  addsNir: boolean,
): StudentPlan {
  const merged = mergeStudent(entry.record, state);
  const open = remainingConflicts(merged, state);
  const warnings = sortedCodes<RowWarningCode>([
    ...ruleWarnings,
    ...(merged.backwards ? (['STATUS_BACKWARDS'] as const) : []),
    ...(open.fields.length > 0 ? (['EDIT_CONFLICT'] as const) : []),
  ]);
  const anomalyCount = warnings.filter((code) => code !== 'EDIT_CONFLICT').length + open.fields.length;
  const updated = merged.applied.length > 0;
  const base: StudentRecord = { ...entry.record, company: merged.fileCompany };
  const baseChanged = !isSameRecord(base, state.base);
  const changes = Object.fromEntries(
    merged.applied.map((field) => [field, [merged.crm[field], merged.values[field]] as const]),
  );
  const company =
    merged.values.company !== null && merged.values.company === merged.fileCompany
      ? resolved(merged.values.company, match)
      : companyOf(merged.values.company, state.positions);
  const position = merged.opens ? positionFor(merged.values.company, match) : null;
  const writes =
    updated ||
    baseChanged ||
    addsNir ||
    open.added.length > 0 ||
    open.settled.length > 0 ||
    anomalyCount !== state.anomalyCount;
  return {
    row: judged.row,
    sourceKey: null,
    outcome: updated ? 'updated' : 'unchanged',
    entityId: state.id,
    entityVersion: state.version + (updated ? 1 : 0),
    errors: [],
    warnings,
    issues: issuesOf(issues, warnings, open.fields[0]),
    suggestion: null,
    fields: stageStudent({ ...entry, record: base }, merged.values, company),
    changes: updated ? JSON.stringify(changes) : null,
    write: writes
      ? {
          kind: 'change',
          state,
          entry: { ...entry, record: base },
          values: merged.values,
          applied: merged.applied,
          changes,
          conflicts: open.added,
          settled: open.settled,
          closes: merged.closes,
          position,
          baseChanged,
          addsNir,
          anomalyCount,
        }
      : null,
  };
}
