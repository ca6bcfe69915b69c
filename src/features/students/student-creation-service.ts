/** A person entered by hand: warned of who they may be already, numbered, and written with everything that hangs on them. */
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { isoDayInParis, yearInParis } from '../../shared/dates.ts';
import { ForbiddenError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { nameKey } from '../../shared/names.ts';
import type { StudentStatus } from '../../shared/student-status.ts';
import type { AuditService } from '../audit/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { nirRefusalOf, type NirChecks } from './nir-check.ts';
import type { NirVault } from './nir-vault.ts';
import type { PersonFacts } from './person-likeness.ts';
import { findSimilarStudents, type SimilarStudent } from './similar-students.ts';
import type { EditableFields } from './student-edit-service.ts';
import { isNirTaken } from './student-opening.ts';
import { findStudyChoices, type StudyChoices } from './student-record-queries.ts';
import { holdsOn, statusesOf } from './student-rights.ts';
import { editableGroups, readableGroups } from './student-visibility.ts';
import { resolveStudies, type StudyLabels } from './study-labels.ts';
import {
  ensureAlumniProfiles,
  ensureEnrolments,
  recordStatusChanges,
  takeStudentNumbers,
  writeSearchTokens,
} from './student-writer.ts';

export interface NewStudent extends EditableFields, StudyLabels {
  readonly status: StudentStatus;
  /** 15 characters, checked; null when none was typed. */
  readonly nir: string | null;
  /** The warning was read: this is someone else. */
  readonly isSomeoneElse: boolean;
}

/** What the warning needs; everything may still be half typed. */
export interface DraftStudent {
  readonly lastName: string;
  readonly firstName: string;
  readonly emails: readonly (string | null)[];
  readonly phones: readonly (string | null)[];
  readonly birthDate: string | null;
  readonly postcode: string | null;
  readonly nir: string | null;
}

const CONTACT_FIELDS = [
  'birthDate',
  'email',
  'personalPhone',
  'professionalPhone',
  'street',
  'postcode',
  'city',
] as const satisfies readonly (keyof EditableFields)[];

const present = (values: readonly (string | null)[]): string[] =>
  values.filter((value): value is string => value !== null && value !== '');

export type StudentCreationService = ReturnType<typeof createStudentCreationService>;

export function createStudentCreationService({
  database,
  audit,
  clock,
  vault,
  settings,
  nirChecks,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
  /** Null in a process that holds no NIR key. */
  vault: NirVault | null;
  settings: SettingsService;
  nirChecks: NirChecks;
}) {
  /** Statuses the actor may give to someone new, and what they may fill in. */
  function powers(actor: Actor): { statuses: StudentStatus[]; contact: boolean; nir: boolean } {
    const statuses = statusesOf(actor, 'students.create');
    return {
      statuses,
      contact: statuses.some((status) => editableGroups(actor, status).has('contact')),
      nir: vault !== null && statuses.some((status) => readableGroups(actor, status).has('nir')),
    };
  }

  async function similar(actor: Actor, draft: DraftStudent): Promise<SimilarStudent[]> {
    const facts: PersonFacts = {
      lastName: draft.lastName,
      firstName: draft.firstName,
      emails: present(draft.emails),
      phones: present(draft.phones),
      birthDate: draft.birthDate,
      postcode: draft.postcode,
    };
    return findSimilarStudents(database, vault, actor, facts, await checkable(actor, draft.nir));
  }

  /** The number to compare with, null for one too many: the warning does without, and saving says so. */
  async function checkable(actor: Actor, nir: string | null): Promise<string | null> {
    if (nir === null || !vault || !powers(actor).nir) return null;
    const index = vault.indexOf(nir);
    const { wait, isNew } = await nirChecks.take(actor, index);
    if (wait > 0) return null;
    if (isNew && (await vault.findByIndexes(database, [index])).size > 0) await nirChecks.note(actor, 'known', null);
    return nir;
  }

  function checkRights(actor: Actor, input: NewStudent): void {
    if (!holdsOn(actor, 'students.create', input.status)) throw new ForbiddenError();
    const fillsContact = CONTACT_FIELDS.some((field) => input[field] !== null);
    if (fillsContact && !editableGroups(actor, input.status).has('contact')) throw new ForbiddenError();
    if (input.nir !== null && !(vault && readableGroups(actor, input.status).has('nir'))) throw new ForbiddenError();
  }

  const refuseNir = (code: string, key: string) => new RuleViolation(code, key, { fields: { nir: key } });

  async function checkNir(actor: Actor, nir: string | null): Promise<void> {
    if (nir === null || !vault) return;
    const index = vault.indexOf(nir);
    await nirChecks.spend(actor, index);
    if ((await vault.findByIndexes(database, [index])).size > 0)
      throw refuseNir('NIR_KNOWN', 'student-record.errors.nir_known');
    if ((await vault.findErased(database, [index])).size > 0)
      throw refuseNir('NIR_ERASED', 'student-record.errors.nir_erased');
  }

  async function write(actor: Actor, input: NewStudent): Promise<{ id: string; studentNumber: string }> {
    const { prefix } = await settings.get('studentNumbers');
    return inTransaction(database, async (tx) => {
      const { programmeId, programme, cohortId, cohort } = await resolveStudies(tx, audit, actor, input);
      const id = newId();
      const { lastName, firstName, status, nir } = input;
      const year = yearInParis(clock.now());
      const [studentNumber] = await takeStudentNumbers(tx, { prefix, year, count: 1 });
      if (!studentNumber) throw new Error('No student number was given');
      await tx.prisma.student.create({
        data: {
          id,
          studentNumber,
          lastName,
          firstName,
          nameKey: nameKey(lastName, firstName),
          status,
          statusSince: clock.now(),
          schoolEmail: input.schoolEmail,
          birthDate: input.birthDate === null ? null : new Date(input.birthDate),
          email: input.email,
          personalPhone: input.personalPhone,
          professionalPhone: input.professionalPhone,
          street: input.street,
          postcode: input.postcode,
          city: input.city,
          country: input.country,
          cursus: programme,
          programmeId,
          cohortId,
          origin: 'manual',
          createdById: actor.id,
        },
        select: { id: true },
      });
      await writeSearchTokens(tx, [{ id, lastName, firstName }], { replace: false });
      await recordStatusChanges(tx, [{ studentId: id, from: null, to: status, origin: 'manual', actorId: actor.id }]);
      if (programmeId) await ensureEnrolments(tx, [{ studentId: id, programmeId, cohortId, origin: 'manual' }]);
      if (status === 'alumni') await ensureAlumniProfiles(tx, [{ studentId: id, cursus: programme }]);
      if (nir !== null && vault) await vault.store(tx, [{ studentId: id, nir }]);
      const facts = { studentNumber, lastName, firstName, status, programme, cohort, schoolEmail: input.schoolEmail };
      const contact = Object.fromEntries(CONTACT_FIELDS.map((field) => [field, input[field]]));
      audit.record(tx, actor, {
        action: 'student.created',
        subjectType: 'student',
        subjectId: id,
        personId: id,
        personIsNew: true,
        changes: Object.fromEntries(
          Object.entries({ ...facts, ...contact }).flatMap(([field, value]) =>
            value === null || value === undefined ? [] : [[field, [null, value] as const]],
          ),
        ),
      });
      if (nir !== null)
        audit.record(tx, actor, { action: 'nir.added', subjectType: 'student', subjectId: id, personId: id });
      return { id, studentNumber };
    });
  }

  return {
    powers,

    /** Labels the form suggests. */
    choices: (): Promise<StudyChoices> => findStudyChoices(database),

    /** People who may be the one being typed, told within the actor's rights. */
    similar,

    /**
     * Creates a person.
     * @throws ForbiddenError when the actor may not create people of this status, or fill in what they filled in
     * @throws ThrottledError after too many numbers that were not kept
     * @throws RuleViolation NIR_KNOWN, NIR_ERASED, LIKELY_DUPLICATE (until `isSomeoneElse`), PROGRAMME_UNKNOWN, COHORT_UNKNOWN
     */
    async create(actor: Actor, input: NewStudent): Promise<{ id: string; studentNumber: string }> {
      checkRights(actor, input);
      if (input.birthDate && input.birthDate > isoDayInParis(clock.now()))
        throw new RuleViolation('BIRTH_DATE', 'student-record.errors.birth_date', {
          fields: { birthDate: 'student-record.errors.birth_date' },
        });
      try {
        await checkNir(actor, input.nir);
      } catch (error) {
        const refusal = nirRefusalOf(error);
        if (refusal) await nirChecks.note(actor, refusal, null);
        throw error;
      }
      if (!input.isSomeoneElse) {
        const found = await similar(actor, {
          ...input,
          emails: [input.email, input.schoolEmail],
          phones: [input.personalPhone, input.professionalPhone],
        });
        if (found.length > 0) throw new RuleViolation('LIKELY_DUPLICATE', 'student-record.errors.likely_duplicate');
      }
      try {
        const created = await write(actor, input);
        if (input.nir !== null) await nirChecks.giveBack(actor);
        return created;
      } catch (error) {
        if (isNirTaken(error)) throw refuseNir('NIR_KNOWN', 'student-record.errors.nir_known');
        throw error;
      }
    },
  };
}
