import type { Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import { eventJson, journalOfRecordUrl, presentHistory } from '../audit/index.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { presentNir, reasonText } from './nir-presenter.ts';
import { declareCareerRoutes } from './student-career-routes.ts';
import { declareCreationRoutes } from './student-creation-routes.ts';
import { declareEnrolmentRoutes } from './student-enrolment-routes.ts';
import { declareEditRoutes } from './student-edit-routes.ts';
import { declareNoteRoutes } from './student-note-routes.ts';
import { refusedTag, tagForm } from '../tags/index.ts';
import { archiveForm, historyQuery, revealForm } from './student-form-schemas.ts';
import { idOf, openRecord, renderTab, type StudentRouteServices } from './student-page.ts';
import { archiveConfirmation, presentIdentity, recordJson } from './student-record-presenter.ts';
import { presentCareer, presentImports, presentStudies } from './student-tabs-presenter.ts';
import { studentArchiveUrl, studentNirUrl, studentTabUrl, studentTagsUrl, studentUrl } from './urls.ts';

/** Everything under `/etudiants/:id`, and the form that creates someone. Mounted after the lists. */
export function studentRecordRoutes(services: StudentRouteServices): Router {
  const router = createRouter();
  declareCreationRoutes(router, services);
  declareTabs(router, services);
  declareEditRoutes(router, services);
  declareArchive(router, services);
  declareNir(router, services);
  declareTags(router, services);
  declareEnrolmentRoutes(router, services);
  declareCareerRoutes(router, services);
  declareNoteRoutes(router, services);
  return router;
}

function declareTabs(router: Router, services: StudentRouteServices): void {
  const { studentRecords, clock } = services;

  page(router, {
    path: `${studentUrl(':id')}.json`,
    permission: 'students.read',
    handler: async (context) => {
      const record = await openRecord(services, context);
      if (record) context.res.json(recordJson(record));
    },
  });

  page(router, {
    path: studentUrl(':id'),
    permission: 'students.read',
    handler: async (context) => {
      const record = await openRecord(services, context);
      if (record)
        renderTab(context.res, services, record, 'identity', presentIdentity(record, context.res.locals.page));
    },
  });

  page(router, {
    path: studentTabUrl(':id', 'parcours'),
    permission: 'students.read',
    handler: async (context) => {
      const record = await openRecord(services, context, 'studies');
      if (!record) return;
      const studies = presentStudies(record, await studentRecords.studies(record), context.res.locals.page);
      renderTab(context.res, services, record, 'studies', studies);
    },
  });

  page(router, {
    path: studentTabUrl(':id', 'carriere'),
    permission: 'students.read',
    handler: async (context) => {
      const record = await openRecord(services, context, 'career');
      if (!record) return;
      const career = presentCareer(record, await studentRecords.career(record), context.res.locals.page);
      renderTab(context.res, services, record, 'career', career);
    },
  });

  page(router, {
    path: `${studentTabUrl(':id', 'historique')}.json`,
    permission: 'students.read',
    query: historyQuery,
    handler: async (context) => {
      const record = await openRecord(services, context, 'history');
      if (!record) return;
      const { events, next } = await studentRecords.history(context.actor, record, context.query.apres ?? null);
      context.res.json({ rows: events.map(eventJson), next });
    },
  });

  page(router, {
    path: studentTabUrl(':id', 'historique'),
    permission: 'students.read',
    query: historyQuery,
    handler: async (context) => {
      const { res, actor, query } = context;
      const record = await openRecord(services, context, 'history');
      if (!record) return;
      const { events, next } = await studentRecords.history(actor, record, query.apres ?? null);
      const { t, lang } = res.locals.page;
      renderTab(res, services, record, 'history', {
        days: presentHistory(events, { t, lang, now: clock.now() }),
        moreHref: next ? `${studentTabUrl(record.id, 'historique')}?apres=${next}` : '',
        journalHref: record.rights.controls ? journalOfRecordUrl('student', record.id) : null,
      });
    },
  });

  page(router, {
    path: studentTabUrl(':id', 'imports'),
    permission: 'students.read',
    handler: async (context) => {
      const record = await openRecord(services, context, 'imports');
      if (!record) return;
      const touches = presentImports(await studentRecords.imports(record), context.res.locals.page);
      renderTab(context.res, services, record, 'imports', { touches });
    },
  });
}

function declareArchive(router: Router, services: StudentRouteServices): void {
  const { studentEdits } = services;

  const confirm = async (
    context: Parameters<typeof openRecord>[1],
    values: Record<string, unknown>,
    errors: string[],
  ) => {
    const { res } = context;
    const record = await openRecord(services, context);
    if (!record) return;
    if (!record.rights.archive) throw new ForbiddenError();
    const asked = archiveConfirmation(record, res.locals.page, errors);
    renderPage(res, {
      view: 'components/confirm-page',
      title: asked.title,
      status: res.statusCode,
      locals: { ...asked, reason: { ...asked.reason, value: values['reason'] }, cancelHref: studentUrl(record.id) },
    });
  };

  page(router, {
    path: studentArchiveUrl(':id'),
    permission: 'students.archive',
    handler: (context) => confirm(context, {}, []),
  });

  action(router, {
    path: studentArchiveUrl(':id'),
    permission: 'students.archive',
    form: archiveForm,
    invalid: (context, { values, errors }) => confirm(context, values, errors['reason'] ?? []),
    handler: async ({ req, res, actor, params, form }) => {
      await studentEdits.archive(actor, idOf(params), form.reason);
      redirectTo(req, res, studentUrl(idOf(params)), { kind: 'success', key: 'student-record.flash.archived' });
    },
  });

  action(router, {
    path: studentArchiveUrl(':id'),
    method: 'delete',
    permission: 'students.archive',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await studentEdits.restore(actor, idOf(params));
      redirectTo(req, res, studentUrl(idOf(params)), { kind: 'success', key: 'student-record.flash.restored' });
    },
  });
}

function declareNir(router: Router, services: StudentRouteServices): void {
  /** With htmx the masked value alone, otherwise the whole page; either is shown this once and kept by nobody. */
  const answer = async (
    context: Parameters<typeof openRecord>[1],
    shown: { revealed?: string; errors?: Record<string, string[]> },
  ) => {
    const { res } = context;
    const page = res.locals.page;
    const record = await openRecord(services, context);
    if (!record) return;
    if (!record.rights.revealNir) throw new ForbiddenError();
    res.set('Cache-Control', 'no-store');
    if (!page.isFragment) {
      renderTab(res, services, record, 'identity', presentIdentity(record, page, shown));
      return;
    }
    const masked = presentNir(record, page, shown);
    res.vary('HX-Request').type('html');
    res.send(masked ? renderFragment(page, 'components/_masked-value', masked).toString() : '');
  };

  action(router, {
    path: studentNirUrl(':id'),
    permission: 'students.reveal_nir',
    form: revealForm,
    invalid: (context, { errors }) => answer(context, { errors }),
    handler: async (context) => {
      const { actor, params, form, res } = context;
      const revealed = await services.nirReveal.reveal(actor, idOf(params), {
        reason: reasonText(form.motif, res.locals.page),
        precision: form.precision ?? null,
      });
      await answer(context, { revealed });
    },
  });
}

function declareTags(router: Router, services: StudentRouteServices): void {
  const { tags, studentRecords } = services;
  for (const [method, change] of [
    ['post', tags.add],
    ['delete', tags.remove],
  ] as const) {
    action(router, {
      path: studentTagsUrl(':id'),
      method,
      permission: 'tags.manage',
      form: tagForm,
      invalid: async (context, problem) => {
        const record = await openRecord(services, context);
        if (!record) return;
        renderTab(context.res, services, record, 'identity', {
          ...presentIdentity(record, context.res.locals.page),
          tagRefused: refusedTag(problem),
        });
      },
      handler: async ({ req, res, actor, params, form }) => {
        const record = await studentRecords.open(actor, idOf(params), 'identity');
        if (!record.rights.tag) throw new ForbiddenError();
        await change(actor, form.etiquette, 'student', [record.id]);
        redirectTo(req, res, studentUrl(record.id));
      },
    });
  }
}
