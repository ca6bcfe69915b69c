/** The form of a contact, as the view `companies/form` takes it. */
import { hasPermission, scopesOf } from '../../shared/actor.ts';
import { dayOf } from '../../shared/dates.ts';
import type { PresentationContext } from './company-presenter.ts';
import { CONTACT_ROLES } from './contact-fields.ts';
import type { ContactRow } from './contact-queries.ts';
import type { FieldGroupSpec } from './form-fields.ts';
import type { SiteRow } from './site-service.ts';

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
