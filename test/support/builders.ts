/**
 * Valid rows for tests, with everything that hangs on them: number, search words, programme, enrolment, position, tags.
 * Each takes `app.services` and what the test cares about; the rest is invented.
 */
import type { Services } from '../../src/container.ts';
import { inTransaction, type Transaction } from '../../src/db/transaction.ts';
import { writeCompanySearchTokens } from '../../src/features/companies/index.ts';
import {
  createNirVault,
  ensureAlumniProfiles,
  ensureEnrolments,
  ensureProgrammes,
  programmeKey,
  takeStudentNumbers,
  writeSearchTokens,
} from '../../src/features/students/index.ts';
import { companyNameKey } from '../../src/shared/company-name.ts';
import { yearInParis } from '../../src/shared/dates.ts';
import { newId } from '../../src/shared/ids.ts';
import { nameKey, searchTokens } from '../../src/shared/names.ts';
import type { StudentStatus } from '../../src/shared/student-status.ts';
import { foldText } from '../../src/shared/text.ts';

const LAST_NAMES = 'Abrial Barthod Caradec Delmotte Estrade Fauchet Garrigue Hamelin Issartel Joubert'.split(' ');
const FIRST_NAMES = 'Adèle Baptiste Chloé Damien Élise Florian Gaëlle Hugo Inès Jules'.split(' ');
let built = 0;

function invented(names: readonly string[], offset: number): string {
  return names[(built + offset) % names.length] ?? 'Inventé';
}

export interface StudentSeed {
  readonly id?: string;
  readonly lastName?: string;
  readonly firstName?: string;
  readonly studentNumber?: string;
  readonly status?: StudentStatus;
  readonly statusSince?: Date;
  readonly birthDate?: Date | null;
  readonly email?: string | null;
  readonly schoolEmail?: string | null;
  /** E.164. */
  readonly personalPhone?: string | null;
  readonly professionalPhone?: string | null;
  readonly street?: string | null;
  readonly postcode?: string | null;
  readonly city?: string | null;
  /** Label of a programme, created when it is new; the student is enrolled on it. */
  readonly programme?: string;
  /** Label of a cohort of that programme, created when it is new. */
  readonly cohort?: string;
  /** 15 characters, stored in the vault. */
  readonly nir?: string;
  /** The current position: a company's id, or a name the school does not know. */
  readonly companyId?: string;
  readonly companyText?: string;
  readonly positionTitle?: string;
  readonly tags?: readonly string[];
  readonly origin?: 'import' | 'manual';
  readonly missingSince?: Date | null;
  readonly anomalyCount?: number;
  readonly archivedAt?: Date | null;
  readonly restrictedAt?: Date | null;
  readonly mergedIntoId?: string | null;
  readonly updatedAt?: Date;
}

export interface BuiltStudent {
  readonly id: string;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly status: StudentStatus;
  readonly programmeId: string | null;
  readonly cohortId: string | null;
}

/** A person of the référentiel: by default an enrolled student with no contact detail. */
export async function aStudent(services: Services, seed: StudentSeed = {}): Promise<BuiltStudent> {
  built += 1;
  const id = seed.id ?? newId();
  const lastName = seed.lastName ?? invented(LAST_NAMES, 0).toUpperCase();
  const firstName = seed.firstName ?? invented(FIRST_NAMES, Math.floor(built / 10));
  const status = seed.status ?? 'en_fonction';
  return inTransaction(services.database, async (tx) => {
    const year = yearInParis(services.clock.now());
    const studentNumber = seed.studentNumber ?? (await takeStudentNumbers(tx, { prefix: 'AC', year, count: 1 }))[0];
    if (!studentNumber) throw new Error('No student number was given');
    const programmeId = seed.programme === undefined ? null : await programmeIn(tx, seed.programme);
    const cohortId =
      programmeId === null || seed.cohort === undefined ? null : await cohortIn(tx, programmeId, seed.cohort);
    await tx.prisma.student.create({
      data: {
        id,
        studentNumber,
        lastName,
        firstName,
        nameKey: nameKey(lastName, firstName),
        status,
        statusSince: seed.statusSince,
        birthDate: seed.birthDate,
        email: seed.email,
        schoolEmail: seed.schoolEmail,
        personalPhone: seed.personalPhone,
        professionalPhone: seed.professionalPhone,
        street: seed.street,
        postcode: seed.postcode,
        city: seed.city,
        cursus: seed.programme,
        programmeId,
        cohortId,
        origin: seed.origin ?? 'manual',
        missingSince: seed.missingSince,
        anomalyCount: seed.anomalyCount,
        archivedAt: seed.archivedAt,
        restrictedAt: seed.restrictedAt,
        mergedIntoId: seed.mergedIntoId,
        updatedAt: seed.updatedAt,
      },
    });
    await writeSearchTokens(tx, [{ id, lastName, firstName }], { replace: false });
    if (programmeId !== null)
      await ensureEnrolments(tx, [
        { studentId: id, programmeId, cohortId, origin: seed.origin === 'import' ? 'import' : 'manual' },
      ]);
    if (status === 'alumni') await ensureAlumniProfiles(tx, [{ studentId: id, cursus: seed.programme ?? null }]);
    if (seed.companyId !== undefined || seed.companyText !== undefined)
      await tx.prisma.position.create({
        data: {
          id: newId(),
          studentId: id,
          companyId: seed.companyId,
          companyText: seed.companyText,
          companyKey: companyNameKey(seed.companyText ?? '') || null,
          title: seed.positionTitle,
          origin: 'manual',
        },
      });
    for (const label of seed.tags ?? []) await stick(tx, label, 'student', id);
    if (seed.nir !== undefined) {
      const { nir, nirIndex } = services.config.keys;
      if (!nir || !nirIndex) throw new Error('This process holds no NIR keys');
      await createNirVault({ nirKeys: nir, indexKeys: nirIndex }).store(tx, [{ studentId: id, nir: seed.nir }]);
    }
    return { id, studentNumber, lastName, firstName, status, programmeId, cohortId };
  });
}

/** A programme; the id of the one that has this label already, otherwise of a new one. */
export async function aProgramme(services: Services, label = 'Programme Grande École'): Promise<string> {
  return inTransaction(services.database, (tx) => programmeIn(tx, label));
}

/** A cohort of a programme. */
export async function aCohort(services: Services, programmeId: string, label = 'Promotion 2026'): Promise<string> {
  return inTransaction(services.database, (tx) => cohortIn(tx, programmeId, label));
}

export interface CompanySeed {
  readonly id?: string;
  readonly name?: string;
  readonly siren?: string | null;
  readonly legacyId?: number | null;
  readonly street?: string | null;
  readonly postcode?: string | null;
  readonly city?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly website?: string | null;
  readonly sector?: string | null;
  readonly relationStage?: string;
  readonly openToStudents?: boolean;
  readonly origin?: 'import' | 'manual';
  readonly anomalyCount?: number;
  readonly missingSince?: Date | null;
  readonly archivedAt?: Date | null;
  readonly mergedIntoId?: string | null;
  readonly tags?: readonly string[];
  readonly updatedAt?: Date;
}

/** A company with its search words. */
export async function aCompany(services: Services, seed: CompanySeed = {}): Promise<{ id: string; name: string }> {
  built += 1;
  const { tags = [], ...fields } = seed;
  const id = seed.id ?? newId();
  const name = seed.name ?? `Ateliers ${invented(LAST_NAMES, 0)} ${built}`;
  return inTransaction(services.database, async (tx) => {
    await tx.prisma.company.create({
      data: { ...fields, id, name, nameKey: companyNameKey(name), origin: seed.origin ?? 'manual' },
    });
    await writeCompanySearchTokens(tx, [{ id, name }], { replace: false });
    for (const label of tags) await stick(tx, label, 'company', id);
    return { id, name };
  });
}

/** A place of business of a company. */
export async function aSite(
  services: Services,
  seed: { readonly companyId: string; readonly label?: string; readonly siret?: string; readonly city?: string },
): Promise<{ id: string }> {
  const id = newId();
  await services.database.prisma.companySite.create({ data: { label: 'Site principal', ...seed, id } });
  return { id };
}

export interface ContactSeed {
  readonly id?: string;
  readonly companyId: string;
  readonly siteId?: string | null;
  readonly lastName?: string;
  readonly firstName?: string | null;
  readonly jobTitle?: string | null;
  readonly contactRole?: 'hr' | 'management' | 'tutor' | 'accounting' | 'communication' | 'other';
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly mobilePhone?: string | null;
  readonly studentId?: string | null;
  readonly optedOutAt?: Date | null;
  readonly lastContactOn?: Date | null;
  readonly archivedAt?: Date | null;
  readonly tags?: readonly string[];
  readonly updatedAt?: Date;
}

/** A person the school knows at a company. */
export async function aContact(services: Services, seed: ContactSeed): Promise<{ id: string; lastName: string }> {
  built += 1;
  const { tags = [], ...fields } = seed;
  const id = seed.id ?? newId();
  const lastName = seed.lastName ?? invented(LAST_NAMES, 3);
  const firstName = seed.firstName === undefined ? invented(FIRST_NAMES, 5) : seed.firstName;
  return inTransaction(services.database, async (tx) => {
    await tx.prisma.contact.create({
      data: { ...fields, id, lastName, firstName, nameKey: nameKey(lastName, firstName ?? '') },
    });
    const tokens = searchTokens(lastName, firstName ?? '').map((token) => ({ token, contactId: id }));
    await tx.prisma.contactSearchToken.createMany({ data: tokens });
    for (const label of tags) await stick(tx, label, 'contact', id);
    return { id, lastName };
  });
}

async function programmeIn(tx: Transaction, label: string): Promise<string> {
  const id = (await ensureProgrammes(tx, [label])).get(programmeKey(label));
  if (!id) throw new Error(`No programme "${label}"`);
  return id;
}

async function cohortIn(tx: Transaction, programmeId: string, label: string): Promise<string> {
  const known = await tx.prisma.cohort.findFirst({ where: { programmeId, labelKey: foldText(label) } });
  if (known) return known.id;
  const id = newId();
  await tx.prisma.cohort.create({ data: { id, programmeId, label, labelKey: foldText(label) } });
  return id;
}

async function tagIn(tx: Transaction, label: string): Promise<string> {
  const known = await tx.prisma.tag.findFirst({ where: { labelKey: foldText(label) } });
  if (known) return known.id;
  const id = newId();
  await tx.prisma.tag.create({ data: { id, label, labelKey: foldText(label) } });
  return id;
}

async function stick(
  tx: Transaction,
  label: string,
  subjectType: 'student' | 'company' | 'contact',
  subjectId: string,
): Promise<void> {
  await tx.prisma.tagging.create({ data: { tagId: await tagIn(tx, label), subjectType, subjectId } });
}
