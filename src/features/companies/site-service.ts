/** The places of business of a company: made, changed, closed and opened again by whoever changes the company's identity. */
import { Prisma, type Database, type Reader } from '../../db/client.ts';
import { violatedUniqueIndex } from '../../db/errors.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { sirenOfSiret } from '../../shared/siren.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { editableCompanyGroups, readableCompanyGroups } from './company-fields.ts';
import { lockCompany } from './company-queries.ts';

export interface SiteValues {
  readonly label: string;
  /** Fourteen digits. */
  readonly siret: string | null;
  readonly street: string | null;
  readonly postcode: string | null;
  readonly city: string | null;
  readonly country: string;
  /** E.164; absent when the actor may not read how to reach companies. */
  readonly phone?: string | null;
  readonly email?: string | null;
}

export interface SiteRow extends SiteValues {
  readonly id: string;
  readonly companyId: string;
  readonly archivedAt: Date | null;
  readonly version: number;
  /** Contacts who work there. */
  readonly contacts: number;
}

const COLUMNS: Readonly<Record<keyof SiteValues, string>> = {
  label: 'label',
  siret: 'siret',
  street: 'street',
  postcode: 'postcode',
  city: 'city',
  country: 'country',
  phone: 'phone',
  email: 'email',
};

const CONTACT_FIELDS: readonly (keyof SiteValues)[] = ['phone', 'email'];

function readableColumns(actor: Actor): Prisma.Sql {
  const contact = readableCompanyGroups(actor).has('contact');
  const fields = (Object.keys(COLUMNS) as (keyof SiteValues)[]).filter(
    (field) => contact || !CONTACT_FIELDS.includes(field),
  );
  return Prisma.raw(fields.map((field) => `e.${COLUMNS[field]} AS ${field}`).join(', '));
}

export type SiteService = ReturnType<typeof createSiteService>;

export function createSiteService({ database, audit }: { database: Database; audit: AuditService }) {
  const reading = (source: Pick<Reader, 'query'>, actor: Actor, condition: Prisma.Sql) =>
    source.query<SiteRow>(
      Prisma.sql`SELECT e.id, e.company_id AS companyId, ${readableColumns(actor)}, e.archived_at AS archivedAt, e.version, (SELECT COUNT(*) FROM contact k WHERE k.site_id = e.id AND k.archived_at IS NULL) AS contacts FROM company_site e WHERE ${condition} ORDER BY e.archived_at IS NOT NULL, e.label, e.id`,
    );

  /** Nobody writes what they may not see: a field out of sight keeps its value. */
  function allowed(actor: Actor, values: SiteValues): Partial<SiteValues> {
    const groups = editableCompanyGroups(actor);
    if (!groups.has('identity')) throw new ForbiddenError();
    return Object.fromEntries(
      Object.entries(values).filter(
        ([field]) => groups.has('contact') || !CONTACT_FIELDS.includes(field as keyof SiteValues),
      ),
    );
  }

  async function write<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    try {
      return await inTransaction(database, work);
    } catch (error) {
      if (violatedUniqueIndex(error) === 'company_site_by_siret') throw siretRefused('companies.errors.siret_taken');
      throw error;
    }
  }

  async function openCompany(tx: Transaction, companyId: string, values: Partial<SiteValues>) {
    const company = await lockCompany(tx, companyId);
    if (!company || company.mergedIntoId) throw new NotFoundError();
    if (values.siret && company.siren && sirenOfSiret(values.siret) !== company.siren)
      throw siretRefused('companies.errors.siret_of_another');
    return company;
  }

  async function lockSite(tx: Transaction, companyId: string, id: string) {
    const [site] = await tx.query<SiteRow>(
      Prisma.sql`SELECT id, company_id AS companyId, label, siret, street, postcode, city, country, phone, email, archived_at AS archivedAt, version FROM company_site WHERE id = ${id} AND company_id = ${companyId} FOR UPDATE`,
    );
    if (!site) throw new NotFoundError();
    return { ...site, version: Number(site.version) };
  }

  async function setArchived(actor: Actor, companyId: string, id: string, archived: boolean): Promise<void> {
    if (!editableCompanyGroups(actor).has('identity')) throw new ForbiddenError();
    await inTransaction(database, async (tx) => {
      const site = await lockSite(tx, companyId, id);
      if ((site.archivedAt !== null) === archived) return;
      await tx.execute(
        Prisma.sql`UPDATE company_site SET archived_at = ${archived ? Prisma.sql`CURRENT_TIMESTAMP(3)` : null}, version = version + 1 WHERE id = ${id}`,
      );
      audit.record(tx, actor, {
        action: archived ? 'site.archived' : 'site.restored',
        subjectType: 'company',
        subjectId: companyId,
        detail: { siteId: id, site: site.label },
      });
    });
  }

  return {
    /** Sites of a company, open ones first. */
    list: (actor: Actor, companyId: string) => reading(database, actor, Prisma.sql`e.company_id = ${companyId}`),

    /** @throws NotFoundError when the company has no such site */
    async read(actor: Actor, companyId: string, id: string): Promise<SiteRow> {
      const [site] = await reading(database, actor, Prisma.sql`e.id = ${id} AND e.company_id = ${companyId}`);
      if (!site) throw new NotFoundError();
      return site;
    },

    /** @throws RuleViolation `SIRET_REFUSED` when the number is another company's, or another site's */
    async create(actor: Actor, companyId: string, input: SiteValues): Promise<string> {
      const values = allowed(actor, input);
      return write(async (tx) => {
        await openCompany(tx, companyId, values);
        const id = newId();
        await tx.execute(
          Prisma.sql`INSERT INTO company_site (id, company_id, label, siret, street, postcode, city, country, phone, email) VALUES (${id}, ${companyId}, ${input.label}, ${input.siret}, ${input.street}, ${input.postcode}, ${input.city}, ${input.country}, ${values.phone ?? null}, ${values.email ?? null})`,
        );
        audit.record(tx, actor, {
          action: 'site.added',
          subjectType: 'company',
          subjectId: companyId,
          changes: differences({}, values),
          detail: { siteId: id, site: input.label },
        });
        return id;
      });
    },

    /** @throws ConflictError with the site as it stands; RuleViolation `SIRET_REFUSED` */
    async update(
      actor: Actor,
      input: { companyId: string; id: string; version: number; values: SiteValues },
    ): Promise<void> {
      const values = allowed(actor, input.values);
      await write(async (tx) => {
        await openCompany(tx, input.companyId, values);
        const site = await lockSite(tx, input.companyId, input.id);
        const changes = differences(site, values);
        if (Object.keys(changes).length === 0) return;
        if (site.version !== input.version) throw new ConflictError(site);
        const assignments = Object.keys(changes).map(
          (field) =>
            Prisma.sql`${Prisma.raw(COLUMNS[field as keyof SiteValues])} = ${values[field as keyof SiteValues] ?? null}`,
        );
        await tx.execute(
          Prisma.sql`UPDATE company_site SET ${Prisma.join(assignments)}, version = version + 1 WHERE id = ${input.id} AND version = ${input.version}`,
        );
        audit.record(tx, actor, {
          action: 'site.updated',
          subjectType: 'company',
          subjectId: input.companyId,
          changes,
          detail: { siteId: input.id, site: input.values.label },
        });
      });
    },

    /** Closes a site: it stays on the record, out of the choices. */
    archive: (actor: Actor, companyId: string, id: string) => setArchived(actor, companyId, id, true),
    restore: (actor: Actor, companyId: string, id: string) => setArchived(actor, companyId, id, false),
  };
}

function siretRefused(key: string): RuleViolation {
  return new RuleViolation('SIRET_REFUSED', key, { fields: { siret: key } });
}

function differences(before: Partial<SiteValues>, after: Partial<SiteValues>): FieldChanges {
  return Object.fromEntries(
    Object.entries(after)
      .map(([field, value]) => [field, [before[field as keyof SiteValues] ?? null, value ?? null]] as const)
      .filter(([, [old, value]]) => old !== value),
  );
}
