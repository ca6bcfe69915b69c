/** What a decision about edit conflicts writes on one record. */
import { Prisma } from '../../db/client.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { ensureProgrammes } from '../students/index.ts';
import { setCompanyAnomalies, updateCompanies } from './company-import-writer.ts';
import type { CompanyFields } from './company-row-rules.ts';
import { loadMatchableCompanies } from './company-source.ts';
import { loadCompaniesById } from './company-state.ts';
import { indexCompanies } from './company-matcher.ts';
import { writeEdits } from './student-change-writer.ts';
import type { StudentRecord, StudentRecordField } from './student-record.ts';
import { loadStates, type CurrentPosition } from './student-state.ts';
import type { WriteContext } from './write-context.ts';

export type Decision = 'keep_crm' | 'take_file';

export interface PendingConflict {
  readonly id: string;
  readonly subjectType: 'student' | 'company';
  readonly subjectId: string;
  readonly field: string;
  readonly fileValue: string | null;
  readonly crmValue: string | null;
  readonly batchId: string;
  readonly rowNumber: number;
}

type DecisionContext = Omit<WriteContext, 'batchId' | 'numberPrefix'>;

/** The conflicts whose record still says what the person saw; the others are brought up to date and stay open, or are settled already. */
async function stillStanding(
  { tx }: DecisionContext,
  conflicts: readonly PendingConflict[],
  current: (field: string) => string | null,
): Promise<PendingConflict[]> {
  const standing: PendingConflict[] = [];
  for (const conflict of conflicts) {
    const value = current(conflict.field);
    if (value === conflict.crmValue) standing.push(conflict);
    else if (value === conflict.fileValue)
      await tx.execute(
        Prisma.sql`UPDATE edit_conflict SET state = 'obsolete', version = version + 1 WHERE id = ${conflict.id}`,
      );
    else
      await tx.execute(
        Prisma.sql`UPDATE edit_conflict SET crm_value = ${value}, version = version + 1 WHERE id = ${conflict.id}`,
      );
  }
  return standing;
}

async function settle(
  { tx, actor, now, audit }: DecisionContext,
  conflicts: readonly PendingConflict[],
  decision: Decision,
): Promise<Set<string>> {
  if (conflicts.length === 0) return new Set();
  const state = decision === 'keep_crm' ? 'kept_crm' : 'taken_file';
  await tx.execute(
    Prisma.sql`UPDATE edit_conflict SET state = ${state}, decided_by_id = ${actor.id}, decided_at = ${now}, version = version + 1 WHERE id IN (${Prisma.join(conflicts.map(({ id }) => id))})`,
  );
  for (const { subjectType, subjectId, field, batchId, rowNumber } of conflicts)
    audit.record(tx, actor, {
      action: 'import.conflict_decided',
      subjectType,
      subjectId,
      detail: { field, decision, batchId, row: rowNumber },
    });
  return new Set(conflicts.map(({ id }) => id));
}

async function countOpen(
  { tx }: DecisionContext,
  subjectType: PendingConflict['subjectType'],
  subjectId: string,
): Promise<number> {
  const [row] = await tx.query<{ open: number | bigint }>(
    Prisma.sql`SELECT COUNT(*) AS open FROM edit_conflict WHERE subject_type = ${subjectType} AND subject_id = ${subjectId} AND state = 'open'`,
  );
  return Number(row?.open ?? 0);
}

/** @returns ids of the conflicts decided */
export async function decideStudentFields(
  context: DecisionContext,
  studentId: string,
  conflicts: readonly PendingConflict[],
  decision: Decision,
): Promise<Set<string>> {
  const { tx } = context;
  const state = (await loadStates(tx, [studentId], { lock: true })).get(studentId);
  if (!state || state.mergedIntoId !== null) return new Set();
  const company = state.positions[0] ? nameOf(state.positions[0]) : null;
  const crm: StudentRecord = { ...state.record, company };
  const standing = await stillStanding(context, conflicts, (field) =>
    field === 'company' ? companyAsSeen(state.positions, conflicts) : crm[field as StudentRecordField],
  );
  const settled = await settle(context, standing, decision);
  const warnings = Math.max(0, state.anomalyCount - state.conflicts.length);
  const anomalyCount = warnings + (await countOpen(context, 'student', studentId));
  if (decision === 'keep_crm' || standing.length === 0) {
    await tx.execute(
      Prisma.sql`UPDATE student SET anomaly_count = ${anomalyCount}, updated_at = updated_at WHERE id = ${studentId}`,
    );
    return settled;
  }
  const values: StudentRecord = { ...crm };
  for (const { field, fileValue } of standing) setField(values, field as StudentRecordField, fileValue);
  const applied = standing.map(({ field }) => field as StudentRecordField);
  const leaves = state.record.status === 'alumni' && values.status !== 'alumni';
  const newCompany = applied.includes('company') ? values.company : null;
  const match = newCompany === null ? null : indexCompanies(await loadMatchableCompanies(tx)).match(newCompany);
  const batchId = standing[0]?.batchId ?? '';
  await writeEdits(
    { ...context, batchId, numberPrefix: '' },
    [
      {
        row: standing[0]?.rowNumber ?? 0,
        change: {
          kind: 'change',
          state,
          entry: { record: values, nir: '', studentNumber: null },
          values,
          applied,
          changes: Object.fromEntries(applied.map((field) => [field, [crm[field], values[field]] as const])),
          conflicts: [],
          settled: [],
          closes: leaves || applied.includes('company') ? state.positions : [],
          position:
            newCompany === null
              ? null
              : { companyId: match?.kind === 'one' ? match.company.id : null, text: newCompany },
          baseChanged: false,
          addsNir: false,
          anomalyCount,
        },
      },
    ],
    await ensureProgrammes(tx, values.cursus === null ? [] : [values.cursus]),
  );
  return settled;
}

function nameOf(position: CurrentPosition): string | null {
  return position.companyText ?? position.companyName;
}

/** The company of the record in the spelling of the conflict when it is the same one. */
function companyAsSeen(positions: readonly CurrentPosition[], conflicts: readonly PendingConflict[]): string | null {
  const seen = conflicts.find(({ field }) => field === 'company')?.crmValue ?? null;
  const names = positions.flatMap((position) => [position.companyText, position.companyName]);
  const key = seen === null ? '' : companyNameKey(seen);
  if (seen !== null && names.some((name) => name !== null && companyNameKey(name) === key)) return seen;
  return positions[0] ? nameOf(positions[0]) : null;
}

function setField(values: StudentRecord, field: StudentRecordField, value: string | null): void {
  if (field === 'status') values.status = (value ?? values.status) as StudentStatus;
  else if (field === 'lastName' || field === 'firstName') values[field] = value ?? values[field];
  else values[field] = value;
}

/** @returns ids of the conflicts decided */
export async function decideCompanyFields(
  context: DecisionContext,
  companyId: string,
  conflicts: readonly PendingConflict[],
  decision: Decision,
): Promise<Set<string>> {
  const { tx, audit, actor } = context;
  const state = (await loadCompaniesById(tx, [companyId], { lock: true })).get(companyId);
  if (!state) return new Set();
  const standing = await stillStanding(context, conflicts, (field) => state.record[field as keyof CompanyFields]);
  const settled = await settle(context, standing, decision);
  const warnings = Math.max(0, state.anomalyCount - state.conflicts.length);
  const anomalyCount = warnings + (await countOpen(context, 'company', companyId));
  if (decision === 'keep_crm' || standing.length === 0) {
    await setCompanyAnomalies(tx, [{ id: companyId, anomalyCount }]);
    return settled;
  }
  const values: CompanyFields = { ...state.record };
  for (const { field, fileValue } of standing) {
    if (field === 'name') values.name = fileValue ?? values.name;
    else values[field as Exclude<keyof CompanyFields, 'name'>] = fileValue;
  }
  await updateCompanies(tx, [
    { id: companyId, origin: state.origin, values, anomalyCount, renamed: values.name !== state.record.name },
  ]);
  audit.record(tx, actor, {
    action: 'company.updated',
    subjectType: 'company',
    subjectId: companyId,
    changes: Object.fromEntries(
      standing.map(({ field }) => {
        const name = field as keyof CompanyFields;
        return [field, [state.record[name], values[name]] as const];
      }),
    ),
    detail: { batchId: standing[0]?.batchId, row: standing[0]?.rowNumber },
  });
  return settled;
}
