import type { Router } from 'express';
import { createRouter } from '../../http/declared-routes.ts';
import { declareBulkTags, declareList, type ListService } from '../lists/index.ts';
import type { TagService } from '../tags/index.ts';
import type { StudentLists } from './student-list.ts';
import { alumniLook, studentsLook } from './student-list-presenter.ts';

/** The lists of students and alumni: pages, JSON, exports, tags on a selection. */
export function studentListRoutes(services: {
  lists: ListService;
  tags: TagService;
  studentLists: StudentLists;
}): Router {
  const router = createRouter();
  const { students, alumni } = services.studentLists;
  for (const list of [
    { definition: students, look: studentsLook },
    { definition: alumni, look: alumniLook },
  ]) {
    declareList(router, services, list);
    declareBulkTags(router, services, list);
  }
  return router;
}
