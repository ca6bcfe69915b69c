/** A company's record as its pages take it: the frame that every tab shares, and the first tab. */
import type { Language, Translate } from '../../i18n/index.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { countryName } from '../../shared/countries.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import { formatPhone } from '../../shared/phone.ts';
import { formatSiren, isSiren } from '../../shared/siren.ts';
import { anomalyList, type Anomaly } from '../anomalies/index.ts';
import {
  COMPANY_FIELDS,
  editableCompanyGroups,
  readableCompanyGroups,
  type CompanyField,
  type CompanyFieldGroup,
  type RelationStage,
} from './company-fields.ts';
import type { CompanyRow } from './company-queries.ts';
import type { CompanyRecord } from './company-service.ts';
import {
  companiesUrl,
  companyArchiveUrl,
  companyConflictsUrl,
  companyTagsUrl,
  companyTwinUrl,
  companyUrl,
  editCompanyUrl,
  type CompanySection,
  type CompanyTab,
} from './urls.ts';

export interface PresentationContext {
  readonly actor: Actor;
  readonly t: Translate;
  readonly lang: Language;
  readonly now: Date;
}

/** Colour of each stage of the relation. */
export const STAGE_TONES: Readonly<Record<RelationStage, string>> = {
  suspect: 'neutral',
  contacted: 'info',
  meeting: 'accent',
  partner: 'success',
  key_partner: 'violet',
  dormant: 'warning',
  blocked: 'danger',
};

/** `12 rue de la Gare, 29200 Brest`, the country when it is not France. */
export function addressText(
  address: { street?: string | null; postcode?: string | null; city?: string | null; country?: string | null },
  lang: Language,
): string | null {
  const place = [address.postcode, address.city].filter(Boolean).join(' ');
  const country = address.country && address.country !== 'FR' ? countryName(address.country, lang) : '';
  return [address.street, place, country].filter(Boolean).join(', ') || null;
}

/** The French VAT number that follows from a SIREN: `FR` + key + SIREN. */
function vatNumber(siren: string): string {
  const key = (12 + 3 * (Number(siren) % 97)) % 97;
  return `FR ${String(key).padStart(2, '0')} ${formatSiren(siren)}`;
}

interface TabSpec {
  readonly key: CompanyTab | 'fiche';
  readonly icon: string;
  readonly count?: number | null;
  readonly shown: boolean;
}

/** Tags of a record with the list of those that carry each. */
export function presentTags(labels: string | null, listUrl: (query: string) => string) {
  return (labels?.split('\n') ?? []).map((label) => ({
    label,
    href: listUrl(new URLSearchParams({ etiquette: label }).toString()),
  }));
}

/** Where tags are put on and taken off; null: not the actor's to change. */
export function tagsActionOf(actor: Actor, reads: boolean, address: string): string | null {
  return reads && hasPermission(actor, 'tags.manage') ? address : null;
}

/** What is around every tab: title, badges, actions, tabs. */
export function presentFrame(
  { company, counts }: CompanyRecord,
  current: CompanyTab | 'fiche',
  context: PresentationContext,
) {
  const { actor, t, lang, now } = context;
  const tabs: TabSpec[] = [
    { key: 'fiche', icon: 'building-factory-2', shown: true },
    {
      key: 'etablissements',
      icon: 'map-pin',
      count: counts.sites,
      shown: readableCompanyGroups(actor).has('identity'),
    },
    { key: 'contacts', icon: 'id-badge-2', count: counts.contacts, shown: counts.contacts !== null },
    { key: 'personnes', icon: 'school', count: counts.people, shown: counts.people !== null },
    { key: 'notes', icon: 'notes', count: counts.notes, shown: counts.notes !== null },
    { key: 'historique', icon: 'history', shown: true },
    { key: 'imports', icon: 'file-import', shown: hasPermission(actor, 'imports.read') },
  ];
  const canArchive = hasPermission(actor, 'companies.archive');
  return {
    id: company.id,
    name: company.name,
    lead: [company.sector, company.city].filter(Boolean).join(' · '),
    trail: [{ label: t('common.nav.companies'), href: companiesUrl() }],
    stage: company.relationStage
      ? { label: t(`companies.stages.${company.relationStage}`), tone: STAGE_TONES[company.relationStage] }
      : null,
    isOpen: company.openToStudents === true,
    isArchived: company.archivedAt !== null,
    isMissing: company.missingSince !== null,
    anomalies: company.anomalyCount,
    archived: company.archivedAt
      ? {
          text: t('companies.archived_notice', {
            date: formatDate(company.archivedAt, lang),
            who: company.archivedBy ?? t('companies.someone'),
          }),
          reason: company.archiveReason ?? '',
        }
      : null,
    tags: presentTags(counts.tags, companiesUrl),
    tagsAction: tagsActionOf(actor, readableCompanyGroups(actor).has('identity'), companyTagsUrl(company.id)),
    twinHref: hasPermission(actor, 'companies.merge') && !company.archivedAt ? companyTwinUrl(company.id) : null,
    archiveHref: canArchive && !company.archivedAt ? companyArchiveUrl(company.id) : null,
    restoreAction: canArchive && company.archivedAt ? companyArchiveUrl(company.id) : null,
    tabs: tabs
      .filter(({ shown }) => shown)
      .map(({ key, icon, count }) => ({
        label: t(`companies.tabs.${key}`),
        href: companyUrl(company.id, key === 'fiche' ? undefined : key),
        icon,
        count: count ?? undefined,
        current: key === current,
      })),
    updated: formatRelative(company.updatedAt, now, lang),
    updatedAt: formatDateTime(company.updatedAt, lang),
    updatedIso: company.updatedAt.toISOString(),
  };
}

/** The notice that says what is odd, and where to go from here; null when nothing is. */
export function presentAnomalies(
  { id, anomalyCount }: Pick<CompanyRow, 'id' | 'anomalyCount'>,
  anomalies: readonly Anomaly[],
  { actor, t }: PresentationContext,
) {
  if (anomalyCount === 0) return null;
  const decides =
    hasPermission(actor, 'imports.decide_companies') && anomalies.some(({ code }) => code === 'EDIT_CONFLICT');
  return {
    tone: 'warning',
    title: t('companies.anomaly_notice.title', { count: anomalyCount }),
    text: anomalyList(anomalies, t) ?? t('companies.anomaly_notice.text'),
    actions: [
      ...(decides ? [{ label: t('companies.anomaly_notice.decide'), href: companyConflictsUrl(id) }] : []),
      ...(hasPermission(actor, 'imports.read')
        ? [{ label: t('companies.anomaly_notice.see_imports'), href: companyUrl(id, 'imports') }]
        : []),
    ],
  };
}

/** Words of `relation`, `phone`… as a reader sees them. */
function fieldText(company: CompanyRow, field: CompanyField, { t, lang }: PresentationContext): string | null {
  switch (field) {
    case 'siren':
      return company.siren ? formatSiren(company.siren) : null;
    case 'phone':
      return company.phone ? formatPhone(company.phone) : null;
    case 'headcountCode':
      return company.headcountCode ? t(`companies.headcounts.${company.headcountCode}`) : null;
    case 'country':
      return company.country ? countryName(company.country, lang) : null;
    case 'relationStage':
      return company.relationStage ? t(`companies.stages.${company.relationStage}`) : null;
    case 'openToStudents':
      return t(company.openToStudents ? 'common.actions.yes' : 'common.actions.no');
    case 'name':
    case 'sector':
    case 'nafCode':
    case 'street':
    case 'postcode':
    case 'city':
    case 'email':
    case 'website':
      return company[field] ?? null;
  }
}

/** Imported fields, by the name they have in the base. */
const IMPORTED: readonly CompanyField[] = ['name', 'street', 'postcode', 'city', 'email', 'phone'];

/** Values of the first tab, by group; a group out of the actor's sight is null. */
export function presentCompany(
  company: CompanyRow,
  base: { fields: Record<string, unknown>; readAt: Date } | null,
  context: PresentationContext,
) {
  const { actor, t, lang } = context;
  const readable = readableCompanyGroups(actor);
  const editable = editableCompanyGroups(actor);
  const editHref = (section: CompanySection, group: CompanyFieldGroup) =>
    editable.has(group) ? editCompanyUrl(company.id, section) : '';

  const origin = (field: CompanyField): string | undefined => {
    if (!base || !IMPORTED.includes(field) || !(field in base.fields)) return undefined;
    const same = (base.fields[field] ?? null) === (company[field] ?? null);
    return t(same ? 'companies.origin.getent' : 'companies.origin.edited', { date: formatDate(base.readAt, lang) });
  };
  const item = (field: CompanyField) => ({
    label: t(`companies.fields.${field}`),
    value: fieldText(company, field, context),
    origin: origin(field),
  });
  const siren = company.siren ?? null;
  return {
    identity: readable.has('identity')
      ? {
          editHref: editHref('identite', 'identity'),
          name: item('name'),
          siren: {
            ...item('siren'),
            warning: siren && !isSiren(siren) ? t('companies.siren_check_failed') : undefined,
          },
          registerHref: siren ? `https://annuaire-entreprises.data.gouv.fr/entreprise/${siren}` : null,
          vat: siren && company.country === 'FR' ? vatNumber(siren) : null,
          others: [item('nafCode'), item('sector'), item('headcountCode')],
          address: {
            label: t('companies.fields.address'),
            value: addressText(company, lang),
            origin: origin('street'),
          },
          legacy: company.legacyId === null ? null : t('companies.legacy', { id: company.legacyId }),
        }
      : null,
    contact: readable.has('contact')
      ? {
          editHref: editHref('coordonnees', 'contact'),
          email: { ...item('email'), address: company.email ?? null },
          phone: { ...item('phone'), e164: company.phone ?? null },
          website: { ...item('website'), href: company.website ?? null },
        }
      : null,
    relation: readable.has('relation')
      ? {
          editHref: editHref('relation', 'relation'),
          stage: company.relationStage
            ? { label: t(`companies.stages.${company.relationStage}`), tone: STAGE_TONES[company.relationStage] }
            : null,
          open: fieldText(company, 'openToStudents', context),
        }
      : null,
    about: {
      origin: t(`companies.origin.${company.origin === 'import' ? 'import' : 'manual'}`),
      created: t('companies.created', {
        date: formatDate(company.createdAt, lang),
        who: company.createdBy ?? t(company.origin === 'import' ? 'companies.by_import' : 'companies.someone'),
      }),
      readAt: base ? t('companies.read_on', { date: formatDateTime(base.readAt, lang) }) : null,
    },
  };
}

/** The company for a machine: the fields the actor may read, and nothing else. */
export function companyJson(company: CompanyRow, actor: Actor): Record<string, unknown> {
  const readable = readableCompanyGroups(actor);
  const fields = Object.fromEntries(
    (Object.keys(COMPANY_FIELDS) as CompanyField[])
      .filter((field) => field === 'name' || readable.has(COMPANY_FIELDS[field].group))
      .map((field) => [field, company[field] ?? null]),
  );
  return {
    id: company.id,
    ...(readable.has('identity') ? { legacyId: company.legacyId } : {}),
    ...fields,
    archivedAt: company.archivedAt?.toISOString() ?? null,
    updatedAt: company.updatedAt.toISOString(),
    version: company.version,
  };
}
