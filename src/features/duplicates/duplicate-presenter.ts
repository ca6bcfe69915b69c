/** The queue of duplicates and the merges made, as their pages take them. */
import type { Language, Translate } from '../../i18n/index.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import { formatSiren } from '../../shared/siren.ts';
import { companiesUrl, companyUrl } from '../companies/index.ts';
import { studentsUrl, studentUrl } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import type { CandidateSide, QueuePlace } from './duplicate-queries.ts';
import type { QueuedPair } from './duplicate-service.ts';
import type { MergeSummary } from './merge-undo-service.ts';
import { dismissUrl, duplicatesUrl, duplicateUrl, mergesUrl, searchJobUrl, undoMergeUrl } from './urls.ts';

export interface PresentationContext {
  readonly t: Translate;
  readonly lang: Language;
  readonly now: Date;
  readonly can: (permission: string) => boolean;
}

const REASONS: Readonly<Record<DuplicateSubject, ReadonlySet<string>>> = {
  student: new Set(
    'same_name accent_name swapped_name similar_name same_first_name other_first_name same_mobile same_phone same_email same_birth_date same_postcode other_birth_date two_nirs by_hand'.split(
      ' ',
    ),
  ),
  company: new Set(
    'siren_of_site name spelling similar_name phone email domain website postcode other_siren by_hand'.split(' '),
  ),
};

const AGAINST: ReadonlySet<string> = new Set(['other_first_name', 'other_birth_date', 'two_nirs', 'other_siren']);

/** Reasons in words; one that nobody named is left out. */
export function presentReasons(subjectType: DuplicateSubject, reasons: readonly string[], t: Translate) {
  return reasons
    .filter((reason) => REASONS[subjectType].has(reason))
    .map((reason) => ({
      label: t(`duplicates.reasons.${subjectType}.${reason}`),
      tone: AGAINST.has(reason) ? 'warning' : 'info',
      icon: AGAINST.has(reason) ? 'alert-triangle' : 'check',
    }));
}

/** How sure the search is, as a colour. */
export function scoreTone(score: number): string {
  return score >= 85 ? 'success' : score >= 70 ? 'accent' : 'neutral';
}

export function recordUrl(subjectType: DuplicateSubject, id: string): string {
  return subjectType === 'student' ? studentUrl(id) : companyUrl(id);
}

/** Tabs of every page of duplicates. */
export function presentTabs(
  kinds: readonly DuplicateSubject[],
  current: { kind: DuplicateSubject; tab: 'open' | 'dismissed' | 'merges' },
  t: Translate,
) {
  const subject = current.kind;
  return {
    kinds: kinds.map((kind) => ({
      label: t(`duplicates.kinds.${kind}`),
      icon: kind === 'student' ? 'users' : 'building-factory-2',
      href:
        current.tab === 'merges'
          ? mergesUrl(kind)
          : duplicatesUrl(kind, current.tab === 'dismissed' ? { state: 'ecartes' } : {}),
      current: kind === subject,
    })),
    tabs: [
      {
        label: t('duplicates.tabs.open'),
        href: duplicatesUrl(subject),
        icon: 'copy-check',
        current: current.tab === 'open',
      },
      {
        label: t('duplicates.tabs.dismissed'),
        href: duplicatesUrl(subject, { state: 'ecartes' }),
        icon: 'ban',
        current: current.tab === 'dismissed',
      },
      {
        label: t('duplicates.tabs.merges'),
        href: mergesUrl(subject),
        icon: 'git-merge',
        current: current.tab === 'merges',
      },
    ],
  };
}

export function presentQueue(
  subjectType: DuplicateSubject,
  state: 'open' | 'dismissed',
  page: { pairs: readonly QueuedPair[]; total: number; totalIsMinimum: boolean; next: QueuePlace | null },
  { t, lang, can }: PresentationContext,
) {
  const isCompany = subjectType === 'company';
  const side = (one: CandidateSide) => ({
    name: one.name,
    href: recordUrl(subjectType, one.id),
    number: one.number && subjectType === 'company' ? formatSiren(one.number) : one.number,
    status: one.status,
    city: one.city,
    isArchived: one.isArchived,
    created: t('duplicates.created', { date: formatDate(one.createdAt, lang) }),
  });
  return {
    isCompany,
    isOpen: state === 'open',
    emptyActions:
      state === 'open'
        ? [
            ...(can('jobs.run')
              ? [{ label: t('duplicates.empty.search'), href: searchJobUrl(), icon: 'copy-check' }]
              : []),
            {
              label: t(isCompany ? 'duplicates.empty.companies' : 'duplicates.empty.students'),
              href: isCompany ? companiesUrl() : studentsUrl(),
              icon: isCompany ? 'building-factory-2' : 'users',
              primary: false,
            },
          ]
        : [],
    total: t(page.totalIsMinimum ? 'duplicates.total_beyond' : `duplicates.total.${state}`, { count: page.total }),
    pairs: page.pairs.map((pair) => ({
      id: pair.id,
      first: side(pair.first),
      second: side(pair.second),
      score: pair.score,
      scoreLabel: t('duplicates.score', { score: pair.score }),
      tone: scoreTone(pair.score),
      reasons: presentReasons(subjectType, pair.reasons, t),
      fromImport: pair.fromImport,
      decided: pair.decidedAt
        ? t('duplicates.dismissed_by', {
            who: pair.decidedBy ?? t('duplicates.someone'),
            date: formatDate(pair.decidedAt, lang),
          })
        : '',
      compareHref: duplicateUrl(pair.id),
      dismissAction: dismissUrl(pair.id),
    })),
    nextHref: page.next
      ? duplicatesUrl(subjectType, {
          ...(state === 'dismissed' ? { state: 'ecartes' as const } : {}),
          after: `${page.next.score}-${page.next.id}`,
        })
      : null,
  };
}

export function presentMerges(
  subjectType: DuplicateSubject,
  merges: readonly MergeSummary[],
  { t, lang, now }: PresentationContext,
) {
  return {
    merges: merges.map((merge) => ({
      id: merge.id,
      survivor: { name: merge.survivorName, href: recordUrl(subjectType, merge.survivorId) },
      mergedName: merge.mergedName,
      who: merge.mergedBy,
      iso: merge.mergedAt.toISOString(),
      when: formatRelative(merge.mergedAt, now, lang),
      exact: formatDateTime(merge.mergedAt, lang),
      undone: merge.undoneAt
        ? t('duplicates.merges.undone_by', {
            who: merge.undoneBy ?? t('duplicates.someone'),
            date: formatDate(merge.undoneAt, lang),
          })
        : null,
      undoHref: merge.undoableUntil ? undoMergeUrl(merge.id) : null,
      until: merge.undoableUntil ? t('duplicates.merges.until', { date: formatDate(merge.undoableUntil, lang) }) : null,
    })),
  };
}
