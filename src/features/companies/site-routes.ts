/** The sites of a company: made, changed, closed and opened again. */
import type { Response, Router } from 'express';
import { action, page, type RouteContext } from '../../http/declared-routes.ts';
import { noFields, type FieldErrors } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { editableCompanyGroups } from './company-fields.ts';
import { siteGroups } from './company-form-presenter.ts';
import { presentForm, shownValues, type FormPage } from './form-page.ts';
import { lastChangeOf, openRecord, type CompanyRouteServices } from './company-page.ts';
import { siteForm } from './company-schemas.ts';
import type { CompanyRecord } from './company-service.ts';
import type { SiteRow } from './site-service.ts';
import { companiesUrl, companyUrl, newSiteUrl, siteArchiveUrl, siteUrl } from './urls.ts';

interface Attempt {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly errors?: FieldErrors;
  readonly formError?: string | null;
  readonly conflict?: FormPage['conflict'];
}

type AnyContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

export function declareSiteRoutes(router: Router, services: CompanyRouteServices): void {
  const { companySites: sites } = services;

  /** The form of a site, new (null) or known; whoever may not change it gets no form. */
  async function render(context: AnyContext, site: SiteRow | null, attempt: Attempt = {}): Promise<void> {
    const groups = editableCompanyGroups(context.actor);
    if (!groups.has('identity')) throw new ForbiddenError();
    const record = await openRecord(services, context, 'etablissements');
    if (record) renderSiteForm(context.res, record, site, groups, attempt);
  }

  const ids = ({ params }: AnyContext) => ({ companyId: params['id'] ?? '', siteId: params['siteId'] ?? '' });
  const back = ({ req, res, params }: AnyContext, key: string) =>
    redirectTo(req, res, companyUrl(params['id'] ?? '', 'etablissements'), { kind: 'success', key });

  page(router, {
    path: newSiteUrl(':id'),
    permission: 'companies.update',
    handler: (context) => render(context, null),
  });

  action(router, {
    path: newSiteUrl(':id'),
    permission: 'companies.update',
    form: siteForm,
    invalid: (context, problem) => render(context, null, problem),
    handler: async (context) => {
      const { version: _none, original: _new, ...values } = context.form;
      await sites.create(context.actor, ids(context).companyId, values);
      back(context, 'companies.flash.site_added');
    },
  });

  page(router, {
    path: siteUrl(':id', ':siteId'),
    permission: 'companies.update',
    handler: async (context) => {
      const { companyId, siteId } = ids(context);
      await render(context, await sites.read(context.actor, companyId, siteId));
    },
  });

  action(router, {
    path: siteUrl(':id', ':siteId'),
    permission: 'companies.update',
    form: siteForm,
    invalid: async (context, problem) => {
      const { companyId, siteId } = ids(context);
      await render(context, await sites.read(context.actor, companyId, siteId), problem);
    },
    handler: async (context) => {
      const { companyId, siteId } = ids(context);
      const { version = 0, original, ...values } = context.form;
      try {
        await sites.update(context.actor, { companyId, id: siteId, version, values });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const theirs = error.current as SiteRow;
        await render(context, await sites.read(context.actor, companyId, siteId), {
          values: shownValues(values),
          conflict: {
            theirs: { ...theirs },
            version: theirs.version,
            theirsBy: await lastChangeOf(services, context, 'site'),
            original,
          },
        });
        return;
      }
      back(context, 'companies.flash.saved');
    },
  });

  action(router, {
    path: siteArchiveUrl(':id', ':siteId'),
    permission: 'companies.update',
    form: noFields,
    handler: async (context) => {
      await sites.archive(context.actor, ids(context).companyId, ids(context).siteId);
      back(context, 'companies.flash.site_archived');
    },
  });

  action(router, {
    path: siteArchiveUrl(':id', ':siteId'),
    method: 'delete',
    permission: 'companies.update',
    form: noFields,
    handler: async (context) => {
      await sites.restore(context.actor, ids(context).companyId, ids(context).siteId);
      back(context, 'companies.flash.site_restored');
    },
  });
}

function renderSiteForm(
  res: Response,
  { company }: CompanyRecord,
  site: SiteRow | null,
  groups: ReadonlySet<string>,
  attempt: Attempt,
): void {
  const { t, lang } = res.locals.page;
  const title = site ? t('companies.sites.edit', { label: site.label }) : t('companies.sites.new');
  const tab = companyUrl(company.id, 'etablissements');
  const form: FormPage = {
    header: {
      title,
      trail: [
        { label: t('common.nav.companies'), href: companiesUrl() },
        { label: company.name, href: companyUrl(company.id) },
        { label: t('companies.tabs.etablissements'), href: tab },
      ],
    },
    action: site ? siteUrl(company.id, site.id) : newSiteUrl(company.id),
    cancelHref: tab,
    draft: `site:${site?.id ?? `new:${company.id}`}`,
    groups: siteGroups(groups, { t, lang }),
    values: site ? shownValues(site) : { country: 'FR' },
    version: site ? Number(attempt.values?.['version'] ?? site.version) : null,
    submitLabel: site ? t('common.actions.save') : t('companies.sites.submit'),
    ...attempt,
  };
  renderPage(res, {
    view: 'companies/form',
    title: `${company.name} · ${title}`,
    status: attempt.conflict ? 409 : res.statusCode,
    locals: presentForm(form, t),
  });
}
