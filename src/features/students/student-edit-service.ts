/** Changes to a person's fields, made by hand. What the workbook last said (student_import_base) is left alone: the import's merge rule compares with it. */
import { inBulkTransaction } from '../../db/bulk-transaction.ts';
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { dayOf, isoDayInParis } from '../../shared/dates.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { nameKey } from '../../shared/names.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { nirRefusalOf, type NirChecks } from './nir-check.ts';
import type { NirVault } from './nir-vault.ts';
import { isNirTaken, openStudent, writeStudent, type StudentData } from './student-opening.ts';
import type { StudentRow } from './student-record-queries.ts';
import type { ContactDetails } from './student-record-service.ts';
import { holdsOn } from './student-rights.ts';
import { resolveStudies } from './study-labels.ts';
import { editableGroups } from './student-visibility.ts';
import { ensureAlumniProfiles, ensureEnrolments, recordStatusChanges, writeSearchTokens } from './student-writer.ts';

/** Fields a form may change, as they are stored; days are `YYYY-MM-DD`, phones E.164. */
export interface EditableFields extends Pick<StudentRow, 'lastName' | 'firstName' | 'schoolEmail'>, ContactDetails {}

/** The group whose right each field needs. */
const FIELD_GROUPS: Readonly<Record<keyof EditableFields, 'identity' | 'contact'>> = {
  lastName: 'identity',
  firstName: 'identity',
  schoolEmail: 'identity',
  birthDate: 'contact',
  email: 'contact',
  personalPhone: 'contact',
  professionalPhone: 'contact',
  street: 'contact',
  postcode: 'contact',
  city: 'contact',
  country: 'contact',
};

/** The person to change, and the version their form was filled from. */
export interface EditTarget {
  readonly id: string;
  readonly version: number;
}

export interface EditResult {
  /** False when the form said what the record already says. */
  readonly changed: boolean;
}

function fieldsOf(row: StudentRow): EditableFields {
  return { ...row, birthDate: dayOf(row.birthDate) };
}

/** Fields whose value differs, with both values; a field that is not given is not changed. */
function changesOf(row: StudentRow, values: Partial<EditableFields>): FieldChanges {
  const before = fieldsOf(row);
  return Object.fromEntries(
    (Object.keys(FIELD_GROUPS) as (keyof EditableFields)[]).flatMap((field) => {
      const after = values[field];
      return after === undefined || after === before[field] ? [] : [[field, [before[field], after] as const]];
    }),
  );
}

function valuesAfter(changes: FieldChanges): StudentData {
  return Object.fromEntries(
    Object.entries(changes).map(([field, [, value]]): [string, string | null] => [field, value as string | null]),
  );
}

export type StudentEditService = ReturnType<typeof createStudentEditService>;

export function createStudentEditService({
  database,
  audit,
  clock,
  vault,
  nirChecks,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  /** Null in a process that holds no NIR key. */
  vault: NirVault | null;
  nirChecks: NirChecks;
}) {
  const record = (
    tx: Transaction,
    actor: Actor,
    id: string,
    action: string,
    changes: FieldChanges,
    detail?: Record<string, unknown>,
  ) => audit.record(tx, actor, { action, subjectType: 'student', subjectId: id, personId: id, changes, detail });

  function checkVersion(row: StudentRow, version: number): void {
    if (row.version !== version) throw new ConflictError(row);
  }

  /** Who leaves the alumni keeps their past positions; the current ones end. @see import rules §7 */
  async function closePositions(tx: Transaction, actor: Actor, id: string): Promise<void> {
    const today = isoDayInParis(clock.now());
    const open = await tx.prisma.position.findMany({
      where: { studentId: id, endedOn: null },
      select: { id: true, title: true, companyText: true, company: { select: { name: true } } },
    });
    if (open.length === 0) return;
    await tx.prisma.position.updateMany({
      where: { id: { in: open.map((position) => position.id) } },
      data: { endedOn: new Date(today), version: { increment: 1 } },
    });
    for (const position of open)
      record(
        tx,
        actor,
        id,
        'position.ended',
        { endedOn: [null, today] },
        { position: [position.title, position.company?.name ?? position.companyText].filter(Boolean).join(', ') },
      );
  }

  return {
    /**
     * Changes fields of identity and contact.
     * @throws ForbiddenError when one of the fields is not the actor's to change: nothing is written then
     * @throws ConflictError when someone changed the person since; `current` is the row as it is now
     */
    async saveFields(actor: Actor, target: EditTarget, values: Partial<EditableFields>): Promise<EditResult> {
      return inBulkTransaction(database, async (tx) => {
        const groups = (Object.keys(values) as (keyof EditableFields)[]).map((field) => FIELD_GROUPS[field]);
        const { row } = await openStudent(tx, actor, target.id, ({ editable }) =>
          groups.every((group) => editable.has(group)),
        );
        const changes = changesOf(row, values);
        if (Object.keys(changes).length === 0) return { changed: false };
        checkVersion(row, target.version);
        const after = { ...fieldsOf(row), ...values };
        if (after.birthDate && after.birthDate > isoDayInParis(clock.now()))
          throw new RuleViolation('BIRTH_DATE', 'student-record.errors.birth_date', {
            fields: { birthDate: 'student-record.errors.birth_date' },
          });
        await writeStudent(tx, actor, target, {
          ...valuesAfter(changes),
          nameKey: nameKey(after.lastName, after.firstName),
        });
        if ('lastName' in changes || 'firstName' in changes)
          await writeSearchTokens(tx, [{ id: row.id, lastName: after.lastName, firstName: after.firstName }], {
            replace: true,
          });
        record(tx, actor, row.id, 'student.updated', changes);
        return { changed: true };
      });
    },

    /**
     * Changes the main programme and cohort, and enrols the person there.
     * @throws RuleViolation PROGRAMME_UNKNOWN, COHORT_UNKNOWN unless `create`; COHORT_ALONE
     * @throws ConflictError, ForbiddenError, NotFoundError as for the fields
     */
    async saveStudies(
      actor: Actor,
      target: EditTarget,
      values: { readonly programme: string | null; readonly cohort: string | null; readonly create: boolean },
    ): Promise<EditResult> {
      return inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, target.id, ({ editable }) => editable.has('identity'));
        const studies = await resolveStudies(tx, audit, actor, values);
        if (studies.programmeId === row.programmeId && studies.cohortId === row.cohortId) return { changed: false };
        checkVersion(row, target.version);
        const cursus = studies.programmeId === row.programmeId ? row.cursus : studies.programme;
        await writeStudent(tx, actor, target, {
          programmeId: studies.programmeId,
          cohortId: studies.cohortId,
          cursus,
        });
        if (studies.programmeId) {
          const { programmeId, cohortId } = studies;
          await ensureEnrolments(tx, [{ studentId: row.id, programmeId, cohortId, origin: 'manual' }]);
          if (!cohortId)
            await tx.prisma.enrolment.updateMany({
              where: { studentId: row.id, programmeId },
              data: { cohortId: null },
            });
        }
        if (row.status === 'alumni') await ensureAlumniProfiles(tx, [{ studentId: row.id, cursus }]);
        record(tx, actor, row.id, 'student.updated', {
          ...(studies.programmeId === row.programmeId ? {} : { programme: [row.programme, studies.programme] }),
          ...(studies.cohortId === row.cohortId ? {} : { cohort: [row.cohort, studies.cohort] }),
        });
        return { changed: true };
      });
    },

    /**
     * Changes the status, with a reason. An alumnus gets a profile; who leaves the alumni sees their positions closed.
     * @throws ForbiddenError unless the actor may change people of both statuses
     * @throws ConflictError, NotFoundError as for the fields
     */
    async changeStatus(
      actor: Actor,
      target: EditTarget,
      { status, reason }: { readonly status: StudentStatus; readonly reason: string },
    ): Promise<EditResult> {
      return inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, target.id, ({ editable }) => editable.has('identity'));
        if (!editableGroups(actor, status).has('identity') || !holdsOn(actor, 'students.read', status))
          throw new ForbiddenError();
        if (row.status === status) return { changed: false };
        checkVersion(row, target.version);
        await writeStudent(tx, actor, target, { status, statusSince: clock.now() });
        await recordStatusChanges(tx, [
          { studentId: row.id, from: row.status, to: status, origin: 'manual', reason, actorId: actor.id },
        ]);
        record(tx, actor, row.id, 'student.status_changed', { status: [row.status, status] }, { reason });
        if (status === 'alumni') await ensureAlumniProfiles(tx, [{ studentId: row.id, cursus: row.cursus }]);
        if (row.status === 'alumni') await closePositions(tx, actor, row.id);
        return { changed: true };
      });
    },

    /**
     * Gives a social-security number to a person who has none.
     * @param nir 15 characters, checked
     * @throws RuleViolation NIR_KNOWN, NIR_ERASED, NIR_PRESENT; ThrottledError after too many numbers that were not kept
     */
    async addNir(actor: Actor, id: string, nir: string): Promise<void> {
      const refuse = (code: string, key: string) => new RuleViolation(code, key, { fields: { nir: key } });
      const known = () => refuse('NIR_KNOWN', 'student-record.errors.nir_known');
      try {
        await inTransaction(database, async (tx) => {
          const { row } = await openStudent(tx, actor, id, (rights) => rights.addNir);
          if (!vault) throw new NotFoundError();
          if ((await vault.keyDigits(tx, [id])).has(id))
            throw refuse('NIR_PRESENT', 'student-record.errors.nir_present');
          const index = vault.indexOf(nir);
          await nirChecks.spend(actor, index);
          if ((await vault.findErased(tx, [index])).size > 0)
            throw refuse('NIR_ERASED', 'student-record.errors.nir_erased');
          await vault.store(tx, [{ studentId: row.id, nir }]);
          record(tx, actor, row.id, 'nir.added', {});
        });
        await nirChecks.giveBack(actor);
      } catch (thrown) {
        const error = isNirTaken(thrown) ? known() : thrown;
        const refusal = nirRefusalOf(error);
        if (refusal) await nirChecks.note(actor, refusal, id);
        throw error;
      }
    },

    /** Puts a record away with a reason; nothing is deleted. One that is already there stays as it is. */
    async archive(actor: Actor, id: string, reason: string): Promise<void> {
      await inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, id, (rights) => rights.archive);
        if (row.archivedAt) return;
        const archivedAt = clock.now();
        await writeStudent(tx, actor, row, { archivedAt, archivedById: actor.id, archiveReason: reason });
        record(tx, actor, id, 'student.archived', { archivedAt: [null, archivedAt.toISOString()] }, { reason });
      });
    },

    /** Brings an archived record back. */
    async restore(actor: Actor, id: string): Promise<void> {
      await inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, id, (rights) => rights.archive);
        if (!row.archivedAt) return;
        await writeStudent(tx, actor, row, { archivedAt: null, archivedById: null, archiveReason: null });
        record(tx, actor, id, 'student.restored', { archivedAt: [row.archivedAt.toISOString(), null] });
      });
    },
  };
}
