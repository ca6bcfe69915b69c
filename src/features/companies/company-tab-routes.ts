/** The other tabs of a company's record: sites, contacts, people, imports. */
import type { Request, Router } from 'express';
import { page, type RouteContext } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';
import { hasPermission } from '../../shared/actor.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { isId } from '../../shared/ids.ts';
import type { Permission } from '../../shared/permissions.ts';
import { journalOfRecordUrl, presentHistory } from '../audit/index.ts';
import { readableCompanyGroups } from './company-fields.ts';
import type { PeoplePlace } from './company-people-queries.ts';
import { presentFrame, type PresentationContext } from './company-presenter.ts';
import { openRecord, presentationOf, type CompanyRouteServices } from './company-page.ts';
import { presentContactsOf } from './contact-presenter.ts';
import { historyInWords } from './record-history.ts';
import { presentImports, presentPeople, presentSites } from './record-tab-presenter.ts';
import { companyUrl, type CompanyTab } from './urls.ts';

type TabContext = RouteContext<Record<string, never>, Record<string, never>>;

export function declareCompanyTabRoutes(router: Router, services: CompanyRouteServices): void {
  const { companies, companySites: sites, contacts, clock } = services;

  /** A tab needs the company, and a right of its own beside. */
  function tab(
    key: CompanyTab,
    also: Permission,
    locals: (id: string, context: TabContext, presentation: PresentationContext) => Promise<object>,
  ): void {
    page(router, {
      path: `/entreprises/:id/${key}`,
      permission: 'companies.read',
      handler: async (context) => {
        const { res, actor } = context;
        if (!hasPermission(actor, also)) throw new ForbiddenError();
        const record = await openRecord(services, context, key);
        if (!record) return;
        const presentation = presentationOf(res, actor, clock);
        renderPage(res, {
          view: `companies/${key}`,
          title: `${record.company.name} · ${presentation.t(`companies.tabs.${key}`)}`,
          locals: {
            frame: presentFrame(record, key, presentation),
            ...(await locals(record.company.id, context, presentation)),
          },
        });
      },
    });
  }

  tab('etablissements', 'companies.read', async (id, { actor }, presentation) => {
    if (!readableCompanyGroups(actor).has('identity')) throw new ForbiddenError();
    return presentSites(id, await sites.list(actor, id), presentation);
  });
  tab('contacts', 'contacts.read', async (id, { actor }, presentation) => {
    await companies.noteConsultation(actor, id, 'contacts');
    return presentContactsOf(id, await contacts.listOf(actor, id), presentation);
  });
  tab('personnes', 'students.read', async (id, { req, actor }, presentation) =>
    presentPeople(id, await companies.people(actor, id, peoplePlaceOf(req)), presentation),
  );
  tab('historique', 'companies.read', async (id, { req, actor }, { t, lang, now }) => {
    const { events, next } = await companies.history(actor, id, placeOf(req));
    return {
      days: presentHistory(historyInWords(events, t), { t, lang, now }),
      moreHref: next ? `${companyUrl(id, 'historique')}?${new URLSearchParams({ apres: next }).toString()}` : '',
      journalHref: hasPermission(actor, 'audit.read') ? journalOfRecordUrl('company', id) : null,
    };
  });
  tab('imports', 'imports.read', async (id, _context, presentation) =>
    presentImports(await companies.importTouches(id), presentation),
  );
}

/** Id of the event after which the history goes on; anything else begins at the newest. */
function placeOf(req: Request): string | null {
  return idIn(req.query['apres']);
}

/** Position after which, or before which, the people are read; anything else begins with those in post. */
function peoplePlaceOf(req: Request): PeoplePlace | null {
  const after = idIn(req.query['apres']);
  if (after !== null) return { direction: 'after', positionId: after };
  const before = idIn(req.query['avant']);
  return before === null ? null : { direction: 'before', positionId: before };
}

function idIn(value: unknown): string | null {
  return typeof value === 'string' && isId(value) ? value : null;
}
