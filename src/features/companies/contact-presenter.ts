/** Contacts as their pages take them: the record and the tab of a company. */
import { hasPermission, scopesOf } from '../../shared/actor.ts';
import { formatDate, formatRelative, formatDateTime } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { studentUrl } from '../students/index.ts';
import { presentTags, tagsActionOf, type PresentationContext } from './company-presenter.ts';
import type { ContactRole } from './contact-fields.ts';
import type { ContactRow } from './contact-queries.ts';
import {
  companyUrl,
  contactArchiveUrl,
  contactsUrl,
  contactTagsUrl,
  contactUrl,
  editContactUrl,
  newContactUrl,
  type ContactTab,
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

/** What is around every tab of a contact: title, badges, actions, tabs. */
export function presentContactFrame(
  contact: ContactRow,
  current: ContactTab | 'fiche',
  { actor, t, lang }: PresentationContext,
) {
  const canEdit = hasPermission(actor, 'contacts.update');
  const canArchive = hasPermission(actor, 'contacts.archive');
  const tab = (key: ContactTab | 'fiche', icon: string, count?: number) => ({
    label: t(`companies.tabs.${key}`),
    href: contactUrl(contact.id, key === 'fiche' ? undefined : key),
    icon,
    count,
    current: key === current,
  });
  return {
    name: contactName(contact),
    lead: [contact.jobTitle, contact.companyName].filter(Boolean).join(' · '),
    trail: [
      { label: t('common.nav.contacts'), href: contactsUrl() },
      hasPermission(actor, 'companies.read')
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
    tabs: [tab('fiche', 'id-badge-2'), ...(contact.notes === null ? [] : [tab('notes', 'notes', contact.notes)])],
  };
}

/** The first tab of a contact. */
export function presentContact(contact: ContactRow, { actor, t, lang, now }: PresentationContext) {
  const field = (name: string, value: string | null) => ({ label: t(`companies.fields.${name}`), value });
  return {
    company: {
      name: contact.companyName,
      href: hasPermission(actor, 'companies.read') ? companyUrl(contact.companyId) : null,
    },
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
