/** What every page of a company begins with: its services, the record, what presenters need to know of the request. */
import type { Response } from 'express';
import type { RouteContext } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import type { NoteService } from '../notes/index.ts';
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
  readonly clock: Clock;
}

/** What presenters need to know of a request. */
export function presentationOf(res: Response, actor: Actor, clock: Clock): PresentationContext {
  const { t, lang } = res.locals.page;
  return { actor, t, lang, now: clock.now() };
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
