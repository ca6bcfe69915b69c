/** What every page of a person begins with: the services, the record on one of its tabs, the frame around it. */
import type { Response } from 'express';
import type { InvalidForm, RouteContext } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { NotFoundError } from '../../shared/errors.ts';
import type { NoteService } from '../notes/index.ts';
import type { TagService } from '../tags/index.ts';
import type { CareerService } from './career-service.ts';
import type { EnrolmentService } from './enrolment-service.ts';
import type { NirRevealService } from './nir-reveal-service.ts';
import type { StudentCreationService } from './student-creation-service.ts';
import type { StudentEditService } from './student-edit-service.ts';
import { fullName, presentFrame, TAB_PATHS, trailOf } from './student-record-presenter.ts';
import type { RecordTab, StudentRecord, StudentRecordService } from './student-record-service.ts';
import { studentTabUrl, studentUrl } from './urls.ts';

export interface StudentRouteServices {
  readonly studentRecords: StudentRecordService;
  readonly studentEdits: StudentEditService;
  readonly studentCreation: StudentCreationService;
  readonly enrolments: EnrolmentService;
  readonly careers: CareerService;
  readonly nirReveal: NirRevealService;
  readonly notes: NoteService;
  readonly tags: TagService;
  readonly clock: Clock;
}

/** A stale form shows what it is stale against, above what was typed, which stays. */
export interface StaleAttempt extends Partial<InvalidForm> {
  readonly conflict?: { readonly version: number; readonly facts: readonly string[] };
}

type PageContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

/** The id in the path; the route declares it, so it is there. */
export function idOf(params: Record<string, string>, name = 'id'): string {
  const id = params[name];
  if (!id) throw new NotFoundError();
  return id;
}

/** Opens a record on one of its tabs; a merged one leads to the person it became (null: answered). */
export async function openRecord(
  { studentRecords }: Pick<StudentRouteServices, 'studentRecords'>,
  { req, res, actor, params }: PageContext,
  tab: RecordTab = 'identity',
): Promise<StudentRecord | null> {
  const record = await openUnlessMerged(studentRecords, actor, idOf(params), tab);
  if (!('mergedInto' in record)) return record;
  const { mergedInto } = record;
  const url = tab === 'identity' ? studentUrl(mergedInto) : studentTabUrl(mergedInto, TAB_PATHS[tab]);
  redirectTo(req, res, url, { kind: 'info', key: 'student-record.flash.merged' });
  return null;
}

/** A record on one of its tabs, or who it became. @throws NotFoundError */
export async function openUnlessMerged(
  studentRecords: StudentRecordService,
  actor: Actor,
  id: string,
  tab: RecordTab,
): Promise<StudentRecord | { readonly mergedInto: string }> {
  try {
    return await studentRecords.open(actor, id, tab);
  } catch (error) {
    const mergedInto = error instanceof NotFoundError ? await studentRecords.survivorOf(actor, id) : null;
    if (!mergedInto) throw error;
    return { mergedInto };
  }
}

/** Renders a tab in the frame of its record. */
export function renderTab(
  res: Response,
  { clock }: Pick<StudentRouteServices, 'clock'>,
  record: StudentRecord,
  tab: RecordTab,
  locals: object,
): void {
  const page = res.locals.page;
  renderPage(res, {
    view: `student-record/${tab}`,
    title: tab === 'identity' ? fullName(record) : `${fullName(record)} · ${page.t(`student-record.tabs.${tab}`)}`,
    status: res.statusCode,
    locals: { ...locals, frame: presentFrame(record, tab, page, clock.now()) },
  });
}

/** What stands above the forms of a record: the list, then the person. */
export function formTrail(record: StudentRecord, res: Response): { label: string; href: string }[] {
  return [...trailOf(record, res.locals.page), { label: fullName(record), href: studentUrl(record.id) }];
}
