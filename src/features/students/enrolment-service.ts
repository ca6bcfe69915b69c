/** A person's enrolments beside the main one: added, dated, ended, resumed; never deleted. */
import type { Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { dayOf } from '../../shared/dates.ts';
import { ConflictError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { openStudent } from './student-opening.ts';
import { findEnrolments, type EnrolmentRow } from './student-record-queries.ts';
import { resolveStudies } from './study-labels.ts';

export interface NewEnrolment {
  readonly programme: string;
  readonly cohort: string | null;
  /** Make a programme or a cohort that does not exist yet. */
  readonly create: boolean;
  /** `YYYY-MM-DD`. */
  readonly startedOn: string | null;
  readonly endedOn: string | null;
}

export interface EnrolmentChange {
  readonly version: number;
  readonly cohort: string | null;
  readonly create: boolean;
  readonly startedOn: string | null;
  readonly endedOn: string | null;
}

const dateOf = (day: string | null): Date | null => (day === null ? null : new Date(day));

function checkDays({ startedOn, endedOn }: { startedOn: string | null; endedOn: string | null }): void {
  if (startedOn && endedOn && endedOn < startedOn)
    throw new RuleViolation('DAYS_CROSSED', 'student-record.errors.days_crossed', {
      fields: { endedOn: 'student-record.errors.days_crossed' },
    });
}

export type EnrolmentService = ReturnType<typeof createEnrolmentService>;

export function createEnrolmentService({ database, audit }: { database: Database; audit: AuditService }) {
  const record = (
    tx: Transaction,
    actor: Actor,
    studentId: string,
    action: string,
    programme: string,
    changes: FieldChanges,
  ) =>
    audit.record(tx, actor, {
      action,
      subjectType: 'student',
      subjectId: studentId,
      personId: studentId,
      changes: { programme: [programme, programme], ...changes },
    });

  async function enrolmentOf(tx: Transaction, studentId: string, enrolmentId: string): Promise<EnrolmentRow> {
    const found = (await findEnrolments(tx, studentId)).find((enrolment) => enrolment.id === enrolmentId);
    if (!found) throw new NotFoundError();
    return found;
  }

  return {
    /**
     * Enrols a person. Their first programme becomes the main one.
     * @throws RuleViolation PROGRAMME_UNKNOWN, COHORT_UNKNOWN, ALREADY_ENROLLED, DAYS_CROSSED
     */
    async add(actor: Actor, studentId: string, input: NewEnrolment): Promise<void> {
      checkDays(input);
      await inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, studentId, ({ editable }) => editable.has('identity'));
        const { programmeId, programme, cohortId, cohort } = await resolveStudies(tx, audit, actor, input);
        if (!programmeId || !programme) throw new Error('An enrolment has a programme');
        const enrolments = await findEnrolments(tx, studentId);
        if (enrolments.some((enrolment) => enrolment.programmeId === programmeId))
          throw new RuleViolation('ALREADY_ENROLLED', 'student-record.errors.already_enrolled', {
            fields: { programme: 'student-record.errors.already_enrolled' },
          });
        await tx.prisma.enrolment.create({
          data: {
            id: newId(),
            studentId,
            programmeId,
            cohortId,
            startedOn: dateOf(input.startedOn),
            endedOn: dateOf(input.endedOn),
            origin: 'manual',
          },
          select: { id: true },
        });
        if (!row.programmeId && !input.endedOn)
          await tx.prisma.student.updateMany({
            where: { id: studentId },
            data: { programmeId, cohortId, cursus: programme, version: { increment: 1 } },
          });
        audit.record(tx, actor, {
          action: 'enrolment.added',
          subjectType: 'student',
          subjectId: studentId,
          personId: studentId,
          changes: {
            programme: [null, programme],
            ...(cohort ? { cohort: [null, cohort] } : {}),
            ...(input.startedOn ? { startedOn: [null, input.startedOn] } : {}),
            ...(input.endedOn ? { endedOn: [null, input.endedOn] } : {}),
          },
        });
      });
    },

    /**
     * Changes the cohort or the days of an enrolment; an end closes it, an end taken away reopens it.
     * @throws ConflictError when someone changed it since; RuleViolation COHORT_UNKNOWN, DAYS_CROSSED
     */
    async update(actor: Actor, studentId: string, enrolmentId: string, input: EnrolmentChange): Promise<void> {
      checkDays(input);
      await inTransaction(database, async (tx) => {
        const { row } = await openStudent(tx, actor, studentId, ({ editable }) => editable.has('identity'));
        const before = await enrolmentOf(tx, studentId, enrolmentId);
        const { cohortId, cohort } = await resolveStudies(tx, audit, actor, { ...input, programme: before.programme });
        const { count } = await tx.prisma.enrolment.updateMany({
          where: { id: enrolmentId, version: input.version },
          data: {
            cohortId,
            startedOn: dateOf(input.startedOn),
            endedOn: dateOf(input.endedOn),
            version: input.version + 1,
          },
        });
        if (count === 0) throw new ConflictError(before);
        if (row.programmeId === before.programmeId && row.cohortId !== cohortId)
          await tx.prisma.student.updateMany({
            where: { id: studentId },
            data: { cohortId, version: { increment: 1 } },
          });
        const [started, ended] = [dayOf(before.startedOn), dayOf(before.endedOn)];
        const changes: FieldChanges = {
          ...(cohortId === before.cohortId ? {} : { cohort: [before.cohort, cohort] }),
          ...(started === input.startedOn ? {} : { startedOn: [started, input.startedOn] }),
          ...(ended === input.endedOn ? {} : { endedOn: [ended, input.endedOn] }),
        };
        if (Object.keys(changes).length === 0) return;
        const action =
          ended === null && input.endedOn
            ? 'enrolment.ended'
            : ended && input.endedOn === null
              ? 'enrolment.reopened'
              : 'enrolment.updated';
        record(tx, actor, studentId, action, before.programme, changes);
      });
    },

    /** Enrolments of a person, for the form of one of them. */
    async get(actor: Actor, studentId: string, enrolmentId: string): Promise<EnrolmentRow> {
      return inTransaction(database, async (tx) => {
        await openStudent(tx, actor, studentId, ({ editable }) => editable.has('identity'));
        return enrolmentOf(tx, studentId, enrolmentId);
      });
    },
  };
}
