/** Enrolments of a person: added, dated, ended, each on a form of its own. */
import type { Router } from 'express';
import { action, page } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { dayOf, formatDate } from '../../shared/dates.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { datalistsOf, offersCreation, type TypedValues } from './student-form-presenter.ts';
import { enrolmentChangeForm, enrolmentForm } from './student-form-schemas.ts';
import { formTrail, idOf, openRecord, type StaleAttempt, type StudentRouteServices } from './student-page.ts';
import { fullName } from './student-record-presenter.ts';
import type { EnrolmentRow } from './student-record-queries.ts';
import { enrolmentUrl, studentTabUrl } from './urls.ts';

type Context = Parameters<typeof openRecord>[1];

export function declareEnrolmentRoutes(router: Router, services: StudentRouteServices): void {
  const { enrolments, studentCreation } = services;

  async function render(context: Context, attempt: StaleAttempt): Promise<void> {
    const { res, actor, params } = context;
    const record = await openRecord(services, context, 'studies');
    if (!record) return;
    if (!record.rights.editable.has('identity')) throw new ForbiddenError();
    const enrolmentId = params['enrolmentId'];
    const current = enrolmentId ? await enrolments.get(actor, record.id, enrolmentId) : null;
    const page = res.locals.page;
    const stored: TypedValues = current
      ? {
          programme: current.programme,
          cohort: current.cohort ?? '',
          startedOn: dayOf(current.startedOn) ?? '',
          endedOn: dayOf(current.endedOn) ?? '',
        }
      : {};
    const values: TypedValues = { ...stored, ...attempt.values };
    const errors = attempt.errors ?? {};
    const title = page.t(current ? 'student-record.enrolment.edit' : 'student-record.enrolment.add');
    renderPage(res, {
      view: 'student-record/enrolment',
      title: `${fullName(record)} · ${title}`,
      status: attempt.conflict ? 409 : res.statusCode,
      locals: {
        heading: title,
        trail: formTrail(record, res),
        action: enrolmentUrl(record.id, current?.id),
        cancelHref: studentTabUrl(record.id, 'parcours'),
        programme: current?.programme ?? null,
        values,
        errors,
        formError: attempt.formError ?? null,
        conflict: attempt.conflict ?? null,
        version: attempt.conflict?.version ?? (current ? String(values['version'] ?? current.version) : null),
        datalists: datalistsOf(await studentCreation.choices()),
        creation: offersCreation(errors, values, page) ? { checked: values['create'] === '1' } : null,
      },
    });
  }

  const factsOf = ({ cohort, startedOn, endedOn }: EnrolmentRow, { res }: Context): string[] => {
    const { t, lang } = res.locals.page;
    return [
      ...(cohort ? [`${t('student-record.fields.cohort')} : ${cohort}`] : []),
      ...(startedOn ? [`${t('student-record.fields.startedOn')} : ${formatDate(startedOn, lang)}`] : []),
      ...(endedOn ? [`${t('student-record.fields.endedOn')} : ${formatDate(endedOn, lang)}`] : []),
    ];
  };

  for (const path of [enrolmentUrl(':id'), enrolmentUrl(':id', ':enrolmentId')])
    page(router, { path, permission: 'students.update', handler: (context) => render(context, {}) });

  action(router, {
    path: enrolmentUrl(':id'),
    permission: 'students.update',
    form: enrolmentForm,
    invalid: render,
    handler: async ({ req, res, actor, params, form }) => {
      const { programme, create } = form;
      const [cohort, startedOn, endedOn] = [form.cohort ?? null, form.startedOn ?? null, form.endedOn ?? null];
      await enrolments.add(actor, idOf(params), { programme, create, cohort, startedOn, endedOn });
      redirectTo(req, res, studentTabUrl(idOf(params), 'parcours'), {
        kind: 'success',
        key: 'student-record.flash.enrolment_added',
      });
    },
  });

  action(router, {
    path: enrolmentUrl(':id', ':enrolmentId'),
    permission: 'students.update',
    form: enrolmentChangeForm,
    invalid: render,
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const { version, create } = form;
      const [cohort, startedOn, endedOn] = [form.cohort ?? null, form.startedOn ?? null, form.endedOn ?? null];
      try {
        await enrolments.update(actor, idOf(params), idOf(params, 'enrolmentId'), {
          version,
          create,
          cohort,
          startedOn,
          endedOn,
        });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const current = await enrolments.get(actor, idOf(params), idOf(params, 'enrolmentId'));
        await render(context, {
          values: { cohort: cohort ?? '', startedOn: startedOn ?? '', endedOn: endedOn ?? '' },
          conflict: { version: current.version, facts: factsOf(current, context) },
        });
        return;
      }
      redirectTo(req, res, studentTabUrl(idOf(params), 'parcours'), {
        kind: 'success',
        key: 'student-record.flash.saved',
      });
    },
  });
}
