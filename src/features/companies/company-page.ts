/** What every page of a company begins with: its services, the record, what presenters need to know of the request. */
import type { Response } from 'express';
import type { RouteContext } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Language } from '../../i18n/index.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatRelative } from '../../shared/dates.ts';
import type { JournalEvent } from '../audit/index.ts';
import type { NoteService } from '../notes/index.ts';
import type { TagService } from '../tags/index.ts';
import type { PresentationContext } from './company-presenter.ts';
import type { CompanyRecord, CompanyService } from './company-service.ts';
import type { ContactService } from './contact-service.ts';
import type { SiteService } from './site-service.ts';
import { companyUrl, type CompanyTab } from './urls.ts';

export interface CompanyRouteServices {
  readonly companies: CompanyService;
  readonly companySites: SiteService;
  readonly contacts: ContactService;
  readonly notes: NoteService;
  readonly tags: TagService;
  readonly clock: Clock;
}

/** What presenters need to know of a request. */
export function presentationOf(res: Response, actor: Actor, clock: Clock): PresentationContext {
  const { t, lang } = res.locals.page;
  return { actor, t, lang, now: clock.now() };
}

/** Who last changed a company, or one of its sites, and when: for the head of their values; empty when nobody is to be named. */
export async function lastChangeOf(
  { companies, clock }: Pick<CompanyRouteServices, 'companies' | 'clock'>,
  { res, actor, params }: Pick<RouteContext<unknown, unknown>, 'res' | 'actor' | 'params'>,
  subject: 'company' | 'site',
): Promise<string> {
  const { events } = await companies.history(actor, params['id'] ?? '', null);
  return authorOf(events, subject, clock.now(), res.locals.page.lang);
}

/** `Anne Le Gall, il y a 2 minutes`, of the last event of a subject. */
export function authorOf(events: readonly JournalEvent[], subject: string, now: Date, lang: Language): string {
  const last = events.find(({ action }) => action.startsWith(`${subject}.`));
  return last?.actorName ? `${last.actorName}, ${formatRelative(last.occurredAt, now, lang)}` : '';
}

/** Reads a record for one of its tabs; a merged company leads to its survivor (null: answered). */
export async function openRecord(
  { companies }: Pick<CompanyRouteServices, 'companies'>,
  { req, res, actor, params }: Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>,
  tab?: CompanyTab,
): Promise<CompanyRecord | null> {
  const record = await companies.read(actor, params['id'] ?? '');
  if ('company' in record) return record;
  redirectTo(req, res, companyUrl(record.mergedInto, tab), { kind: 'info', key: 'companies.flash.merged' });
  return null;
}
