/**
 * One person's record, as the actor may read it: what is not theirs to read is absent from what this service returns, so that
 * no page and no answer can show it.
 */
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { dayOf } from '../../shared/dates.ts';
import { ForbiddenError, NotFoundError } from '../../shared/errors.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import { findAnomalies, groupOfAnomaly, type Anomaly } from '../anomalies/index.ts';
import type { AuditService, JournalEvent, JournalService } from '../audit/index.ts';
import type { TagRow, TagService } from '../tags/index.ts';
import type { NirVault } from './nir-vault.ts';
import { readableHistory } from './record-history.ts';
import {
  countOnRecord,
  findAlumniProfile,
  findEnrolments,
  findImportTouches,
  findPositions,
  findStatusChanges,
  findStudent,
  findSurvivor,
  type StudentRow,
} from './student-record-queries.ts';
import { recordRights, type RecordRights } from './student-rights.ts';

export type RecordTab = 'identity' | 'studies' | 'career' | 'notes' | 'history' | 'imports';

export interface ContactDetails extends Pick<
  StudentRow,
  'email' | 'personalPhone' | 'professionalPhone' | 'street' | 'postcode' | 'city' | 'country'
> {
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null;
}

export interface StudentRecord {
  readonly id: string;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly schoolEmail: string | null;
  readonly status: StudentStatus;
  readonly statusSince: Date;
  readonly programme: string | null;
  readonly cohort: string | null;
  readonly cursus: string | null;
  readonly origin: string;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly updatedAt: Date;
  readonly version: number;
  readonly missingSince: Date | null;
  readonly anomalyCount: number;
  /** Those of the fields the actor may read. */
  readonly anomalies: readonly Anomaly[];
  readonly openConflicts: number;
  readonly archived: { readonly at: Date; readonly by: string | null; readonly reason: string | null } | null;
  readonly restrictedAt: Date | null;
  /** Absent when the actor may not read them. */
  readonly contact?: ContactDetails;
  /** Two last digits, null when the person has no number; absent when the actor may not read them. */
  readonly nir?: { readonly keyDigits: string | null };
  readonly tags: readonly TagRow[];
  readonly counts: { readonly notes?: number; readonly positions: number; readonly imports?: number };
  readonly hasCareer: boolean;
  readonly rights: RecordRights;
}

function contactOf(row: StudentRow): ContactDetails {
  return {
    birthDate: dayOf(row.birthDate),
    email: row.email,
    personalPhone: row.personalPhone,
    professionalPhone: row.professionalPhone,
    street: row.street,
    postcode: row.postcode,
    city: row.city,
    country: row.country,
  };
}

export type StudentRecordService = ReturnType<typeof createStudentRecordService>;

export function createStudentRecordService({
  database,
  audit,
  journal,
  tags,
  vault,
}: {
  database: Database;
  audit: AuditService;
  journal: JournalService;
  tags: TagService;
  /** Null in a process that holds no NIR key. */
  vault: NirVault | null;
}) {
  /** The record; a person out of sight is as unknown as one who does not exist. */
  async function read(actor: Actor, id: string): Promise<StudentRecord> {
    const row = await findStudent(database, actor, id);
    if (!row) throw new NotFoundError();
    const rights = recordRights(actor, { status: row.status, isRestricted: row.restrictedAt !== null });
    if (!rights.readable.has('identity')) throw new NotFoundError();
    const [counts, tagged, digits, anomalies] = await Promise.all([
      countOnRecord(database, id),
      tags.of('student', [id]),
      vault && rights.readable.has('nir') ? vault.keyDigits(database, [id]) : null,
      row.anomalyCount > 0 ? findAnomalies(database, 'student', id) : [],
    ]);
    return {
      id: row.id,
      studentNumber: row.studentNumber,
      lastName: row.lastName,
      firstName: row.firstName,
      schoolEmail: row.schoolEmail,
      status: row.status,
      statusSince: row.statusSince,
      programme: row.programme,
      cohort: row.cohort,
      cursus: row.cursus,
      origin: row.origin,
      createdAt: row.createdAt,
      createdBy: row.createdBy,
      updatedAt: row.updatedAt,
      version: row.version,
      missingSince: row.missingSince,
      anomalyCount: row.anomalyCount,
      anomalies: anomalies.filter(
        (one) => rights.readable.has('contact') || groupOfAnomaly('student', one) !== 'contact',
      ),
      openConflicts: counts.openConflicts,
      archived: row.archivedAt && { at: row.archivedAt, by: row.archivedBy, reason: row.archiveReason },
      restrictedAt: row.restrictedAt,
      ...(rights.readable.has('contact') ? { contact: contactOf(row) } : {}),
      ...(digits ? { nir: { keyDigits: digits.get(id) ?? null } } : {}),
      tags: tagged.get(id) ?? [],
      counts: {
        positions: counts.positions,
        ...(rights.readNotes ? { notes: counts.notes } : {}),
        ...(rights.readImports ? { imports: counts.imports } : {}),
      },
      hasCareer: row.status === 'alumni' || counts.positions > 0,
      rights,
    };
  }

  /** Who controls the journal reads records like anyone who looks over a shoulder: it is written down. */
  async function noteConsultation(actor: Actor, record: StudentRecord, tab: RecordTab): Promise<void> {
    if (!record.rights.controls) return;
    await inTransaction(database, async (tx) => {
      audit.record(tx, actor, {
        action: 'student.consulted',
        subjectType: 'student',
        subjectId: record.id,
        personId: record.id,
        detail: { tab },
      });
    });
  }

  return {
    /**
     * Opens a record on one of its tabs.
     * @throws NotFoundError when the person is out of sight, or has no such tab; ForbiddenError when the tab is not the actor's to read
     */
    async open(actor: Actor, id: string, tab: RecordTab): Promise<StudentRecord> {
      const record = await read(actor, id);
      if (tab === 'career' && !record.hasCareer) throw new NotFoundError();
      if (tab === 'notes' && !record.rights.readNotes) throw new ForbiddenError();
      if (tab === 'imports' && !record.rights.readImports) throw new ForbiddenError();
      await noteConsultation(actor, record, tab);
      return record;
    },

    /** The id of the person a merged record became, null when there is none the actor may see. */
    survivorOf: (actor: Actor, id: string): Promise<string | null> => findSurvivor(database, actor, id),

    /** History of status and enrolments. */
    async studies(record: StudentRecord) {
      const [statusChanges, enrolments] = await Promise.all([
        findStatusChanges(database, record.id),
        findEnrolments(database, record.id),
      ]);
      return { statusChanges, enrolments };
    },

    /** Alumni profile and positions. */
    async career(record: StudentRecord) {
      const [profile, positions] = await Promise.all([
        findAlumniProfile(database, record.id),
        findPositions(database, record.id),
      ]);
      return { profile, positions };
    },

    /** Rows of imports that touched the person. */
    imports: (record: StudentRecord) => findImportTouches(database, record.id),

    /** What happened to the record, in the limits of what the actor reads of it. */
    async history(
      actor: Actor,
      record: StudentRecord,
      after: string | null,
    ): Promise<{ events: JournalEvent[]; next: string | null }> {
      const { events, next } = await journal.recordHistory(actor, {
        subjectType: 'student',
        subjectId: record.id,
        after,
      });
      return { events: readableHistory(events, record.rights), next };
    },
  };
}
