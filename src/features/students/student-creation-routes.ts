import type { Response, Router } from 'express';
import { action, page, type InvalidForm } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { isCalendarDay } from '../../shared/dates.ts';
import { parseEmail } from '../../shared/email.ts';
import { parseNir } from '../../shared/nir.ts';
import { parseSinglePhone } from '../../shared/phone.ts';
import { cleanText } from '../../shared/text.ts';
import { presentNewStudent, presentSimilar } from './new-student-presenter.ts';
import type { DraftStudent } from './student-creation-service.ts';
import { draftStudentForm, newStudentForm, type DraftField } from './student-form-schemas.ts';
import type { StudentRouteServices } from './student-page.ts';
import { newStudentUrl, similarStudentsUrl, studentUrl } from './urls.ts';

/** What can be read of a form half typed; what cannot says nothing yet. */
function draftOf(typed: Partial<Record<DraftField, unknown>>): DraftStudent {
  const text = (field: DraftField) => {
    const value = typed[field];
    return typeof value === 'string' ? cleanText(value) : '';
  };
  const email = (field: DraftField) => {
    const parsed = parseEmail(text(field));
    return parsed.ok ? parsed.email : null;
  };
  const phone = (field: DraftField) => {
    const parsed = parseSinglePhone(text(field), { postcode: text('postcode') });
    return parsed.ok ? parsed.phone : null;
  };
  const nir = parseNir(text('nir'));
  return {
    lastName: text('lastName'),
    firstName: text('firstName'),
    emails: [email('email'), email('schoolEmail')],
    phones: [phone('personalPhone'), phone('professionalPhone')],
    birthDate: isCalendarDay(text('birthDate')) ? text('birthDate') : null,
    postcode: text('postcode') || null,
    nir: nir.ok ? nir.nir : null,
  };
}

/** Someone new, entered by hand. */
export function declareCreationRoutes(router: Router, { studentCreation }: StudentRouteServices): void {
  async function render(res: Response, actor: Actor, problem: Partial<InvalidForm>): Promise<void> {
    const values = problem.values ?? {};
    const [similar, choices] = await Promise.all([
      studentCreation.similar(actor, draftOf(values)),
      studentCreation.choices(),
    ]);
    const page = res.locals.page;
    const powers = studentCreation.powers(actor);
    renderPage(res, {
      view: 'student-record/new',
      title: page.t('student-record.new.title'),
      status: res.statusCode,
      locals: presentNewStudent({ powers, choices, similar, problem }, page),
    });
  }

  page(router, {
    path: newStudentUrl(),
    permission: 'students.create',
    handler: ({ res, actor }) => render(res, actor, {}),
  });

  // Asked by POST: names, phones and numbers have no place in an address, nor in the logs that keep addresses.
  action(router, {
    path: similarStudentsUrl(),
    permission: 'students.create',
    form: draftStudentForm,
    handler: async ({ res, actor, form }) => {
      const page = res.locals.page;
      const similar = presentSimilar(
        await studentCreation.similar(actor, draftOf(form)),
        form.isSomeoneElse === '1',
        page,
      );
      res.type('html').send(renderFragment(page, 'student-record/_similar', { similar }).toString());
    },
  });

  action(router, {
    path: newStudentUrl(),
    permission: 'students.create',
    form: newStudentForm,
    invalid: ({ res, actor }, problem) => render(res, actor, problem),
    handler: async ({ req, res, actor, form }) => {
      const { id, studentNumber } = await studentCreation.create(actor, {
        ...form,
        schoolEmail: form.schoolEmail ?? null,
        birthDate: form.birthDate ?? null,
        email: form.email ?? null,
        personalPhone: form.personalPhone ?? null,
        professionalPhone: form.professionalPhone ?? null,
        street: form.street ?? null,
        postcode: form.postcode ?? null,
        city: form.city ?? null,
        country: form.country ?? 'FR',
        programme: form.programme ?? null,
        cohort: form.cohort ?? null,
        nir: form.nir ?? null,
      });
      redirectTo(req, res, studentUrl(id), {
        kind: 'success',
        key: 'student-record.flash.created',
        params: { number: studentNumber },
      });
    },
  });
}
