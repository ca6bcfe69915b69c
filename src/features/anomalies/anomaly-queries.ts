/** What an import found odd about a person or a company, and what waits for a decision about them. */
import { Prisma, type Reader } from '../../db/client.ts';

export type AnomalySubject = 'student' | 'company';

export interface Anomaly {
  /** A warning of the imports; `EDIT_CONFLICT`: the file and the record each changed the field. @see import rules §3, §6 */
  readonly code: string;
  /** A cell of the file (`phones`), or a field of the record for a conflict; empty: the whole row. */
  readonly field: string;
}

/** Fields and cells that the group `contact` opens; the others are those of `identity`. */
const CONTACT_FIELDS: Readonly<Record<AnomalySubject, ReadonlySet<string>>> = {
  student: new Set('address street postcode city country phones personalPhone professionalPhone email'.split(' ')),
  company: new Set('mail email telephone phone'.split(' ')),
};

/** The field group whose readers may be told. */
export function groupOfAnomaly(subject: AnomalySubject, { field }: Anomaly): 'contact' | 'identity' {
  return CONTACT_FIELDS[subject].has(field) ? 'contact' : 'identity';
}

/** Warnings of the last row that was applied to the record and stands, and its open conflicts. */
export async function findAnomalies(
  reader: Pick<Reader, 'query'>,
  subject: AnomalySubject,
  id: string,
): Promise<Anomaly[]> {
  return reader.query<Anomaly>(
    Prisma.sql`SELECT i.code, i.field FROM import_row_issue i JOIN (
        SELECT r.batch_id, r.row_number FROM import_row r JOIN import_batch b ON b.id = r.batch_id
          WHERE r.entity_id = ${id} AND r.outcome IN ('created', 'updated', 'unchanged') AND r.undo_outcome IS NULL
            AND b.dry_run = FALSE AND b.state IN ('applying', 'applied') ORDER BY r.batch_id DESC, r.row_number DESC LIMIT 1
      ) last ON last.batch_id = i.batch_id AND last.row_number = i.row_number
      WHERE i.severity = 'warning' AND i.code <> 'EDIT_CONFLICT'
    UNION ALL SELECT 'EDIT_CONFLICT', e.field FROM edit_conflict e
      WHERE e.subject_type = ${subject} AND e.subject_id = ${id} AND e.state = 'open'
    ORDER BY code, field`,
  );
}
