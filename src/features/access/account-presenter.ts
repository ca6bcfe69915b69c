import type { Translate } from '../../i18n/index.ts';
import { formatDate, formatDateTime, formatRelative } from '../../shared/dates.ts';
import type { SessionRow } from './access-queries.ts';
import { deviceOf } from './device-name.ts';
import type { SecondFactorStatus } from './second-factor-service.ts';
import { accountUrl, securityUrl, sessionsUrl, sessionUrl } from './urls.ts';

type Language = 'fr' | 'en';

/** The three pages of one's own account. */
export function accountTabs(t: Translate, current: 'profile' | 'security' | 'sessions') {
  return [
    { label: t('account.tabs.profile'), href: accountUrl, icon: 'user-circle', current: current === 'profile' },
    { label: t('account.tabs.security'), href: securityUrl, icon: 'shield-lock', current: current === 'security' },
    { label: t('account.tabs.sessions'), href: sessionsUrl, icon: 'device-laptop', current: current === 'sessions' },
  ];
}

export interface SessionView {
  readonly device: string;
  readonly icon: string;
  readonly ip: string | null;
  readonly lastSeen: { readonly iso: string; readonly label: string; readonly title: string };
  readonly openedAt: string;
  readonly isCurrent: boolean;
  readonly closeAction: string;
}

export function presentSessions(
  rows: readonly SessionRow[],
  currentKey: string,
  { t, lang, now }: { t: Translate; lang: Language; now: Date },
): SessionView[] {
  const views = rows.map((row) => {
    const { browser, system, isMobile } = deviceOf(row.userAgent);
    const device =
      browser && system
        ? t('account.sessions.device', { browser, system })
        : (browser ?? system ?? t('account.sessions.unknown_device'));
    return {
      device,
      icon: isMobile ? 'device-mobile' : 'device-laptop',
      ip: row.ip,
      lastSeen: {
        iso: row.lastSeenAt.toISOString(),
        label: formatRelative(row.lastSeenAt, now, lang),
        title: formatDateTime(row.lastSeenAt, lang),
      },
      openedAt: formatDateTime(row.createdAt, lang),
      isCurrent: row.key === currentKey,
      closeAction: sessionUrl(row.key),
    };
  });
  return views.sort((first, second) => Number(second.isCurrent) - Number(first.isCurrent));
}

export function presentSecurity(
  status: SecondFactorStatus,
  passwordChosenAt: Date | null,
  { lang }: { lang: Language },
) {
  return {
    secondFactorSince: status.enabledAt ? formatDate(status.enabledAt, lang) : null,
    codesLeft: status.codesLeft,
    fewCodes: status.enabledAt !== null && status.codesLeft < 4,
    required: status.required,
    passwordSince: passwordChosenAt ? formatDate(passwordChosenAt, lang) : null,
  };
}

/** Base32 in groups of four, as applications show it. */
export function grouped(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
