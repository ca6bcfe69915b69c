/** Sites, people and imports of a company, as their tabs take them. */
import { hasPermission, scopesOf } from '../../shared/actor.ts';
import { formatDate, formatDateTime } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren } from '../../shared/siren.ts';
import { alumniUrl, studentUrl } from '../students/index.ts';
import { COMPANY_FIELDS, editableCompanyGroups, readableCompanyGroups, type CompanyField } from './company-fields.ts';
import type { ImportTouch, PeopleAtCompany, PersonAtCompany } from './company-people-queries.ts';
import { addressText, type PresentationContext } from './company-presenter.ts';
import type { SiteRow } from './site-service.ts';
import { companyUrl, newSiteUrl, siteArchiveUrl, siteUrl } from './urls.ts';

export function presentSites(companyId: string, sites: readonly SiteRow[], { actor, lang }: PresentationContext) {
  const canEdit = editableCompanyGroups(actor).has('identity');
  return {
    createHref: canEdit ? newSiteUrl(companyId) : null,
    readsContact: readableCompanyGroups(actor).has('contact'),
    sites: sites.map((site) => ({
      id: site.id,
      label: site.label,
      href: canEdit ? siteUrl(companyId, site.id) : null,
      siret: site.siret ? formatSiren(site.siret) : null,
      address: addressText(site, lang),
      phone: site.phone ?? null,
      phoneLabel: site.phone ? formatPhone(site.phone) : null,
      email: site.email ?? null,
      contacts: site.contacts,
      isArchived: site.archivedAt !== null,
      archiveAction: canEdit ? siteArchiveUrl(companyId, site.id) : null,
    })),
  };
}

export function presentPeople(companyId: string, found: PeopleAtCompany, context: PresentationContext) {
  const { actor, t, lang } = context;
  const scopes = scopesOf(actor, 'students.read');
  const readsAlumni = scopes.includes('all') || scopes.includes('alumni');
  const pageHref = (name: string, position: string | null) =>
    position === null
      ? null
      : `${companyUrl(companyId, 'personnes')}?${new URLSearchParams({ [name]: position }).toString()}`;
  const person = (one: PersonAtCompany) => ({
    id: one.positionId,
    name: `${one.lastName} ${one.firstName}`,
    href: studentUrl(one.studentId),
    number: one.studentNumber,
    status: one.status,
    isArchived: one.archivedAt !== null,
    title: one.title,
    cursus: one.cursus,
    since: one.startedOn ? formatDate(one.startedOn, lang) : null,
    until: one.endedOn ? formatDate(one.endedOn, lang) : null,
  });
  const rows = found.people.map((one) => ({ ...person(one), inPost: one.endedOn === null }));
  return {
    present: rows.filter(({ inPost }) => inPost),
    past: rows.filter(({ inPost }) => !inPost),
    isEmpty: rows.length === 0 && found.hidden === 0,
    hiddenText: found.hidden > 0 ? t('companies.people.hidden', { count: found.hidden }) : null,
    listHref: readsAlumni ? alumniUrl(new URLSearchParams({ entreprise: companyId }).toString()) : null,
    pager: { nextHref: pageHref('apres', found.next), previousHref: pageHref('avant', found.previous) },
  };
}

export function presentImports(touches: readonly ImportTouch[], { actor, t, lang }: PresentationContext) {
  const readable = readableCompanyGroups(actor);
  const mayRead = (field: string): field is CompanyField =>
    Object.hasOwn(COMPANY_FIELDS, field) && readable.has(COMPANY_FIELDS[field as CompanyField].group);
  return {
    rows: touches.map((touch) => ({
      id: `${touch.batchId}:${touch.rowNumber}`,
      href: `/imports/${touch.batchId}`,
      file: touch.fileName,
      iso: touch.createdAt.toISOString(),
      date: formatDateTime(touch.createdAt, lang),
      row: t('companies.imports.row', { row: touch.rowNumber }),
      key: touch.sourceKey === null || !readable.has('identity') ? '' : t('companies.legacy', { id: touch.sourceKey }),
      outcome: touch.outcome,
      isCancelled: touch.state === 'cancelled' || touch.state === 'cancelling',
      warnings: touch.warnings,
      changes: Object.entries(touch.changes)
        .filter(([field]) => mayRead(field))
        .map(([field, [before, after]]) => ({
          label: t(`companies.fields.${field}`),
          before: shownImport(field, before),
          after: shownImport(field, after),
        })),
    })),
    canOpen: hasPermission(actor, 'imports.read'),
  };
}

function shownImport(field: string, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  const text = String(value);
  return field === 'phone' ? formatPhone(text) : text;
}
