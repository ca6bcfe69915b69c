/** The record of a company: its tabs, its archiving. */
import type { Request, Response, Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { readableCompanyGroups } from './company-fields.ts';
import type { RefusedTag } from '../tags/index.ts';
import { declareCompanyEditRoutes } from './company-edit-routes.ts';
import { openRecord, presentationOf, type CompanyRouteServices } from './company-page.ts';
import { companyJson, presentAnomalies, presentCompany, presentFrame } from './company-presenter.ts';
import { archiveForm } from './company-schemas.ts';
import type { CompanyRecord } from './company-service.ts';
import { declareCompanyTabRoutes } from './company-tab-routes.ts';
import { declareCompanyNotes } from './note-routes.ts';
import { declareSiteRoutes } from './site-routes.ts';
import { declareRecordTags, type PageRequest } from './tag-routes.ts';
import { companyArchiveUrl, companyTagsUrl, companyUrl } from './urls.ts';

export function companyRoutes(services: CompanyRouteServices): Router {
  const router = createRouter();
  declareCompanyEditRoutes(router, services);
  declareSiteRoutes(router, services);
  declareCompanyTabRoutes(router, services);
  declareCompanyNotes(router, services);
  declareRecord(router, services);
  declareArchiving(router, services);
  return router;
}

function declareRecord(router: Router, services: CompanyRouteServices): void {
  const { companies, clock, tags } = services;

  async function show(context: PageRequest, tagRefused: RefusedTag | null = null): Promise<void> {
    const record = await openRecord(services, context);
    if (!record) return;
    const { res, actor } = context;
    const presentation = presentationOf(res, actor, clock);
    const [base, anomalies] = await Promise.all([
      companies.importBase(record.company.id),
      companies.anomalies(actor, record.company),
    ]);
    renderPage(res, {
      view: 'companies/record',
      title: record.company.name,
      status: res.statusCode,
      locals: {
        frame: presentFrame(record, 'fiche', presentation),
        anomalies: presentAnomalies(record.company, anomalies, presentation),
        ...presentCompany(record.company, base, presentation),
        tagRefused,
      },
    });
  }

  page(router, {
    path: '/entreprises/:id',
    permission: 'companies.read',
    handler: (context) => show(context),
  });

  declareRecordTags(router, {
    path: companyTagsUrl(':id'),
    tags,
    subjectType: 'company',
    refused: show,
    open: async (context) => {
      if (!readableCompanyGroups(context.actor).has('identity')) throw new ForbiddenError();
      const record = await openRecord(services, context);
      return record ? { id: record.company.id, href: companyUrl(record.company.id) } : null;
    },
  });

  page(router, {
    path: '/entreprises/:id/fiche.json',
    permission: 'companies.read',
    handler: async ({ res, actor, params }) => {
      const record = await companies.read(actor, params['id'] ?? '');
      res.json('company' in record ? companyJson(record.company, actor) : { mergedInto: record.mergedInto });
    },
  });
}

function declareArchiving(router: Router, services: CompanyRouteServices): void {
  const { companies } = services;

  function renderConfirm(res: Response, record: CompanyRecord, errors: Record<string, string[]> = {}): void {
    const { t } = res.locals.page;
    const { id, name } = record.company;
    renderPage(res, {
      view: 'components/confirm-page',
      title: t('companies.archive.title', { name }),
      status: Object.keys(errors).length > 0 ? 422 : 200,
      locals: {
        id: 'archive',
        title: t('companies.archive.title', { name }),
        message: t('companies.archive.message'),
        consequences: [t('companies.archive.stays'), t('companies.archive.undo')],
        action: companyArchiveUrl(id),
        confirmLabel: t('common.actions.archive'),
        icon: 'archive',
        tone: 'warning',
        cancelHref: companyUrl(id),
        reason: { name: 'reason', label: t('companies.archive.reason'), required: true, errors: errors['reason'] },
      },
    });
  }

  page(router, {
    path: '/entreprises/:id/archivage',
    permission: 'companies.archive',
    handler: async (context) => {
      const record = await openRecord(services, context);
      if (record) renderConfirm(context.res, record);
    },
  });

  action(router, {
    path: '/entreprises/:id/archivage',
    permission: 'companies.archive',
    form: archiveForm,
    invalid: async (context, { errors }) => {
      const record = await openRecord(services, context);
      if (record) renderConfirm(context.res, record, errors);
    },
    handler: async ({ req, res, actor, params, form }) => {
      await companies.archive(actor, { id: params['id'] ?? '', reason: form.reason });
      backToRecord(req, res, params, 'companies.flash.archived');
    },
  });

  action(router, {
    path: '/entreprises/:id/archivage',
    method: 'delete',
    permission: 'companies.archive',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await companies.restore(actor, params['id'] ?? '');
      backToRecord(req, res, params, 'companies.flash.restored');
    },
  });
}

function backToRecord(req: Request, res: Response, params: Record<string, string>, key: string): void {
  redirectTo(req, res, companyUrl(params['id'] ?? ''), { kind: 'success', key });
}
