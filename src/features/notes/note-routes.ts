/** The pages of the notes of a record. The record's own feature says who reads and writes on it, and what stands around. */
import type { Router } from 'express';
import { action, page, type RouteContext, type RoutePermission } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError, ForbiddenError } from '../../shared/errors.ts';
import { presentNotes, type NoteView } from './note-presenter.ts';
import type { NoteRow } from './note-queries.ts';
import { noteForm, noteUpdateForm } from './note-schemas.ts';
import type { NotedRecord, NoteService } from './note-service.ts';

export type NoteContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

/** Locals of `notes/_notes`. */
export interface NotesLocals {
  readonly base: string;
  readonly current: readonly NoteView[];
  readonly archived: readonly NoteView[];
  readonly canWrite: boolean;
  /** What was typed in a refused form. */
  readonly body: string;
  readonly errors: object;
}

/** A record that the actor may read the notes of. */
export interface NotedPage {
  readonly record: NotedRecord;
  readonly name: string;
  /** Address of its notes. */
  readonly base: string;
  readonly canWrite: boolean;
  /** What stands above the form of one note. */
  readonly trail: readonly { readonly label: string; readonly href?: string }[];
  /** Renders the tab of the record that holds them. */
  readonly show: (locals: NotesLocals) => void;
}

/** The record is no more: it was merged into this one, of the same kind. */
export interface MergedRecord {
  readonly mergedInto: string;
}

export interface NotedKind {
  /** Address of the notes, with `:id`. */
  readonly path: string;
  readonly read: RoutePermission;
  readonly write: RoutePermission;
  /** Opens the record of a request. Throws when it is not the actor's to read. */
  readonly open: (context: NoteContext) => Promise<NotedPage | MergedRecord>;
  /** What is said to a reader who was led to the record that stays. */
  readonly mergedFlash: string;
}

/** What the form of one note shows beside the note as it stands. */
interface NoteAttempt {
  readonly body?: string;
  readonly version?: number;
  readonly errors?: object;
  readonly formError?: string | null;
  /** The note changed meanwhile. */
  readonly isConflict?: boolean;
}

const textOf = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

/** Declares the list of notes, the form of one, their archiving. */
export function declareNotes(
  router: Router,
  { notes, clock }: { readonly notes: NoteService; readonly clock: Clock },
  { path, read, write, open: openKind, mergedFlash }: NotedKind,
): void {
  /** Opens the record; one that was merged leads readers to the one that stays (null: answered), and what is written goes there. */
  async function open(context: NoteContext): Promise<NotedPage | null> {
    const noted = await openKind(context);
    if (!('mergedInto' in noted)) return noted;
    const { req, res, params } = context;
    if (req.method !== 'GET' && req.method !== 'HEAD')
      return open({ ...context, params: { ...params, id: noted.mergedInto } });
    redirectTo(req, res, path.replace(':id', noted.mergedInto), { kind: 'info', key: mergedFlash });
    return null;
  }

  async function showList(context: NoteContext, refused: { body?: string; errors?: object } = {}): Promise<void> {
    const noted = await open(context);
    if (!noted) return;
    const { res, actor } = context;
    const rows = await notes.list(noted.record);
    noted.show({
      base: noted.base,
      ...presentNotes(rows, { actorId: actor.id, now: clock.now(), lang: res.locals.page.lang }),
      canWrite: noted.canWrite,
      body: refused.body ?? '',
      errors: refused.errors ?? {},
    });
  }

  /** @throws ForbiddenError for those who only read */
  async function openToWrite(context: NoteContext): Promise<NotedPage | null> {
    const noted = await open(context);
    if (noted && !noted.canWrite) throw new ForbiddenError();
    return noted;
  }

  async function showNote(context: NoteContext, attempt: NoteAttempt = {}): Promise<void> {
    const noted = await openToWrite(context);
    if (!noted) return;
    const note = await notes.get(noted.record, context.params['noteId'] ?? '');
    if (note.authorId !== context.actor.id) throw new ForbiddenError();
    const { res } = context;
    const title = res.locals.page.t('notes.edit');
    renderPage(res, {
      view: 'notes/edit',
      title: `${noted.name} · ${title}`,
      status: attempt.isConflict ? 409 : res.statusCode,
      locals: formLocals(noted, note, attempt),
    });
  }

  function back({ req, res }: NoteContext, { base }: NotedPage, key: string): void {
    redirectTo(req, res, base, { kind: 'success', key: `notes.flash.${key}` });
  }

  page(router, { path, permission: read, handler: (context) => showList(context) });

  action(router, {
    path,
    permission: write,
    form: noteForm,
    invalid: (context, { values, errors }) => showList(context, { body: textOf(values['body']), errors }),
    handler: async (context) => {
      const noted = await openToWrite(context);
      if (!noted) return;
      await notes.add(context.actor, noted.record, context.form.body);
      back(context, noted, noted.record.subjectId === context.params['id'] ? 'added' : 'added_after_merge');
    },
  });

  page(router, { path: `${path}/:noteId`, permission: write, handler: (context) => showNote(context) });

  action(router, {
    path: `${path}/:noteId`,
    permission: write,
    form: noteUpdateForm,
    invalid: (context, { values, errors, formError }) =>
      showNote(context, { body: textOf(values['body']), version: Number(values['version']), errors, formError }),
    handler: async (context) => {
      const noted = await openToWrite(context);
      if (!noted) return;
      try {
        await notes.update(context.actor, noted.record, { noteId: context.params['noteId'] ?? '', ...context.form });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        await showNote(context, { body: context.form.body, isConflict: true });
        return;
      }
      back(context, noted, 'saved');
    },
  });

  for (const [method, archived] of [
    ['post', true],
    ['delete', false],
  ] as const) {
    action(router, {
      path: `${path}/:noteId/archivage`,
      method,
      permission: write,
      form: noFields,
      handler: async (context) => {
        const noted = await openToWrite(context);
        if (!noted) return;
        await notes.setArchived(context.actor, noted.record, context.params['noteId'] ?? '', archived);
        back(context, noted, archived ? 'archived' : 'restored');
      },
    });
  }
}

function formLocals({ trail, base }: NotedPage, note: NoteRow, attempt: NoteAttempt): object {
  return {
    trail,
    base,
    noteId: note.id,
    version: attempt.isConflict ? note.version : (attempt.version ?? note.version),
    values: { body: attempt.body ?? note.body },
    errors: attempt.errors ?? {},
    formError: attempt.formError ?? null,
    theirs: attempt.isConflict ? note.body : null,
  };
}
