/** Merges what the workbook says of a person into what the CRM holds, the company of an alumnus included. */
import { companyNameKey } from '../../shared/company-name.ts';
import { isStatusBackwards } from '../../shared/student-status.ts';
import { mergeRecord, type FieldConflict } from './base-merge.ts';
import { ADDRESS_FIELDS, type ResolvedCompany, type StudentRecord, type StudentRecordField } from './student-record.ts';
import type { CurrentPosition, StudentState } from './student-state.ts';

export interface StudentMerge {
  readonly crm: StudentRecord;
  readonly values: StudentRecord;
  readonly applied: StudentRecordField[];
  readonly conflicts: (FieldConflict & { field: StudentRecordField })[];
  readonly closes: readonly CurrentPosition[];
  readonly opens: boolean;
  readonly backwards: boolean;
  /** The company of the file, in the spelling of the base when only the spelling differs. */
  readonly fileCompany: string | null;
}

/** @see import rules §6 and §7 (moves backwards) */
export function mergeStudent(record: StudentRecord, state: StudentState): StudentMerge {
  const { base, positions } = state;
  const fileCompany = isSameCompany(record.company, base?.company ?? null) ? (base?.company ?? null) : record.company;
  const file: StudentRecord = { ...record, company: fileCompany };
  const crm: StudentRecord = {
    ...state.record,
    company: currentCompany(positions, base?.company ?? null, fileCompany),
  };
  const merge = mergeRecord<StudentRecordField>({
    file: { ...file },
    base: base && { ...base },
    crm: { ...crm },
    together: [ADDRESS_FIELDS],
  });
  const values = merge.values as unknown as StudentRecord;
  const statusApplied = merge.applied.includes('status');
  const backwards = statusApplied && isStatusBackwards(crm.status, values.status);
  const leaves = statusApplied && crm.status === 'alumni' && values.status !== 'alumni';
  if (values.status === 'alumni') {
    const applied = merge.applied.includes('company');
    return {
      crm,
      values,
      applied: merge.applied,
      conflicts: merge.conflicts,
      closes: applied ? positions.filter((position) => bearsName(position, crm.company)) : [],
      opens: applied && values.company !== null,
      backwards,
      fileCompany,
    };
  }
  // Only alumni have a company: whoever is none keeps what the CRM says, except that leaving closes what was current.
  values.company = leaves ? null : crm.company;
  const applied = merge.applied.filter((field): field is StudentRecordField => field !== 'company');
  if (leaves && crm.company !== null) applied.push('company');
  return {
    crm,
    values,
    applied,
    conflicts: merge.conflicts.filter(({ field }) => field !== 'company'),
    closes: leaves ? positions : [],
    opens: false,
    backwards,
    fileCompany,
  };
}

function isSameCompany(left: string | null, right: string | null): boolean {
  if (left === null || right === null) return left === right;
  const key = companyNameKey(left);
  return key === '' ? left === right : key === companyNameKey(right);
}

function bearsName(position: CurrentPosition, name: string | null): boolean {
  if (name === null) return false;
  const key = companyNameKey(name);
  if (key !== '' && position.companyNameKey === key) return true;
  return isSameCompany(position.companyText ?? position.companyName, name);
}

/**
 * The company the CRM holds, told as the base or the file tells it when it is the same one: a link made between two imports, or
 * another spelling, is no edit.
 */
function currentCompany(
  positions: readonly CurrentPosition[],
  base: string | null,
  file: string | null,
): string | null {
  for (const name of [base, file]) if (positions.some((position) => bearsName(position, name))) return name;
  const [position] = positions;
  return position ? (position.companyText ?? position.companyName) : null;
}

export function companyOf(name: string | null, positions: readonly CurrentPosition[]): ResolvedCompany | null {
  const position = positions.find((candidate) => bearsName(candidate, name));
  if (!position) return null;
  return position.companyId === null
    ? { legacyId: null, text: name }
    : { legacyId: position.companyLegacyId, text: null };
}

export function isSameRecord(left: StudentRecord, right: StudentRecord | null): boolean {
  return right !== null && (Object.keys(left) as StudentRecordField[]).every((field) => left[field] === right[field]);
}

/** Conflicts after the row: those it adds, those it settles or replaces, and the fields still open. */
export function remainingConflicts(
  merged: StudentMerge,
  state: StudentState,
): { added: FieldConflict[]; settled: string[]; fields: string[] } {
  const asText = (value: unknown): string | null => (value === null ? null : String(value));
  const kept = state.conflicts.filter(({ field, fileValue, crmValue }) => {
    const name = field as StudentRecordField;
    const fresh = merged.conflicts.find((conflict) => conflict.field === name);
    if (fresh) return asText(fresh.file) === fileValue && asText(fresh.crm) === crmValue;
    return !merged.applied.includes(name) && asText(merged.values[name]) !== fileValue;
  });
  const keptFields = new Set<string>(kept.map(({ field }) => field));
  const added = merged.conflicts.filter(({ field }) => !keptFields.has(field));
  return {
    added,
    settled: state.conflicts.filter((conflict) => !kept.includes(conflict)).map(({ id }) => id),
    fields: [...keptFields, ...added.map(({ field }) => field)].sort(),
  };
}
