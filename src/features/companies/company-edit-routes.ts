/** Making a company by hand, with the warning that one looks known, and changing a part of one. */
import type { Response, Router } from 'express';
import { action, page, type InvalidForm } from '../../http/declared-routes.ts';
import type { FieldErrors } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import type { Actor } from '../../shared/actor.ts';
import { editableCompanyGroups } from './company-fields.ts';
import { newCompanyGroups, SECTION_GROUPS, sectionGroups } from './company-form-presenter.ts';
import { presentForm, shownValues, type FormPage } from './form-page.ts';
import type { LockedCompany } from './company-queries.ts';
import type { CompanyRouteServices } from './company-page.ts';
import { lastChangeOf, openRecord } from './company-page.ts';
import { companySectionForms, newCompanyForm, similarCompaniesQuery } from './company-schemas.ts';
import type { CompanyRecord } from './company-service.ts';
import { presentSimilar } from './similar-presenter.ts';
import type { CompanyDraft } from './similar-companies.ts';
import {
  companiesUrl,
  companyUrl,
  editCompanyUrl,
  newCompanyUrl,
  similarCompaniesUrl,
  type CompanySection,
} from './urls.ts';

const SECTIONS: readonly CompanySection[] = ['identite', 'coordonnees', 'relation'];

export function declareCompanyEditRoutes(router: Router, services: CompanyRouteServices): void {
  declareCreation(router, services);
  for (const section of SECTIONS) declareSection(router, services, section);
}

function declareCreation(router: Router, { companies }: CompanyRouteServices): void {
  async function render(res: Response, actor: Actor, problem: Partial<InvalidForm>): Promise<void> {
    const { t, lang } = res.locals.page;
    const values = problem.values ?? {};
    const similar = await companies.similarTo(actor, draftOf(values));
    const form: FormPage = {
      header: {
        title: t('companies.new.title'),
        lead: t('companies.new.lead'),
        trail: [{ label: t('common.nav.companies'), href: companiesUrl() }],
      },
      action: newCompanyUrl(),
      cancelHref: companiesUrl(),
      draft: 'company:new',
      groups: newCompanyGroups(editableCompanyGroups(actor), { t, lang }, similarCompaniesUrl()),
      values: { country: 'FR', relationStage: 'suspect', ...values },
      errors: problem.errors ?? {},
      formError: problem.formError ?? null,
      version: null,
      submitLabel: t('companies.new.submit'),
      similar: presentSimilar(similar, { t, mayInsist: true, insisted: values['despite'] === '1' }),
    };
    renderPage(res, {
      view: 'companies/form',
      title: t('companies.new.title'),
      status: res.statusCode,
      locals: presentForm(form, t),
    });
  }

  page(router, {
    path: newCompanyUrl(),
    permission: 'companies.create',
    handler: ({ res, actor }) => render(res, actor, {}),
  });

  page(router, {
    path: similarCompaniesUrl(),
    permission: 'companies.create',
    query: similarCompaniesQuery,
    handler: async ({ res, actor, query }) => {
      const similar = presentSimilar(await companies.similarTo(actor, query), {
        t: res.locals.page.t,
        mayInsist: true,
        insisted: false,
      });
      res.type('html').send(renderFragment(res.locals.page, 'companies/_similar', { similar }).toString());
    },
  });

  action(router, {
    path: newCompanyUrl(),
    permission: 'companies.create',
    form: newCompanyForm,
    invalid: ({ res, actor }, problem) => render(res, actor, problem),
    handler: async ({ req, res, actor, form }) => {
      const { id, linked } = await companies.create(actor, form);
      redirectTo(req, res, companyUrl(id), {
        kind: 'success',
        key: linked > 0 ? 'companies.flash.created_and_linked' : 'companies.flash.created',
        params: { count: String(linked) },
      });
    },
  });
}

/** What was typed of the fields that tell companies apart. */
function draftOf(values: Readonly<Record<string, unknown>>): CompanyDraft {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  return {
    name: text('name'),
    siren: text('siren'),
    phone: text('phone'),
    email: text('email'),
    postcode: text('postcode'),
  };
}

function declareSection(router: Router, services: CompanyRouteServices, section: CompanySection): void {
  const group = SECTION_GROUPS[section];
  const path = editCompanyUrl(':id', section);

  interface Attempt {
    readonly values?: Readonly<Record<string, unknown>>;
    readonly errors?: FieldErrors;
    readonly formError?: string | null;
    readonly conflict?: FormPage['conflict'];
  }

  function render(res: Response, { company }: CompanyRecord, attempt: Attempt): void {
    const { t, lang } = res.locals.page;
    const heading = t(`companies.edit.${section}`);
    const form: FormPage = {
      header: {
        title: heading,
        trail: [
          { label: t('common.nav.companies'), href: companiesUrl() },
          { label: company.name, href: companyUrl(company.id) },
        ],
      },
      action: editCompanyUrl(company.id, section),
      cancelHref: companyUrl(company.id),
      draft: `company:${company.id}:${section}`,
      groups: sectionGroups(section, { t, lang }),
      values: shownValues(company),
      version: Number(attempt.values?.['version'] ?? company.version),
      submitLabel: t('common.actions.save'),
      ...attempt,
    };
    renderPage(res, {
      view: 'companies/form',
      title: `${company.name} · ${heading}`,
      status: attempt.conflict ? 409 : res.statusCode,
      locals: presentForm(form, t),
    });
  }

  page(router, {
    path,
    permission: 'companies.update',
    handler: async (context) => {
      if (!editableCompanyGroups(context.actor).has(group)) throw new ForbiddenError();
      const record = await openRecord(services, context);
      if (record) render(context.res, record, {});
    },
  });

  action(router, {
    path,
    permission: 'companies.update',
    form: companySectionForms[section],
    invalid: async (context, problem) => {
      if (!editableCompanyGroups(context.actor).has(group)) throw new ForbiddenError();
      const record = await openRecord(services, context);
      if (record) render(context.res, record, problem);
    },
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const { version, original, ...values } = form;
      const id = params['id'] ?? '';
      try {
        await services.companies.update(actor, { id, group, version, values });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const record = await openRecord(services, context);
        const theirs = error.current as LockedCompany;
        if (record)
          render(res, record, {
            values: shownValues(values),
            conflict: {
              theirs: { ...theirs },
              version: theirs.version,
              theirsBy: await lastChangeOf(services, context, 'company'),
              original,
            },
          });
        return;
      }
      redirectTo(req, res, companyUrl(id), { kind: 'success', key: 'companies.flash.saved' });
    },
  });
}
