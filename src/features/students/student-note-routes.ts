import type { Router } from 'express';
import { declareNotes } from '../notes/index.ts';
import { formTrail, idOf, openUnlessMerged, renderTab, type StudentRouteServices } from './student-page.ts';
import { fullName } from './student-record-presenter.ts';
import { studentNoteUrl } from './urls.ts';

/** Notes on a person: read and written under rights of their own. */
export function declareNoteRoutes(router: Router, services: StudentRouteServices): void {
  declareNotes(router, services, {
    path: studentNoteUrl(':id'),
    mergedFlash: 'student-record.flash.merged',
    read: 'students.read_notes',
    write: 'students.write_notes',
    open: async (context) => {
      const { res, actor, params } = context;
      const record = await openUnlessMerged(services.studentRecords, actor, idOf(params), 'notes');
      if ('mergedInto' in record) return record;
      return {
        record: { subjectType: 'student', subjectId: record.id },
        name: fullName(record),
        base: studentNoteUrl(record.id),
        canWrite: record.rights.writeNotes,
        trail: formTrail(record, res),
        show: (notes) => renderTab(res, services, record, 'notes', { notes }),
      };
    },
  });
}
