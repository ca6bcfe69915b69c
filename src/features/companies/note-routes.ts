/** Notes of a company: read with one right, written with another. */
import type { Response, Router } from 'express';
import { action, page, type RouteContext } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { hasPermission } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { noteForm, noteUpdateForm, presentNotes, type NotedRecord, type NoteRow } from '../notes/index.ts';
import { openRecord, presentationOf, type CompanyRouteServices } from './company-page.ts';
import { presentFrame } from './company-presenter.ts';
import type { CompanyRecord } from './company-service.ts';
import { companiesUrl, companyUrl } from './urls.ts';

type AnyContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

const notesPath = companyUrl(':id', 'notes');

export function declareCompanyNoteRoutes(router: Router, services: CompanyRouteServices): void {
  const { notes, clock } = services;

  const recordOf = ({ company }: CompanyRecord): NotedRecord => ({ subjectType: 'company', subjectId: company.id });

  /** Reading companies is not enough to read what is written on them. */
  async function open(context: AnyContext): Promise<CompanyRecord | null> {
    if (!hasPermission(context.actor, 'companies.read_notes')) throw new ForbiddenError();
    return openRecord(services, context, 'notes');
  }

  async function showList(context: AnyContext, refused: { body?: string; errors?: object } = {}): Promise<void> {
    const record = await open(context);
    if (!record) return;
    const { res, actor } = context;
    const presentation = presentationOf(res, actor, clock);
    const rows = await notes.list(recordOf(record));
    renderPage(res, {
      view: 'companies/notes',
      title: `${record.company.name} · ${presentation.t('companies.tabs.notes')}`,
      status: res.statusCode,
      locals: {
        frame: presentFrame(record, 'notes', presentation),
        base: companyUrl(record.company.id, 'notes'),
        ...presentNotes(rows, { actorId: actor.id, now: presentation.now, lang: presentation.lang }),
        canWrite: hasPermission(actor, 'companies.write_notes'),
        body: refused.body ?? '',
        errors: refused.errors ?? {},
      },
    });
  }

  function back({ req, res, params }: AnyContext, key: string): void {
    redirectTo(req, res, companyUrl(params['id'] ?? '', 'notes'), { kind: 'success', key });
  }

  page(router, { path: notesPath, permission: 'companies.read', handler: (context) => showList(context) });

  action(router, {
    path: notesPath,
    permission: 'companies.write_notes',
    form: noteForm,
    invalid: (context, { values, errors }) => showList(context, { body: textOf(values['body']), errors }),
    handler: async (context) => {
      const record = await open(context);
      if (!record) return;
      await notes.add(context.actor, recordOf(record), context.form.body);
      back(context, 'companies.flash.note_added');
    },
  });

  async function showNote(context: AnyContext, attempt: NoteAttempt = {}): Promise<void> {
    const record = await open(context);
    if (!record) return;
    const note = await notes.get(recordOf(record), context.params['noteId'] ?? '');
    if (note.authorId !== context.actor.id) throw new ForbiddenError();
    renderNote(context.res, record, note, attempt);
  }

  page(router, {
    path: `${notesPath}/:noteId`,
    permission: 'companies.write_notes',
    handler: (context) => showNote(context),
  });

  action(router, {
    path: `${notesPath}/:noteId`,
    permission: 'companies.write_notes',
    form: noteUpdateForm,
    invalid: (context, { values, errors, formError }) =>
      showNote(context, { body: textOf(values['body']), version: Number(values['version']), errors, formError }),
    handler: async (context) => {
      const record = await open(context);
      if (!record) return;
      const noteId = context.params['noteId'] ?? '';
      try {
        await notes.update(context.actor, recordOf(record), { noteId, ...context.form });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        await showNote(context, { body: context.form.body, isConflict: true });
        return;
      }
      back(context, 'companies.flash.saved');
    },
  });

  for (const [method, archived] of [
    ['post', true],
    ['delete', false],
  ] as const) {
    action(router, {
      path: `${notesPath}/:noteId/archivage`,
      method,
      permission: 'companies.write_notes',
      form: noFields,
      handler: async (context) => {
        const record = await open(context);
        if (!record) return;
        await notes.setArchived(context.actor, recordOf(record), context.params['noteId'] ?? '', archived);
        back(context, archived ? 'companies.flash.note_archived' : 'companies.flash.note_restored');
      },
    });
  }
}

interface NoteAttempt {
  readonly body?: string;
  readonly version?: number;
  readonly errors?: object;
  readonly formError?: string | null;
  readonly isConflict?: boolean;
}

function renderNote(res: Response, { company }: CompanyRecord, note: NoteRow, attempt: NoteAttempt): void {
  const { t } = res.locals.page;
  const base = companyUrl(company.id, 'notes');
  renderPage(res, {
    view: 'notes/edit',
    title: t('notes.edit'),
    status: attempt.isConflict ? 409 : res.statusCode,
    locals: {
      trail: [
        { label: t('common.nav.companies'), href: companiesUrl() },
        { label: company.name, href: base },
      ],
      base,
      noteId: note.id,
      version: attempt.isConflict ? note.version : (attempt.version ?? note.version),
      values: { body: attempt.body ?? note.body },
      errors: attempt.errors ?? {},
      formError: attempt.formError ?? null,
      theirs: attempt.isConflict ? note.body : null,
    },
  });
}

const textOf = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');
