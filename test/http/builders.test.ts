import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aStudent } from '../support/builders.ts';

const app = useTestApp();

describe('the builders of rows', () => {
  it('make a student with number, search words, enrolment, position, tags and NIR', async () => {
    const company = await aCompany(app.services, { name: 'Maison Vauban SAS', tags: ['Mécène'] });
    const student = await aStudent(app.services, {
      lastName: 'LE GALL',
      firstName: 'Anne-Laure',
      status: 'alumni',
      programme: 'Bachelor Commerce',
      cohort: 'Promotion 2024',
      companyId: company.id,
      tags: ['Ambassadrice'],
      nir: '275037512345688',
    });
    const [row] = await app.database.query<{ tokens: string; enrolments: number; positions: number; tags: number }>(
      `SELECT (SELECT GROUP_CONCAT(token ORDER BY token) FROM student_search_token WHERE student_id = s.id) AS tokens,
        (SELECT COUNT(*) FROM enrolment WHERE student_id = s.id AND cohort_id = s.cohort_id) AS enrolments,
        (SELECT COUNT(*) FROM position WHERE student_id = s.id AND company_id = ?) AS positions,
        (SELECT COUNT(*) FROM tagging WHERE subject_type = 'student' AND subject_id = s.id) AS tags
      FROM student s WHERE s.id = ?`,
      [company.id, student.id],
    );
    expect(row).toEqual({ tokens: 'anne,annelaure,gall,laure,le,legall', enrolments: 1, positions: 1, tags: 1 });
    expect(student.studentNumber).toMatch(/^AC\d{8}$/);
  });

  it('make several of each without colliding', async () => {
    const company = await aCompany(app.services);
    await aCompany(app.services);
    for (let count = 0; count < 3; count += 1) {
      await aStudent(app.services, { programme: 'MBA' });
      await aContact(app.services, { companyId: company.id, tags: ['Jury'] });
    }
    const [row] = await app.database.query<{ students: number; contacts: number; programmes: number; tags: number }>(
      'SELECT (SELECT COUNT(*) FROM student) AS students, (SELECT COUNT(*) FROM contact) AS contacts, (SELECT COUNT(*) FROM programme) AS programmes, (SELECT COUNT(*) FROM tag) AS tags',
    );
    expect(row).toEqual({ students: 3, contacts: 3, programmes: 1, tags: 1 });
  });
});
