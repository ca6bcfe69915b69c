import type { Router } from 'express';
import { action, page, type InvalidForm } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { noteForm, noteUpdateForm, presentNotes, type NotedRecord, type NoteRow } from '../notes/index.ts';
import { formTrail, idOf, openRecord, renderTab, type StudentRouteServices } from './student-page.ts';
import { fullName } from './student-record-presenter.ts';
import type { StudentRecord } from './student-record-service.ts';
import { studentNoteUrl } from './urls.ts';

type Context = Parameters<typeof openRecord>[1];

const notedRecord = (id: string): NotedRecord => ({ subjectType: 'student', subjectId: id });

/** Notes on a person: read and written under rights of their own. */
export function declareNoteRoutes(router: Router, services: StudentRouteServices): void {
  const { notes, studentRecords, clock } = services;

  async function show(context: Context, problem: Partial<InvalidForm>): Promise<void> {
    const { res, actor } = context;
    const record = await openRecord(services, context, 'notes');
    if (!record) return;
    const { lang } = res.locals.page;
    const found = await notes.list(notedRecord(record.id));
    renderTab(res, services, record, 'notes', {
      notes: {
        base: studentNoteUrl(record.id),
        ...presentNotes(found, { actorId: actor.id, now: clock.now(), lang }),
        canWrite: record.rights.writeNotes,
        body: problem.values?.['body'] ?? '',
        errors: problem.errors ?? {},
      },
    });
  }

  /** The record, for whoever may write on it. */
  async function writable(actor: Actor, id: string): Promise<StudentRecord> {
    const record = await studentRecords.open(actor, id, 'notes');
    if (!record.rights.writeNotes) throw new ForbiddenError();
    return record;
  }

  async function edit(
    context: Context,
    {
      body,
      version,
      errors = {},
      formError = null,
      theirs = null,
    }: {
      body?: string;
      version?: number;
      errors?: Record<string, string[]>;
      formError?: string | null;
      theirs?: string | null;
    },
  ): Promise<void> {
    const { res, actor, params } = context;
    const record = await writable(actor, idOf(params));
    const note = await notes.get(notedRecord(record.id), idOf(params, 'noteId'));
    if (note.authorId !== actor.id) throw new ForbiddenError();
    const title = res.locals.page.t('notes.edit');
    renderPage(res, {
      view: 'notes/edit',
      title: `${fullName(record)} · ${title}`,
      status: theirs === null ? res.statusCode : 409,
      locals: {
        trail: formTrail(record, res),
        base: studentNoteUrl(record.id),
        noteId: note.id,
        version: version ?? note.version,
        values: { body: body ?? note.body },
        errors,
        formError,
        theirs,
      },
    });
  }

  page(router, {
    path: studentNoteUrl(':id'),
    permission: 'students.read_notes',
    handler: (context) => show(context, {}),
  });

  action(router, {
    path: studentNoteUrl(':id'),
    permission: 'students.write_notes',
    form: noteForm,
    invalid: show,
    handler: async ({ req, res, actor, params, form }) => {
      const record = await writable(actor, idOf(params));
      await notes.add(actor, notedRecord(record.id), form.body);
      redirectTo(req, res, studentNoteUrl(record.id), { kind: 'success', key: 'student-record.flash.note_added' });
    },
  });

  page(router, {
    path: studentNoteUrl(':id', ':noteId'),
    permission: 'students.write_notes',
    handler: (context) => edit(context, {}),
  });

  action(router, {
    path: studentNoteUrl(':id', ':noteId'),
    permission: 'students.write_notes',
    form: noteUpdateForm,
    invalid: (context, { values, errors, formError }) =>
      edit(context, { body: String(values['body'] ?? ''), errors, formError }),
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const record = await writable(actor, idOf(params));
      try {
        await notes.update(actor, notedRecord(record.id), { noteId: idOf(params, 'noteId'), ...form });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const note = await notes.get(notedRecord(record.id), idOf(params, 'noteId'));
        await edit(context, { body: form.body, version: note.version, theirs: (error.current as NoteRow).body });
        return;
      }
      redirectTo(req, res, studentNoteUrl(record.id), { kind: 'success', key: 'student-record.flash.note_saved' });
    },
  });

  for (const method of ['post', 'delete'] as const) {
    action(router, {
      path: `${studentNoteUrl(':id', ':noteId')}/archivage`,
      method,
      permission: 'students.write_notes',
      form: noFields,
      handler: async ({ req, res, actor, params }) => {
        const record = await writable(actor, idOf(params));
        await notes.setArchived(actor, notedRecord(record.id), idOf(params, 'noteId'), method === 'post');
        redirectTo(req, res, studentNoteUrl(record.id), {
          kind: 'success',
          key: method === 'post' ? 'student-record.flash.note_archived' : 'student-record.flash.note_restored',
        });
      },
    });
  }
}
