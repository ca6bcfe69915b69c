/** A rejected row of an applied batch, corrected on the page and tried again. */
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { isRowErrorCode } from '../../shared/issue-codes.ts';
import { parseNir } from '../../shared/nir.ts';
import { normaliseStudentNumber } from '../../shared/student-number.ts';
import { linkUnresolvedPositions } from '../companies/index.ts';
import { countTotals } from './batch-figures.ts';
import { findLastApplied, updateBatch, type Batch } from './batch-store.ts';
import { writeCompanies } from './company-import-writer.ts';
import { indexCompanies } from './company-matcher.ts';
import type { CompanySourceRow } from './company-row-rules.ts';
import { judgeCompany, loadMatchableCompanies, planCompanies } from './company-source.ts';
import type { ImportEnvironment } from './import-environment.ts';
import type { IssueOnCell } from './import-screens.ts';
import type { PlannedRow } from './planned-row.ts';
import { cellText, isCorrectable } from './row-queries.ts';
import { findRow, openCells, restageRows, sealCells, type RawCells, type StoredRow } from './row-store.ts';
import { judgeStudents, planJudged, writeStudents } from './student-source.ts';
import type { WriteContext } from './write-context.ts';

export interface Correction {
  readonly batch: Batch;
  readonly rowNumber: number;
  /** By field; an absent one keeps what was read. */
  readonly cells: Readonly<Record<string, string>>;
}

export interface CorrectionResult {
  readonly outcome: PlannedRow['outcome'];
  readonly issues: readonly IssueOnCell[];
  readonly suggestion: string | null;
}

export function createRowCorrection(environment: ImportEnvironment) {
  const { database, vault, audit, settings, clock } = environment;

  /**
   * @throws NotFoundError for an unknown row
   * @throws RuleViolation when the row cannot be corrected (any more)
   */
  return async function correct(actor: Actor, { batch, rowNumber, cells }: Correction): Promise<CorrectionResult> {
    const { prefix } = await settings.get('studentNumbers');
    return inBulkTransaction(database, async (tx) => {
      await tx.query(Prisma.sql`SELECT id FROM import_batch WHERE id = ${batch.id} FOR UPDATE`);
      const stored = await findRow(tx, batch.id, rowNumber);
      if (!stored) throw new NotFoundError();
      if (!isCorrectable(batch, stored) || !stored.raw)
        throw new RuleViolation('ROW_NOT_CORRECTABLE', 'import-report.errors.row_not_correctable', { status: 409 });
      const context: WriteContext = {
        tx,
        audit,
        vault,
        actor,
        batchId: batch.id,
        now: clock.now(),
        numberPrefix: prefix,
      };
      const raw = { ...openCells(vault, batch.id, rowNumber, stored.raw), ...cells };
      const tried =
        batch.source === 'students' ? await tryStudent(context, stored, raw) : await tryCompany(context, stored, raw);
      const { plan } = tried;
      if (plan.outcome !== 'rejected') {
        await tried.write();
        await keep(context, batch, plan, tried.raw);
      }
      return {
        outcome: plan.outcome,
        issues: plan.issues.map(({ code, field }) => ({
          code,
          field,
          severity: isRowErrorCode(code) ? ('error' as const) : ('warning' as const),
        })),
        suggestion: plan.suggestion,
      };
    });
  };

  interface Tried {
    readonly plan: PlannedRow;
    readonly raw: RawCells;
    write(): Promise<void>;
  }

  async function tryStudent(context: WriteContext, stored: StoredRow, typed: RawCells): Promise<Tried> {
    const { tx } = context;
    const cells = await withKnownNir(tx, typed);
    const companies = indexCompanies(await loadMatchableCompanies(tx));
    const row = { row: stored.row, cells: cells as Readonly<Record<string, string>> };
    const judged = await judgeStudents(tx, vault, companies, [row], { isOurReport: false });
    const [plan] = await planJudged(tx, vault, companies, judged, { lock: true });
    if (!plan) throw new Error('A row gives one plan');
    if (plan.outcome !== 'rejected' && (await isAppliedElsewhere(tx, context.batchId, plan)))
      return { plan: conflicting(plan, 'NIR_CONFLICT', 'nir'), raw: cells, write: () => Promise.resolve() };
    return {
      plan,
      raw: judged[0]?.cells ?? cells,
      async write() {
        await writeStudents(context, [plan]);
      },
    };
  }

  /** The person proposed for a mistyped NIR is named by their student number: the NIR is the one they have. */
  async function withKnownNir(tx: Transaction, cells: RawCells): Promise<RawCells> {
    const number = normaliseStudentNumber(cellText(cells['studentNumber']));
    if (number === '' || parseNir(cellText(cells['nir'])).ok) return cells;
    const [bearer] = await tx.query<{ id: string }>(
      Prisma.sql`SELECT id FROM student WHERE student_number = ${number}`,
    );
    const nir = bearer ? await vault.read(tx, bearer.id) : null;
    return nir === null ? cells : { ...cells, nir };
  }

  async function tryCompany(context: WriteContext, stored: StoredRow, cells: RawCells): Promise<Tried> {
    const judged = judgeCompany(stored.row, cells as unknown as CompanySourceRow);
    const [plan] = await planCompanies(context.tx, [judged], { lock: true });
    if (!plan) throw new Error('A row gives one plan');
    if (plan.outcome !== 'rejected' && (await isAppliedElsewhere(context.tx, context.batchId, plan)))
      return { plan: conflicting(plan, 'ID_CONFLICT', 'id_entreprise'), raw: cells, write: () => Promise.resolve() };
    return {
      plan,
      raw: cells,
      async write() {
        await writeCompanies(context, [plan]);
        if (plan.entityId !== null) await linkUnresolvedPositions(context.tx, [plan.entityId]);
      },
    };
  }

  /** Another row of the same file speaks of the same record already. */
  async function isAppliedElsewhere(tx: Transaction, batchId: string, plan: PlannedRow): Promise<boolean> {
    const rows = await tx.query<{ found: number }>(
      Prisma.sql`SELECT 1 AS found FROM import_row WHERE entity_id = ${plan.entityId} AND batch_id = ${batchId} AND \`row_number\` <> ${plan.row} AND outcome IN ('created', 'updated', 'unchanged') LIMIT 1`,
    );
    return rows.length > 0;
  }

  /** The row takes its place among the written ones; the batch counts again. */
  async function keep(context: WriteContext, batch: Batch, plan: PlannedRow, raw: RawCells): Promise<void> {
    const { tx, actor, now } = context;
    await restageRows(tx, batch.id, [plan]);
    await tx.execute(
      Prisma.sql`UPDATE import_row SET raw = ${sealCells(vault, batch.id, plan.row, raw)}, corrected_at = ${now}, corrected_by_id = ${actor.id} WHERE batch_id = ${batch.id} AND \`row_number\` = ${plan.row}`,
    );
    await noLongerMissing(context, batch, plan);
    await updateBatch(tx, batch.id, { totals: await countTotals(tx, batch.id) });
    audit.record(tx, actor, {
      action: 'import.row_corrected',
      subjectType: 'import',
      subjectId: batch.id,
      detail: { row: plan.row, outcome: plan.outcome },
    });
  }

  async function noLongerMissing({ tx }: WriteContext, batch: Batch, plan: PlannedRow): Promise<void> {
    const last = await findLastApplied(tx, batch.source);
    const table = Prisma.raw(batch.source === 'students' ? 'student' : 'company');
    if (last?.id === batch.id)
      await tx.execute(
        Prisma.sql`UPDATE ${table} SET missing_since = NULL, updated_at = updated_at WHERE id = ${plan.entityId}`,
      );
    await tx.execute(
      Prisma.sql`UPDATE import_missing SET kind = 'back' WHERE batch_id = ${batch.id} AND subject_id = ${plan.entityId}`,
    );
  }
}

function conflicting(plan: PlannedRow, code: 'NIR_CONFLICT' | 'ID_CONFLICT', field: string): PlannedRow {
  return { ...plan, outcome: 'rejected', errors: [code], warnings: [], issues: [{ code, field }] };
}
