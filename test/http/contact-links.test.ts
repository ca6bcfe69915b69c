/** What a contact points at, and what points at it: the database keeps both true. */
import { describe, expect, it } from 'vitest';
import { Prisma } from '../../src/db/client.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aStudent } from '../support/builders.ts';
import { howMany, storedRow } from '../support/records.ts';

const app = useTestApp();

describe('the alumnus behind a contact', () => {
  it('cannot be removed while the contact names them', async () => {
    const student = await aStudent(app.services, { status: 'alumni' });
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, studentId: student.id });
    await expect(app.database.query('DELETE FROM student WHERE id = ?', [student.id])).rejects.toThrow(
      /contact_student/,
    );
    expect(await storedRow(app, 'contact', id)).toMatchObject({ student_id: student.id });
  });

  it('who is being removed at the same moment is a number of nobody: nothing is written, nothing typed is lost', async () => {
    const student = await aStudent(app.services, { status: 'alumni' });
    const { id: companyId } = await aCompany(app.services);
    const who = await app.signInAs('scolarite');
    const posted = await inTransaction(app.services.database, async (tx) => {
      await tx.execute(Prisma.sql`DELETE FROM student WHERE id = ${student.id}`);
      const posting = who.post(`/entreprises/${companyId}/contacts/nouveau`, {
        lastName: 'Le Goff',
        contactRole: 'tutor',
        studentNumber: student.studentNumber,
      });
      posting.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return [posting];
    });
    const answer = await posted[0];
    expect(answer?.status).toBe(422);
    expect(answer?.text).toContain('value="Le Goff"');
    expect(await howMany(app, 'contact')).toBe(0);
  });
});

describe('the words a contact is found by', () => {
  it('go with the contact', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId, lastName: 'Riou', firstName: 'Nolwenn' });
    const words = () => app.database.query('SELECT token FROM contact_search_token WHERE contact_id = ?', [id]);
    expect(await words()).not.toEqual([]);
    await app.database.query('DELETE FROM contact WHERE id = ?', [id]);
    expect(await words()).toEqual([]);
  });

  it('are of a contact that is', async () => {
    await expect(
      app.database.query("INSERT INTO contact_search_token (token, contact_id) VALUES ('riou', UUID())"),
    ).rejects.toThrow(/contact_search_token_contact/);
  });
});
