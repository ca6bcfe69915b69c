/** The persons the school knows at companies: made, changed, archived and brought back. */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import { hasPermission, scopesOf, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, NotFoundError, RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { nameKey, searchTokens } from '../../shared/names.ts';
import {
  readsJournalContent,
  type AuditService,
  type FieldChanges,
  type JournalEvent,
  type JournalService,
} from '../audit/index.ts';
import { lockCompany } from './company-queries.ts';
import type { ContactField, ContactRole, ContactValues } from './contact-fields.ts';
import {
  findContact,
  findContactsOf,
  findSimilarContacts,
  findStudentByNumber,
  visibleNumbers,
  lockContact,
  type ContactRow,
} from './contact-queries.ts';
import { readableContactHistory } from './record-history.ts';

/** What a form gives: the former student by number; absent: left as it is. */
export type ContactInput = Omit<ContactValues, 'studentId'> & {
  readonly studentNumber?: string | null;
  /** The look-alikes were seen and it is none of them. */
  readonly despite?: boolean;
};

const COLUMNS: Readonly<Record<Exclude<ContactField, 'optedOut'>, string>> = {
  lastName: 'last_name',
  firstName: 'first_name',
  jobTitle: 'job_title',
  contactRole: 'contact_role',
  siteId: 'site_id',
  email: 'email',
  phone: 'phone',
  mobilePhone: 'mobile_phone',
  lastContactOn: 'last_contact_on',
  studentId: 'student_id',
};

export type ContactService = ReturnType<typeof createContactService>;

export function createContactService({
  database,
  audit,
  journal,
  clock,
}: {
  database: Database;
  audit: AuditService;
  journal: JournalService;
  clock: Clock;
}) {
  /** Roles of contacts the actor may see, hence give. */
  function refuseRoleOutOfSight(actor: Actor, role: ContactRole): void {
    if (scopesOf(actor, 'contacts.read').includes('all') || role === 'accounting') return;
    throw new RuleViolation('CONTACT_ROLE', 'companies.errors.contact_role', {
      fields: { contactRole: 'companies.errors.contact_role' },
    });
  }

  async function toValues(
    tx: Transaction,
    actor: Actor,
    companyId: string,
    input: ContactInput,
  ): Promise<ContactValues> {
    refuseRoleOutOfSight(actor, input.contactRole);
    const { studentNumber, despite: _seen, ...values } = input;
    if (values.siteId !== null) {
      const [site] = await tx.query<{ id: string }>(
        Prisma.sql`SELECT id FROM company_site WHERE id = ${values.siteId} AND company_id = ${companyId}`,
      );
      if (!site) throw new RuleViolation('SITE', 'errors.field.choice', { fields: { siteId: 'errors.field.choice' } });
    }
    if (studentNumber === undefined || !hasPermission(actor, 'students.read')) return values;
    if (studentNumber === null) return { ...values, studentId: null };
    const student = await findStudentByNumber(tx, actor, studentNumber);
    if (!student)
      throw new RuleViolation('STUDENT_NUMBER', 'companies.errors.student_number', {
        fields: { studentNumber: 'companies.errors.student_number' },
      });
    return { ...values, studentId: student.id };
  }

  async function writeTokens(tx: Transaction, id: string, values: ContactValues): Promise<void> {
    await tx.execute(Prisma.sql`DELETE FROM contact_search_token WHERE contact_id = ${id}`);
    const rows = searchTokens(values.lastName, values.firstName ?? '').map((token) => Prisma.sql`(${token}, ${id})`);
    if (rows.length > 0)
      await tx.execute(
        Prisma.sql`INSERT IGNORE INTO contact_search_token (token, contact_id) VALUES ${Prisma.join(rows)}`,
      );
  }

  async function setArchived(actor: Actor, id: string, archived: boolean): Promise<void> {
    await inTransaction(database, async (tx) => {
      const contact = await lockContact(tx, actor, id);
      if (!contact) throw new NotFoundError();
      if ((contact.archivedAt !== null) === archived) return;
      await tx.execute(
        archived
          ? Prisma.sql`UPDATE contact SET archived_at = CURRENT_TIMESTAMP(3), archived_by_id = ${actor.id}, version = version + 1 WHERE id = ${id}`
          : Prisma.sql`UPDATE contact SET archived_at = NULL, archived_by_id = NULL, version = version + 1 WHERE id = ${id}`,
      );
      audit.record(tx, actor, {
        action: archived ? 'contact.archived' : 'contact.restored',
        subjectType: 'contact',
        subjectId: id,
        personId: id,
      });
    });
  }

  return {
    /** @throws NotFoundError, also for a contact out of the actor's sight */
    async read(actor: Actor, id: string): Promise<ContactRow> {
      const contact = await findContact(database, actor, id);
      if (!contact) throw new NotFoundError();
      return contact;
    },

    /**
     * Reads a contact for one of the tabs of their record: whoever controls the journal reads people under its eye.
     * @throws NotFoundError, also for a contact out of the actor's sight
     * @see domain §7 (Company contacts, DPO)
     */
    async open(actor: Actor, id: string, tab: 'identity' | 'notes'): Promise<ContactRow> {
      const contact = await this.read(actor, id);
      if (actor.type !== 'user' || !readsJournalContent(actor)) return contact;
      await inTransaction(database, (tx) => {
        audit.record(tx, actor, {
          action: 'contact.consulted',
          subjectType: 'contact',
          subjectId: id,
          personId: id,
          detail: { tab },
        });
        return Promise.resolve();
      });
      return contact;
    },

    /** What last happened to a contact the actor may see, as far as they may read. */
    async history(actor: Actor, id: string): Promise<JournalEvent[]> {
      const { events } = await journal.recordHistory(actor, { subjectType: 'contact', subjectId: id, limit: 10 });
      const numbers = events.flatMap(({ changes }) => changes['studentNumber'] ?? []).filter((one) => one !== null);
      return readableContactHistory(events, actor, await visibleNumbers(database, actor, numbers.map(String)));
    },

    listOf: (actor: Actor, companyId: string) => findContactsOf(database, actor, companyId),

    /** Contacts that look like the one being typed. */
    similarTo: (actor: Actor, companyId: string, draft: Pick<ContactValues, 'lastName' | 'firstName' | 'email'>) =>
      findSimilarContacts(database, actor, {
        companyId,
        nameKey: nameKey(draft.lastName, draft.firstName ?? ''),
        email: draft.email,
        exceptId: null,
      }),

    /**
     * @throws RuleViolation `CONTACT_LOOKS_KNOWN` when the actor sees another one who looks the same and did not say that it
     *   is not; `STUDENT_NUMBER`, `SITE`, `CONTACT_ROLE`
     */
    async create(actor: Actor, companyId: string, input: ContactInput): Promise<string> {
      const key = nameKey(input.lastName, input.firstName ?? '');
      return inTransaction(database, async (tx) => {
        const company = await lockCompany(tx, companyId);
        if (!company || company.mergedIntoId) throw new NotFoundError();
        const values = await toValues(tx, actor, companyId, input);
        if (!input.despite) {
          const similar = await findSimilarContacts(tx, actor, {
            companyId,
            nameKey: key,
            email: values.email,
            exceptId: null,
          });
          if (similar.length > 0)
            throw new RuleViolation('CONTACT_LOOKS_KNOWN', 'companies.errors.contact_looks_known');
        }
        const id = newId();
        await tx.execute(
          Prisma.sql`INSERT INTO contact (id, company_id, site_id, last_name, first_name, name_key, job_title, contact_role, email, phone, mobile_phone, student_id, opted_out_at, last_contact_on, origin, created_by_id) VALUES (${id}, ${companyId}, ${values.siteId}, ${values.lastName}, ${values.firstName}, ${key}, ${values.jobTitle}, ${values.contactRole}, ${values.email}, ${values.phone}, ${values.mobilePhone}, ${values.studentId ?? null}, ${values.optedOut ? clock.now() : null}, ${values.lastContactOn}, 'manual', ${actor.id})`,
        );
        await writeTokens(tx, id, values);
        audit.record(tx, actor, {
          action: 'contact.created',
          subjectType: 'contact',
          subjectId: id,
          personId: id,
          personIsNew: true,
          changes: await named(tx, differences({}, values)),
          detail: { companyId },
        });
        return id;
      });
    },

    /** @throws ConflictError with the contact as it stands; NotFoundError; RuleViolation as for create */
    async update(actor: Actor, input: { id: string; version: number; values: ContactInput }): Promise<void> {
      await inTransaction(database, async (tx) => {
        const contact = await lockContact(tx, actor, input.id);
        if (!contact) throw new NotFoundError();
        const values = await toValues(tx, actor, contact.companyId, input.values);
        const changes = differences(contact, values);
        if (Object.keys(changes).length === 0) return;
        if (contact.version !== input.version) throw new ConflictError(contact);
        const assignments = Object.keys(changes).map((field) =>
          field === 'optedOut'
            ? Prisma.sql`opted_out_at = ${values.optedOut ? clock.now() : null}`
            : Prisma.sql`${Prisma.raw(COLUMNS[field as keyof typeof COLUMNS])} = ${values[field as keyof typeof COLUMNS] ?? null}`,
        );
        await tx.execute(
          Prisma.sql`UPDATE contact SET ${Prisma.join(assignments)}, name_key = ${nameKey(values.lastName, values.firstName ?? '')}, version = version + 1 WHERE id = ${input.id} AND version = ${input.version}`,
        );
        if (changes['lastName'] || changes['firstName']) await writeTokens(tx, input.id, values);
        audit.record(tx, actor, {
          action: 'contact.updated',
          subjectType: 'contact',
          subjectId: input.id,
          personId: input.id,
          changes: await named(tx, changes),
        });
      });
    },

    /** Archives a contact, who leaves the lists and keeps everything. */
    archive: (actor: Actor, id: string) => setArchived(actor, id, true),
    restore: (actor: Actor, id: string) => setArchived(actor, id, false),
  };
}

/** The journal names what people know: a site by its label, a student by their number. */
async function named(tx: Transaction, { siteId, studentId, ...changes }: FieldChanges): Promise<FieldChanges> {
  const ids = [...(siteId ?? []), ...(studentId ?? [])].filter((id): id is string => typeof id === 'string');
  if (ids.length === 0) return changes;
  const rows = await tx.query<{ id: string; name: string }>(
    Prisma.sql`SELECT id, label AS name FROM company_site WHERE id IN (${Prisma.join(ids)}) UNION ALL SELECT id, student_number FROM student WHERE id IN (${Prisma.join(ids)})`,
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const nameOf = (id: unknown) => (typeof id === 'string' ? (names.get(id) ?? null) : null);
  return {
    ...changes,
    ...(siteId ? { site: [nameOf(siteId[0]), nameOf(siteId[1])] } : {}),
    ...(studentId ? { studentNumber: [nameOf(studentId[0]), nameOf(studentId[1])] } : {}),
  };
}

function differences(before: Partial<ContactValues>, after: ContactValues): FieldChanges {
  return Object.fromEntries(
    Object.entries(after)
      .map(([field, value]) => [field, [before[field as ContactField] ?? null, value ?? null]] as const)
      .filter(([, [old, value]]) => old !== value && !(old === null && value === false)),
  );
}
