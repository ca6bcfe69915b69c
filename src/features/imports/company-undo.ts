/** What is undone of companies. */
import { Prisma, type Reader } from '../../db/client.ts';
import { setCompanyAnomalies, updateCompanies, writeCompanyBases, type CompanyImage } from './company-import-writer.ts';
import { loadCompaniesById, type CompanyState } from './company-state.ts';
import { undoRecords, type UndoneKind } from './undo-records.ts';
import type { UndoOutcome, UndoRow } from './undo-plan.ts';
import type { WriteContext } from './write-context.ts';

const COMPANIES: UndoneKind<CompanyState, CompanyImage> = {
  subjectType: 'company',
  load: loadCompaniesById,
  findDependedUpon,
  keptOf: ({ record, legacyId }) => ({ name: record.name, legacyId }),
  setAnomalies: setCompanyAnomalies,
  writeBases: writeCompanyBases,

  async remove({ tx }, companyIds) {
    const ids = Prisma.join([...companyIds]);
    // Posts matched by name are again known by the name alone, as before the company came.
    await tx.execute(
      Prisma.sql`UPDATE \`position\` SET company_id = NULL, version = version + 1 WHERE company_id IN (${ids})`,
    );
    await tx.execute(Prisma.sql`DELETE FROM company WHERE id IN (${ids})`);
  },

  async restore({ tx }, updated) {
    await updateCompanies(
      tx,
      updated.map(({ state, image }) => ({
        id: state.id,
        origin: state.origin,
        values: image.record,
        anomalyCount: image.anomalyCount,
        renamed: state.record.name !== image.record.name,
      })),
    );
  },
};

/** Undoes some rows of a batch. @returns what became of each created and updated row */
export function undoCompanies(context: WriteContext, rows: readonly UndoRow[]): Promise<Map<number, UndoOutcome>> {
  return undoRecords(COMPANIES, context, rows);
}

/** Companies on which someone has built: a contact, a site, a note, a tag, a merge, a post that someone linked by hand. */
async function findDependedUpon(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  const list = Prisma.join([...ids]);
  const rows = await reader.query<{ id: string }>(
    Prisma.sql`SELECT subject_id AS id FROM note WHERE subject_type = 'company' AND subject_id IN (${list})
      UNION SELECT subject_id FROM tagging WHERE subject_type = 'company' AND subject_id IN (${list})
      UNION SELECT company_id FROM contact WHERE company_id IN (${list})
      UNION SELECT company_id FROM company_site WHERE company_id IN (${list})
      UNION SELECT company_id FROM \`position\` WHERE company_id IN (${list}) AND company_text IS NULL
      UNION SELECT merged_into_id FROM company WHERE merged_into_id IN (${list})`,
  );
  return new Set(rows.map(({ id }) => id));
}
