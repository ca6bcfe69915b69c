/** Positions of an alumnus: added, changed, ended, each on a form of its own; and the day they graduated. */
import type { Router } from 'express';
import { action, page } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import { dayOf, formatDate } from '../../shared/dates.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import type { TypedValues } from './student-form-presenter.ts';
import { companySuggestionsQuery, graduationForm, positionChangeForm, positionForm } from './student-form-schemas.ts';
import {
  formTrail,
  idOf,
  openRecord,
  renderTab,
  type StaleAttempt,
  type StudentRouteServices,
} from './student-page.ts';
import { fullName } from './student-record-presenter.ts';
import type { AlumniProfileRow, PositionRow } from './student-record-queries.ts';
import { presentCareer, presentCompanyChoices } from './student-tabs-presenter.ts';
import { graduationUrl, positionUrl, studentTabUrl } from './urls.ts';

type Context = Parameters<typeof openRecord>[1];

export function declareCareerRoutes(router: Router, services: StudentRouteServices): void {
  const { careers } = services;

  async function render(context: Context, attempt: StaleAttempt): Promise<void> {
    const { res, actor, params } = context;
    const record = await openRecord(services, context, 'career');
    if (!record) return;
    if (!record.rights.updateCareer) throw new ForbiddenError();
    const positionId = params['positionId'];
    const current = positionId ? await careers.get(actor, record.id, positionId) : null;
    const page = res.locals.page;
    const stored: TypedValues = current
      ? {
          company: current.companyName ?? current.companyText ?? '',
          title: current.title ?? '',
          startedOn: dayOf(current.startedOn) ?? '',
          endedOn: dayOf(current.endedOn) ?? '',
        }
      : {};
    const values: TypedValues = { ...stored, ...attempt.values };
    const errors = attempt.errors ?? {};
    const asksWhich = 'companyChoice' in errors;
    const title = page.t(current ? 'student-record.position.edit' : 'student-record.position.add');
    renderPage(res, {
      view: 'student-record/position',
      title: `${fullName(record)} · ${title}`,
      status: attempt.conflict ? 409 : res.statusCode,
      locals: {
        heading: title,
        trail: formTrail(record, res),
        action: positionUrl(record.id, current?.id),
        cancelHref: studentTabUrl(record.id, 'carriere'),
        suggestionsHref: `${positionUrl(record.id)}/entreprises`,
        values,
        errors,
        formError: attempt.formError ?? null,
        conflict: attempt.conflict ?? null,
        version: attempt.conflict?.version ?? (current ? String(values['version'] ?? current.version) : null),
        companyChoices: asksWhich
          ? presentCompanyChoices(await careers.companiesNamed(String(values['company'] ?? '')), page)
          : null,
      },
    });
  }

  const factsOf = (row: PositionRow, { res }: Context): string[] => {
    const { t, lang } = res.locals.page;
    const company = row.companyName ?? row.companyText;
    return [
      ...(company ? [`${t('student-record.fields.company')} : ${company}`] : []),
      ...(row.title ? [`${t('student-record.fields.title')} : ${row.title}`] : []),
      ...(row.startedOn ? [`${t('student-record.fields.startedOn')} : ${formatDate(row.startedOn, lang)}`] : []),
      ...(row.endedOn ? [`${t('student-record.fields.endedOn')} : ${formatDate(row.endedOn, lang)}`] : []),
    ];
  };

  page(router, {
    path: `${positionUrl(':id')}/entreprises`,
    permission: 'alumni.update',
    query: companySuggestionsQuery,
    handler: async (context) => {
      const { res, query } = context;
      if (!(await openRecord(services, context))) return;
      const companies = await careers.suggestCompanies(query.company);
      res
        .type('html')
        .send(renderFragment(res.locals.page, 'student-record/_company-options', { companies }).toString());
    },
  });

  for (const path of [positionUrl(':id'), positionUrl(':id', ':positionId')])
    page(router, { path, permission: 'alumni.update', handler: (context) => render(context, {}) });

  action(router, {
    path: positionUrl(':id'),
    permission: 'alumni.update',
    form: positionForm,
    invalid: render,
    handler: async ({ req, res, actor, params, form }) => {
      await careers.add(actor, idOf(params), withEmpty(form));
      redirectTo(req, res, studentTabUrl(idOf(params), 'carriere'), {
        kind: 'success',
        key: 'student-record.flash.position_added',
      });
    },
  });

  action(router, {
    path: positionUrl(':id', ':positionId'),
    permission: 'alumni.update',
    form: positionChangeForm,
    invalid: render,
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const input = { ...withEmpty(form), version: form.version };
      try {
        await careers.update(actor, idOf(params), idOf(params, 'positionId'), input);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const current = await careers.get(actor, idOf(params), idOf(params, 'positionId'));
        await render(context, {
          values: {
            company: input.company,
            title: input.title ?? '',
            startedOn: input.startedOn ?? '',
            endedOn: input.endedOn ?? '',
          },
          conflict: { version: current.version, facts: factsOf(current, context) },
        });
        return;
      }
      redirectTo(req, res, studentTabUrl(idOf(params), 'carriere'), {
        kind: 'success',
        key: 'student-record.flash.saved',
      });
    },
  });

  /** The day stands in a form of the tab itself: what was typed is shown there again. */
  async function renderGraduation(context: Context, attempt: StaleAttempt): Promise<void> {
    const { res } = context;
    const record = await openRecord(services, context, 'career');
    if (!record) return;
    const locals = presentCareer(record, await services.studentRecords.career(record), res.locals.page, attempt);
    renderTab(res.status(attempt.conflict ? 409 : res.statusCode), services, record, 'career', locals);
  }

  action(router, {
    path: graduationUrl(':id'),
    permission: 'alumni.update',
    form: graduationForm,
    invalid: renderGraduation,
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const input = { version: form.version, graduatedOn: form.graduatedOn ?? null };
      try {
        await careers.setGraduation(actor, idOf(params), input);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const { graduatedOn, version } = error.current as AlumniProfileRow;
        const { t, lang } = res.locals.page;
        const facts = graduatedOn
          ? [`${t('student-record.fields.graduatedOn')} : ${formatDate(graduatedOn, lang)}`]
          : [];
        const values = { graduatedOn: input.graduatedOn ?? '' };
        await renderGraduation(context, { values, conflict: { version, facts } });
        return;
      }
      redirectTo(req, res, studentTabUrl(idOf(params), 'carriere'), {
        kind: 'success',
        key: 'student-record.flash.saved',
      });
    },
  });
}

interface TypedPosition {
  readonly company: string;
  readonly companyChoice?: string | null;
  readonly title?: string | null;
  readonly startedOn?: string | null;
  readonly endedOn?: string | null;
}

/** A field left out of a position's form is an empty one: the form always holds them all. */
function withEmpty(form: TypedPosition) {
  return {
    company: form.company,
    companyChoice: form.companyChoice ?? null,
    title: form.title ?? null,
    startedOn: form.startedOn ?? null,
    endedOn: form.endedOn ?? null,
  };
}
