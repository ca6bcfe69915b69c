/** The forms that change a person, one a section; a stale one shows both versions side by side and loses nothing typed. */
import type { Response, Router } from 'express';
import type { z } from 'zod';
import { action, page, type InvalidForm } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { formatRelative } from '../../shared/dates.ts';
import {
  datalistsOf,
  fieldView,
  offersCreation,
  openedTexts,
  presentConflict,
  SECTION_FIELDS,
  textsOf,
  valuesOfRecord,
  valuesOfRow,
  type FormTexts,
  type TypedValues,
} from './student-form-presenter.ts';
import { contactForm, identityForm, nirForm, statusForm, studiesForm } from './student-form-schemas.ts';
import { formTrail, idOf, openRecord, type StudentRouteServices } from './student-page.ts';
import { fullName } from './student-record-presenter.ts';
import type { StudentRecord } from './student-record-service.ts';
import type { StudentRow } from './student-record-queries.ts';
import { statusesOf, type RecordRights } from './student-rights.ts';
import { editStudentUrl, studentUrl, type StudentSection } from './urls.ts';

type Context = Parameters<typeof openRecord>[1];

interface Attempt extends Partial<InvalidForm> {
  readonly conflict?: { readonly theirs: StudentRow; readonly mine: FormTexts };
}

const MAY_EDIT: Readonly<Record<StudentSection, (rights: RecordRights) => boolean>> = {
  identite: ({ editable }) => editable.has('identity'),
  coordonnees: ({ editable }) => editable.has('contact'),
  formation: ({ editable }) => editable.has('identity'),
  statut: ({ editable }) => editable.has('identity'),
  nir: ({ addNir }) => addNir,
};
const SECTIONS = Object.keys(MAY_EDIT) as StudentSection[];

function sectionsOf(record: StudentRecord): StudentSection[] {
  return SECTIONS.filter(
    (section) => MAY_EDIT[section](record.rights) && (section !== 'nir' || record.nir?.keyDigits === null),
  );
}

/** The record, for whoever may change this section of it. */
async function openSection(
  services: StudentRouteServices,
  context: Context,
  section: StudentSection,
): Promise<StudentRecord | null> {
  const record = await openRecord(services, context);
  if (record && !MAY_EDIT[section](record.rights)) throw new ForbiddenError();
  return record;
}

export function declareEditRoutes(router: Router, services: StudentRouteServices): void {
  const { studentEdits } = services;

  page(router, {
    path: editStudentUrl(':id'),
    permission: 'students.update',
    handler: async (context) => {
      const record = await openRecord(services, context);
      if (!record) return;
      const [section] = sectionsOf(record);
      if (!section) throw new ForbiddenError();
      redirectTo(context.req, context.res, editStudentUrl(record.id, section));
    },
  });

  declareSection(router, services, 'identite', identityForm, (actor, id, { version, original: _, ...values }) =>
    studentEdits.saveFields(actor, { id, version }, values),
  );
  declareSection(router, services, 'coordonnees', contactForm, (actor, id, { version, original: _, ...values }) =>
    studentEdits.saveFields(actor, { id, version }, values),
  );
  declareSection(router, services, 'formation', studiesForm, (actor, id, { version, programme, cohort, create }) =>
    studentEdits.saveStudies(actor, { id, version }, { programme: programme ?? null, cohort: cohort ?? null, create }),
  );
  declareSection(router, services, 'statut', statusForm, (actor, id, { version, status, reason }) =>
    studentEdits.changeStatus(actor, { id, version }, { status, reason }),
  );
  declareSection(router, services, 'nir', nirForm, async (actor, id, { nir }) => {
    if (nir !== null) await studentEdits.addNir(actor, id, nir);
    return { changed: true };
  });
}

function declareSection<Form extends z.ZodType>(
  router: Router,
  services: StudentRouteServices,
  section: StudentSection,
  form: Form,
  save: (actor: Actor, id: string, values: z.output<Form>) => Promise<{ changed: boolean }>,
): void {
  const path = editStudentUrl(':id', section);

  page(router, {
    path,
    permission: 'students.update',
    handler: async (context) => {
      const record = await openSection(services, context, section);
      if (record) await renderSection(services, context, record, section, {});
    },
  });

  action(router, {
    path,
    permission: 'students.update',
    form,
    invalid: async (context, problem) => {
      const record = await openSection(services, context, section);
      if (record) await renderSection(services, context, record, section, problem);
    },
    handler: async (context) => {
      const { req, res, actor, params } = context;
      const values = context.form as Record<string, unknown>;
      try {
        const { changed } = await save(actor, idOf(params), context.form);
        const key = changed ? 'student-record.flash.saved' : 'student-record.flash.unchanged';
        redirectTo(req, res, studentUrl(idOf(params)), { kind: changed ? 'success' : 'info', key });
      } catch (error) {
        if (!(error instanceof ConflictError) || !error.current) throw error;
        const record = await openSection(services, context, section);
        if (!record) return;
        const conflict = { theirs: error.current as StudentRow, mine: textsOf(section, values) };
        const typed = { original: String(values['original'] ?? '') };
        await renderSection(services, context, record, section, { conflict, values: typed });
      }
    },
  });
}

/** Who changed the record last, for the head of their column. */
async function theirsBy(
  services: StudentRouteServices,
  { actor, res }: Context,
  record: StudentRecord,
): Promise<string> {
  const { events } = await services.studentRecords.history(actor, record, null);
  const last = events.find((event) => /^student\.(updated|status_changed|archived|restored)$/.test(event.action));
  if (!last?.actorName) return '';
  return `${last.actorName}, ${formatRelative(last.occurredAt, services.clock.now(), res.locals.page.lang)}`;
}

async function renderSection(
  services: StudentRouteServices,
  context: Context,
  record: StudentRecord,
  section: StudentSection,
  attempt: Attempt,
): Promise<void> {
  const { res, actor } = context;
  const page = res.locals.page;
  const { t } = page;
  const stored = textsOf(section, valuesOfRecord(record));
  const { conflict } = attempt;
  const typed: TypedValues = attempt.values ?? stored;
  const errors = attempt.errors ?? {};
  const heading = t(`student-record.sections.${section}`);
  renderPage(res, {
    view: 'student-record/edit',
    title: `${fullName(record)} · ${heading}`,
    status: conflict ? 409 : res.statusCode,
    locals: {
      heading,
      lead: t(`student-record.leads.${section}`),
      trail: formTrail(record, res),
      sections: sectionLinks(record, section, res),
      action: editStudentUrl(record.id, section),
      cancelHref: studentUrl(record.id),
      draft: `student:${record.id}:${section}`,
      fields: SECTION_FIELDS[section].map((field) =>
        fieldView(field, page, { texts: typed, errors, statuses: statusesOf(actor, 'students.update') }),
      ),
      errors,
      formError: attempt.formError ?? null,
      labels: Object.fromEntries(SECTION_FIELDS[section].map((field) => [field, t(`student-record.fields.${field}`)])),
      ...(section === 'nir'
        ? { version: null, original: null }
        : {
            version: conflict ? conflict.theirs.version : String(typed['version'] ?? record.version),
            original: conflict
              ? JSON.stringify(textsOf(section, valuesOfRow(conflict.theirs)))
              : String(typed['original'] ?? JSON.stringify(stored)),
          }),
      conflict: conflict
        ? {
            fields: presentConflict(
              section,
              {
                mine: conflict.mine,
                theirs: textsOf(section, valuesOfRow(conflict.theirs)),
                opened: openedTexts(attempt.values?.['original']),
              },
              page,
            ),
            theirsBy: await theirsBy(services, context, record),
          }
        : null,
      datalists: section === 'formation' ? datalistsOf(await services.studentCreation.choices()) : [],
      creation:
        section === 'formation' && offersCreation(errors, typed, page) ? { checked: typed['create'] === '1' } : null,
    },
  });
}

/** The other sections of the same person, one click away. */
function sectionLinks(record: StudentRecord, current: StudentSection, res: Response) {
  return sectionsOf(record).map((section) => ({
    label: res.locals.page.t(`student-record.sections.${section}`),
    href: editStudentUrl(record.id, section),
    current: section === current,
  }));
}
