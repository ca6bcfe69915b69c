/** Contacts as their pages take them: the record, the tab of a company, the form. */
import { hasPermission, scopesOf } from '../../shared/actor.ts';
import { dayOf, formatDate, formatRelative, formatDateTime } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { studentUrl } from '../students/index.ts';
import { presentTags, tagsActionOf, type PresentationContext } from './company-presenter.ts';
import { CONTACT_ROLES, type ContactRole } from './contact-fields.ts';
import type { ContactRow } from './contact-queries.ts';
import type { FieldGroupSpec } from './form-fields.ts';
import type { SiteRow } from './site-service.ts';
import {
  companyUrl,
  contactArchiveUrl,
  contactsUrl,
  contactTagsUrl,
  contactUrl,
  editContactUrl,
  newContactUrl,
} from './urls.ts';

/** Colour of each role of a contact. */
export const CONTACT_ROLE_TONES: Readonly<Record<ContactRole, string>> = {
  hr: 'info',
  management: 'violet',
  tutor: 'success',
  accounting: 'accent',
  communication: 'warning',
  other: 'neutral',
};

export function contactName(contact: { firstName: string | null; lastName: string }): string {
  return [contact.firstName, contact.lastName].filter(Boolean).join(' ');
}

/** Contacts of a company, as its tab shows them. */
export function presentContactsOf(companyId: string, contacts: readonly ContactRow[], context: PresentationContext) {
  const { actor, t, lang } = context;
  return {
    createHref: hasPermission(actor, 'contacts.create') ? newContactUrl(companyId) : null,
    isLimited: !scopesOf(actor, 'contacts.read').includes('all'),
    contacts: contacts.map((contact) => ({
      id: contact.id,
      href: contactUrl(contact.id),
      name: contactName(contact),
      detail: [contact.jobTitle, contact.siteLabel].filter(Boolean).join(' · '),
      role: {
        label: t(`companies.contact_roles.${contact.contactRole}`),
        tone: CONTACT_ROLE_TONES[contact.contactRole],
      },
      email: contact.optedOutAt ? null : contact.email,
      phone: contact.mobilePhone ?? contact.phone,
      phoneLabel: phoneText(contact.mobilePhone ?? contact.phone),
      isOptedOut: contact.optedOutAt !== null,
      isArchived: contact.archivedAt !== null,
      isAlumnus: contact.isLinked,
      lastContact: contact.lastContactOn ? formatDate(contact.lastContactOn, lang) : null,
    })),
  };
}

function phoneText(e164: string | null): string | null {
  return e164 === null ? null : formatPhone(e164);
}

/** A contact's own page. */
export function presentContact(contact: ContactRow, context: PresentationContext) {
  const { actor, t, lang, now } = context;
  const canEdit = hasPermission(actor, 'contacts.update');
  const canArchive = hasPermission(actor, 'contacts.archive');
  const readsCompanies = hasPermission(actor, 'companies.read');
  const field = (name: string, value: string | null) => ({ label: t(`companies.fields.${name}`), value });
  return {
    id: contact.id,
    name: contactName(contact),
    lead: [contact.jobTitle, contact.companyName].filter(Boolean).join(' · '),
    trail: [
      { label: t('common.nav.contacts'), href: contactsUrl() },
      readsCompanies
        ? { label: contact.companyName, href: companyUrl(contact.companyId, 'contacts') }
        : { label: contact.companyName },
    ],
    role: { label: t(`companies.contact_roles.${contact.contactRole}`), tone: CONTACT_ROLE_TONES[contact.contactRole] },
    isOptedOut: contact.optedOutAt !== null,
    optedOutText: contact.optedOutAt
      ? t('companies.contacts.opted_out_on', { date: formatDate(contact.optedOutAt, lang) })
      : null,
    archivedText: contact.archivedAt
      ? t('companies.archived_notice', {
          date: formatDate(contact.archivedAt, lang),
          who: contact.archivedBy ?? t('companies.someone'),
        })
      : null,
    tags: presentTags(contact.tags, contactsUrl),
    tagsAction: tagsActionOf(actor, true, contactTagsUrl(contact.id)),
    editHref: canEdit ? editContactUrl(contact.id) : null,
    archiveHref: canArchive && !contact.archivedAt ? contactArchiveUrl(contact.id) : null,
    restoreAction: canArchive && contact.archivedAt ? contactArchiveUrl(contact.id) : null,
    company: { name: contact.companyName, href: readsCompanies ? companyUrl(contact.companyId) : null },
    site: contact.siteLabel,
    fields: {
      jobTitle: field('jobTitle', contact.jobTitle),
      lastContactOn: field('lastContactOn', contact.lastContactOn ? formatDate(contact.lastContactOn, lang) : null),
    },
    email: contact.email,
    phone: { e164: contact.phone, label: phoneText(contact.phone) },
    mobilePhone: { e164: contact.mobilePhone, label: phoneText(contact.mobilePhone) },
    student: contact.student
      ? { name: contact.student.name, number: contact.student.studentNumber, href: studentUrl(contact.student.id) }
      : null,
    studentHidden: contact.isLinked && contact.student === null,
    created: t('companies.created', {
      date: formatDate(contact.createdAt, lang),
      who: contact.createdBy ?? t('companies.someone'),
    }),
    updated: formatRelative(contact.updatedAt, now, lang),
    updatedAt: formatDateTime(contact.updatedAt, lang),
    updatedIso: contact.updatedAt.toISOString(),
  };
}

/** Values of a contact as its form shows them. */
export function contactFormValues(contact: ContactRow): Record<string, unknown> {
  return {
    ...contact,
    optedOut: contact.optedOutAt !== null,
    lastContactOn: dayOf(contact.lastContactOn),
    studentNumber: contact.student?.studentNumber ?? null,
  };
}

/**
 * Fields of a contact's form.
 * @param asksStudent false when the contact is a former student whom the actor may not see: the link is left as it is
 * @param siteId the site the contact is at, which stays a choice when it has closed
 */
export function contactGroups(
  sites: readonly Pick<SiteRow, 'id' | 'label' | 'archivedAt'>[],
  { actor, t }: Pick<PresentationContext, 'actor' | 't'>,
  { asksStudent, siteId }: { asksStudent: boolean; siteId: string | null },
): FieldGroupSpec[] {
  const seesAll = scopesOf(actor, 'contacts.read').includes('all');
  const roles = CONTACT_ROLES.filter((role) => seesAll || role === 'accounting');
  const open = sites.filter(({ id, archivedAt }) => archivedAt === null || id === siteId);
  return [
    {
      title: t('companies.contacts.person'),
      fields: [
        {
          name: 'lastName',
          label: t('companies.fields.lastName'),
          required: true,
          maxlength: 120,
          span: 'half',
          autocomplete: 'off',
        },
        {
          name: 'firstName',
          label: t('companies.fields.firstName'),
          maxlength: 120,
          span: 'half',
          autocomplete: 'off',
        },
        { name: 'jobTitle', label: t('companies.fields.jobTitle'), maxlength: 160, span: 'half', autocomplete: 'off' },
        {
          name: 'contactRole',
          label: t('companies.fields.contactRole'),
          kind: 'select',
          required: true,
          choices: roles.map((value) => ({ value, label: t(`companies.contact_roles.${value}`) })),
          span: 'half',
        },
        ...(open.length > 0
          ? [
              {
                name: 'siteId',
                label: t('companies.fields.siteId'),
                kind: 'select' as const,
                emptyOption: t('companies.contacts.seat'),
                choices: open.map(({ id, label, archivedAt }) => ({
                  value: id,
                  label: archivedAt === null ? label : `${label} (${t('companies.sites.closed')})`,
                })),
                span: 'half' as const,
              },
            ]
          : []),
      ],
    },
    {
      title: t('companies.groups.contact'),
      fields: [
        { name: 'email', label: t('companies.fields.email'), kind: 'email', maxlength: 191, autocomplete: 'off' },
        {
          name: 'mobilePhone',
          label: t('companies.fields.mobilePhone'),
          kind: 'tel',
          maxlength: 60,
          span: 'half',
          autocomplete: 'off',
        },
        {
          name: 'phone',
          label: t('companies.fields.directPhone'),
          kind: 'tel',
          maxlength: 60,
          span: 'half',
          autocomplete: 'off',
        },
        {
          name: 'optedOut',
          label: t('companies.fields.optedOut'),
          kind: 'checkbox',
          hint: t('companies.hints.opted_out'),
        },
      ],
    },
    {
      title: t('companies.contacts.link'),
      fields: [
        { name: 'lastContactOn', label: t('companies.fields.lastContactOn'), kind: 'date', span: 'half' },
        ...(asksStudent && hasPermission(actor, 'students.read')
          ? [
              {
                name: 'studentNumber',
                label: t('companies.fields.studentNumber'),
                hint: t('companies.hints.student_number'),
                maxlength: 40,
                span: 'half' as const,
                autocomplete: 'off',
              },
            ]
          : []),
      ],
    },
  ];
}
