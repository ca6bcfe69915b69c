/** The career of alumni. Positions: at a company of the CRM when its name is known, otherwise under the name as typed. */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { dayOf } from '../../shared/dates.ts';
import { ConflictError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { cleanText } from '../../shared/text.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { openStudent } from './student-opening.ts';
import { findAlumniProfile, findPositions, type PositionRow } from './student-record-queries.ts';

export interface PositionInput {
  /** Name of the company, in any spelling. */
  readonly company: string;
  /** Which of several companies of that name; `text` keeps the name alone; null: not chosen. */
  readonly companyChoice: string | null;
  readonly title: string | null;
  /** `YYYY-MM-DD`. */
  readonly startedOn: string | null;
  readonly endedOn: string | null;
}

export interface CompanyMatch {
  readonly id: string;
  readonly name: string;
  readonly city: string | null;
}

const dateOf = (day: string | null): Date | null => (day === null ? null : new Date(day));
const keyOf = (companyText: string | null): string | null => companyNameKey(companyText ?? '') || null;
const COMPANIES_OFFERED = 20;

const nameOf = (position: Pick<PositionRow, 'companyName' | 'companyText'>): string | null =>
  position.companyName ?? position.companyText;

function factsOf(position: PositionRow): Record<string, string | null> {
  return {
    company: nameOf(position),
    title: position.title,
    startedOn: dayOf(position.startedOn),
    endedOn: dayOf(position.endedOn),
  };
}

export type CareerService = ReturnType<typeof createCareerService>;

export function createCareerService({ database, audit }: { database: Database; audit: AuditService }) {
  async function companiesNamed(
    reader: { query<Row>(statement: Prisma.Sql): Promise<Row[]> },
    name: string,
  ): Promise<CompanyMatch[]> {
    const key = companyNameKey(name);
    if (key === '') return [];
    return reader.query<CompanyMatch>(
      Prisma.sql`SELECT id, name, city FROM company WHERE name_key = ${key} AND merged_into_id IS NULL ORDER BY archived_at IS NOT NULL, id LIMIT ${COMPANIES_OFFERED}`,
    );
  }

  /** The company a form names: the one that was chosen, the only one of that name, or the text alone. */
  async function companyOf(
    tx: Transaction,
    input: PositionInput,
  ): Promise<{ companyId: string | null; companyText: string; name: string }> {
    const companyText = cleanText(input.company);
    const matches = await companiesNamed(tx, companyText);
    const chosen = matches.find((match) => match.id === input.companyChoice);
    if (chosen) return { companyId: chosen.id, companyText, name: chosen.name };
    if (input.companyChoice === 'text' || matches.length === 0)
      return { companyId: null, companyText, name: companyText };
    const [only, ...others] = matches;
    if (only && others.length === 0) return { companyId: only.id, companyText, name: only.name };
    throw new RuleViolation('COMPANY_AMBIGUOUS', 'student-record.errors.company_ambiguous', {
      fields: { companyChoice: 'student-record.errors.company_ambiguous' },
    });
  }

  function checkDays({ startedOn, endedOn }: PositionInput): void {
    if (startedOn && endedOn && endedOn < startedOn)
      throw new RuleViolation('DAYS_CROSSED', 'student-record.errors.days_crossed', {
        fields: { endedOn: 'student-record.errors.days_crossed' },
      });
  }

  async function positionOf(tx: Transaction, studentId: string, positionId: string): Promise<PositionRow> {
    const found = (await findPositions(tx, studentId)).find((position) => position.id === positionId);
    if (!found) throw new NotFoundError();
    return found;
  }

  return {
    /** Companies that answer to a name, for the choice a form offers when there are several. */
    companiesNamed: (name: string): Promise<CompanyMatch[]> => companiesNamed(database, name),

    /** Names of companies that begin like what is typed. */
    async suggestCompanies(typed: string): Promise<CompanyMatch[]> {
      const key = companyNameKey(typed);
      if (key.length < 2) return [];
      return database.query<CompanyMatch>(
        Prisma.sql`SELECT id, name, city FROM company WHERE name_key LIKE ${`${key}%`} AND merged_into_id IS NULL AND archived_at IS NULL ORDER BY name_key, id LIMIT ${COMPANIES_OFFERED}`,
      );
    },

    /**
     * Adds a position.
     * @throws RuleViolation COMPANY_AMBIGUOUS, DAYS_CROSSED; ForbiddenError unless the person is an alumnus the actor may change
     */
    async add(actor: Actor, studentId: string, input: PositionInput): Promise<void> {
      checkDays(input);
      await inTransaction(database, async (tx) => {
        await openStudent(tx, actor, studentId, (rights) => rights.updateCareer);
        const { companyId, companyText, name } = await companyOf(tx, input);
        await tx.prisma.position.create({
          data: {
            id: newId(),
            studentId,
            companyId,
            companyText,
            companyKey: keyOf(companyText),
            title: input.title,
            startedOn: dateOf(input.startedOn),
            endedOn: dateOf(input.endedOn),
            origin: 'manual',
          },
          select: { id: true },
        });
        const facts = { company: name, title: input.title, startedOn: input.startedOn, endedOn: input.endedOn };
        audit.record(tx, actor, {
          action: 'position.added',
          subjectType: 'student',
          subjectId: studentId,
          personId: studentId,
          changes: Object.fromEntries(
            Object.entries(facts).flatMap(([field, value]) => (value ? [[field, [null, value] as const]] : [])),
          ),
        });
      });
    },

    /**
     * Changes a position; an end closes it.
     * @throws ConflictError when someone changed it since; RuleViolation as for {@link add}
     */
    async update(
      actor: Actor,
      studentId: string,
      positionId: string,
      input: PositionInput & { readonly version: number },
    ): Promise<void> {
      checkDays(input);
      await inTransaction(database, async (tx) => {
        await openStudent(tx, actor, studentId, (rights) => rights.updateCareer);
        const position = await positionOf(tx, studentId, positionId);
        const isSameName = companyNameKey(input.company) === companyNameKey(nameOf(position) ?? '');
        const company =
          isSameName && input.companyChoice === null
            ? { companyId: position.companyId, companyText: position.companyText, name: nameOf(position) }
            : await companyOf(tx, input);
        const { count } = await tx.prisma.position.updateMany({
          where: { id: positionId, version: input.version },
          data: {
            companyId: company.companyId,
            companyText: company.companyText,
            companyKey: keyOf(company.companyText),
            title: input.title,
            startedOn: dateOf(input.startedOn),
            endedOn: dateOf(input.endedOn),
            version: input.version + 1,
          },
        });
        if (count === 0) throw new ConflictError(position);
        const before = factsOf(position);
        const after = { company: company.name, title: input.title, startedOn: input.startedOn, endedOn: input.endedOn };
        const changes: FieldChanges = Object.fromEntries(
          Object.entries(after).flatMap(([field, value]) =>
            before[field] === value ? [] : [[field, [before[field] ?? null, value] as const]],
          ),
        );
        if (Object.keys(changes).length === 0) return;
        audit.record(tx, actor, {
          action: before['endedOn'] === null && input.endedOn ? 'position.ended' : 'position.updated',
          subjectType: 'student',
          subjectId: studentId,
          personId: studentId,
          changes,
          detail: { position: [position.title, nameOf(position)].filter(Boolean).join(', ') },
        });
      });
    },

    /**
     * Says when an alumnus graduated.
     * @param input.version of the alumni profile
     * @throws ConflictError when someone changed the profile since
     */
    async setGraduation(
      actor: Actor,
      studentId: string,
      input: { readonly graduatedOn: string | null; readonly version: number },
    ): Promise<void> {
      await inTransaction(database, async (tx) => {
        await openStudent(tx, actor, studentId, (rights) => rights.updateCareer);
        const profile = await findAlumniProfile(tx, studentId);
        if (!profile) throw new NotFoundError();
        const before = dayOf(profile.graduatedOn);
        if (before === input.graduatedOn) return;
        const { count } = await tx.prisma.alumniProfile.updateMany({
          where: { studentId, version: input.version },
          data: { graduatedOn: dateOf(input.graduatedOn), version: input.version + 1 },
        });
        if (count === 0) throw new ConflictError(profile);
        audit.record(tx, actor, {
          action: 'alumni.updated',
          subjectType: 'student',
          subjectId: studentId,
          personId: studentId,
          changes: { graduatedOn: [before, input.graduatedOn] },
        });
      });
    },

    /** One position of an alumnus the actor may change, for its form. */
    async get(actor: Actor, studentId: string, positionId: string): Promise<PositionRow> {
      return inTransaction(database, async (tx) => {
        await openStudent(tx, actor, studentId, (rights) => rights.updateCareer);
        return positionOf(tx, studentId, positionId);
      });
    },
  };
}
