/** What people do with a company: read it, make one by hand, change a part of it, archive it and bring it back. */
import { Prisma, type Database } from '../../db/client.ts';
import { violatedUniqueIndex } from '../../db/errors.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { companyNameKey } from '../../shared/company-name.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { findAnomalies, groupOfAnomaly, type Anomaly } from '../anomalies/index.ts';
import {
  readsJournalContent,
  type AuditService,
  type FieldChanges,
  type JournalEvent,
  type JournalService,
} from '../audit/index.ts';
import {
  COMPANY_FIELDS,
  editableCompanyGroups,
  readableCompanyGroups,
  type CompanyField,
  type CompanyFieldGroup,
  type CompanyValues,
} from './company-fields.ts';
import { findImportTouches, findPeopleAtCompany, type PeoplePlace } from './company-people-queries.ts';
import {
  countTabs,
  findCompany,
  findImportBase,
  findSirenHolder,
  lockCompany,
  type CompanyRow,
  type LockedCompany,
  type TabCounts,
} from './company-queries.ts';
import { insertCompanies, linkUnresolvedPositions, writeCompanySearchTokens } from './company-writer.ts';
import { readableCompanyHistory } from './record-history.ts';
import {
  findSimilarCompanies,
  type CompanyDraft,
  type SimilarCompany,
  type SimilarityReason,
} from './similar-companies.ts';

/** A company with what its page shows around it. */
export interface CompanyRecord {
  readonly company: CompanyRow;
  readonly counts: TabCounts;
}

export type NewCompanyInput = Omit<CompanyValues, 'relationStage'> & {
  readonly relationStage?: CompanyValues['relationStage'];
  /** The look-alikes were seen and it is none of them. */
  readonly despite: boolean;
};

export type CompanyService = ReturnType<typeof createCompanyService>;

export function createCompanyService({
  database,
  audit,
  journal,
}: {
  database: Database;
  audit: AuditService;
  journal: JournalService;
}) {
  return {
    /**
     * The record as the actor may see it.
     * @returns the id of the survivor instead when the company was merged into another
     * @throws NotFoundError
     */
    async read(actor: Actor, id: string): Promise<CompanyRecord | { mergedInto: string }> {
      const company = await findCompany(database, actor, id);
      if (!company) throw new NotFoundError();
      if (company.mergedIntoId) return { mergedInto: company.mergedIntoId };
      return { company, counts: await countTabs(database, actor, id) };
    },

    /** What its last import found odd, and what waits for a decision, as far as the actor may know. */
    async anomalies(actor: Actor, { id, anomalyCount }: Pick<CompanyRow, 'id' | 'anomalyCount'>): Promise<Anomaly[]> {
      const groups = readableCompanyGroups(actor);
      const found = anomalyCount > 0 ? await findAnomalies(database, 'company', id) : [];
      return found.filter((one) => groups.has(groupOfAnomaly('company', one)));
    },

    /** What GetEnt last said of it. */
    importBase: (id: string) => findImportBase(database, id),

    /** Who works or worked there, as far as the actor may know. */
    people: (actor: Actor, id: string, place: PeoplePlace | null) => findPeopleAtCompany(database, actor, id, place),

    /**
     * Notes that whoever controls the journal read of people there, or of the relation: the rest is nobody's personal data.
     * @see domain §7 (Company contacts; Pipeline/notes, DPO)
     */
    async noteConsultation(actor: Actor, id: string, tab: 'contacts' | 'notes'): Promise<void> {
      if (actor.type !== 'user' || !readsJournalContent(actor)) return;
      await inTransaction(database, (tx) => {
        audit.record(tx, actor, {
          action: 'company.consulted',
          subjectType: 'company',
          subjectId: id,
          detail: { tab },
        });
        return Promise.resolve();
      });
    },

    /** Rows of imports that touched it. */
    importTouches: (id: string) => findImportTouches(database, id),

    /** What happened to it, newest first, as far as the actor may read; `next` is the event to go on after. */
    async history(
      actor: Actor,
      id: string,
      after: string | null,
    ): Promise<{ events: JournalEvent[]; next: string | null }> {
      let place = after;
      for (;;) {
        const page = await journal.recordHistory(actor, { subjectType: 'company', subjectId: id, after: place });
        const events = readableCompanyHistory(page.events, actor);
        // A page that holds nothing for this actor is passed over: an empty one would seem to be the last.
        if (events.length > 0 || page.next === null) return { events, next: page.next };
        place = page.next;
      }
    },

    /** Companies that look like the one being typed; of those the actor may not know about, how many, and no more. */
    async similarTo(actor: Actor, draft: CompanyDraft): Promise<{ companies: SimilarCompany[]; hidden: number }> {
      const found = await findSimilarCompanies(database, draft);
      const groups = readableCompanyGroups(actor);
      const tellable = (reason: SimilarityReason) =>
        reason === 'phone' || reason === 'email' || reason === 'domain'
          ? groups.has('contact')
          : groups.has('identity');
      const companies = hasPermission(actor, 'companies.read')
        ? found
            .map((company) => ({ ...company, reasons: company.reasons.filter(tellable) }))
            .filter(({ reasons }) => reasons.length > 0)
        : [];
      const shown = new Set(companies.map(({ id }) => id));
      return { companies, hidden: found.filter(({ id, strong }) => strong && !shown.has(id)).length };
    },

    /**
     * Makes a company by hand; positions that waited for one of that name are linked to it.
     * @throws RuleViolation `COMPANY_LOOKS_KNOWN` when another one looks the same and nobody said that it is not;
     *   `SIREN_TAKEN`
     */
    async create(actor: Actor, input: NewCompanyInput): Promise<{ id: string; linked: number }> {
      const { despite, ...typed } = input;
      if (!despite && (await findSimilarCompanies(database, typed)).some(({ strong }) => strong))
        throw new RuleViolation('COMPANY_LOOKS_KNOWN', 'companies.errors.looks_known');
      const groups = editableCompanyGroups(actor);
      const values = {
        ...onlyFields(typed, (group) => group === 'identity' || groups.has(group)),
        name: typed.name,
      };
      const id = newId();
      const linked = await write(async (tx) => {
        await refuseTakenSiren(tx, actor, values.siren ?? null, null);
        await insertCompanies(tx, [{ ...values, id, origin: 'manual', createdById: actor.id }]);
        const positions = await linkUnresolvedPositions(tx, [id]);
        audit.record(tx, actor, {
          action: 'company.created',
          subjectType: 'company',
          subjectId: id,
          changes: changesBetween({}, values),
          ...(positions > 0 ? { detail: { linkedPositions: positions } } : {}),
        });
        return positions;
      });
      return { id, linked };
    },

    /**
     * Changes the fields of one group.
     * @throws ConflictError with the company as it stands when it changed since; NotFoundError; ForbiddenError; RuleViolation `SIREN_TAKEN`
     */
    async update(
      actor: Actor,
      input: { id: string; group: CompanyFieldGroup; version: number; values: Partial<CompanyValues> },
    ): Promise<void> {
      if (!editableCompanyGroups(actor).has(input.group)) throw new ForbiddenError();
      await write(async (tx) => {
        const company = await lockCompany(tx, input.id);
        if (!company || company.mergedIntoId) throw new NotFoundError();
        const values = onlyFields(input.values, (group) => group === input.group);
        const changes = changesBetween(company, values);
        if (Object.keys(changes).length === 0) return;
        if (company.version !== input.version) throw new ConflictError(company);
        if (changes['siren']) await refuseTakenSiren(tx, actor, values.siren ?? null, input.id);
        await writeChanges(tx, company, values, changes);
        audit.record(tx, actor, {
          action: 'company.updated',
          subjectType: 'company',
          subjectId: input.id,
          changes,
        });
      });
    },

    /** Archives a company: it leaves the lists and keeps everything. Archiving one that is archived changes nothing. */
    async archive(actor: Actor, input: { id: string; reason: string }): Promise<void> {
      await write(async (tx) => {
        const company = await lockCompany(tx, input.id);
        if (!company || company.mergedIntoId) throw new NotFoundError();
        if (company.archivedAt) return;
        await tx.execute(
          Prisma.sql`UPDATE company SET archived_at = CURRENT_TIMESTAMP(3), archived_by_id = ${actor.id}, archive_reason = ${input.reason}, version = version + 1 WHERE id = ${input.id}`,
        );
        audit.record(tx, actor, {
          action: 'company.archived',
          subjectType: 'company',
          subjectId: input.id,
          detail: { reason: input.reason },
        });
      });
    },

    /** Brings an archived company back. */
    async restore(actor: Actor, id: string): Promise<void> {
      await write(async (tx) => {
        const company = await lockCompany(tx, id);
        if (!company || company.mergedIntoId) throw new NotFoundError();
        if (!company.archivedAt) return;
        await tx.execute(
          Prisma.sql`UPDATE company SET archived_at = NULL, archived_by_id = NULL, archive_reason = NULL, version = version + 1 WHERE id = ${id}`,
        );
        audit.record(tx, actor, { action: 'company.restored', subjectType: 'company', subjectId: id });
      });
    },
  };

  async function write<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    try {
      return await inTransaction(database, work);
    } catch (error) {
      // Two people gave the same number at the same instant: the index decides.
      if (violatedUniqueIndex(error) === 'company_by_siren') throw sirenTaken('');
      throw error;
    }
  }
}

/** Names the holder of the number to those who read companies. */
async function refuseTakenSiren(
  tx: Transaction,
  actor: Actor,
  siren: string | null,
  exceptId: string | null,
): Promise<void> {
  const holder = siren === null ? null : await findSirenHolder(tx, siren, exceptId);
  if (holder) throw sirenTaken(hasPermission(actor, 'companies.read') ? holder.name : '');
}

function sirenTaken(name: string): RuleViolation {
  const key = name === '' ? 'companies.errors.siren_taken' : 'companies.errors.siren_taken_by';
  return new RuleViolation('SIREN_TAKEN', key, { fields: { siren: key }, params: { name } });
}

function onlyFields(
  values: Partial<CompanyValues>,
  wanted: (group: CompanyFieldGroup) => boolean,
): Partial<CompanyValues> {
  return Object.fromEntries(
    Object.entries(values).filter(([field]) => wanted(COMPANY_FIELDS[field as CompanyField].group)),
  );
}

/** Field → [before, after] for what differs; an absent field counts as null. */
function changesBetween(before: Partial<CompanyValues>, after: Partial<CompanyValues>): FieldChanges {
  return Object.fromEntries(
    Object.entries(after)
      .map(([field, value]) => [field, [before[field as CompanyField] ?? null, value ?? null]] as const)
      .filter(([, [old, value]]) => old !== value && !(old === null && value === false)),
  );
}

async function writeChanges(
  tx: Transaction,
  company: LockedCompany,
  values: Partial<CompanyValues>,
  changes: FieldChanges,
): Promise<void> {
  const assignments = Object.keys(changes).map(
    (field) =>
      Prisma.sql`${Prisma.raw(COMPANY_FIELDS[field as CompanyField].column)} = ${values[field as CompanyField]}`,
  );
  const name = values.name ?? company.name;
  await tx.execute(
    Prisma.sql`UPDATE company SET ${Prisma.join(assignments)}, name_key = ${companyNameKey(name)}, version = version + 1 WHERE id = ${company.id} AND version = ${company.version}`,
  );
  if (!changes['name']) return;
  await writeCompanySearchTokens(tx, [{ id: company.id, name }], { replace: true });
  await linkUnresolvedPositions(tx, [company.id]);
}
