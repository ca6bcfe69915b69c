/** A note written while its record is being merged lands where the record's notes went. */
import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { Prisma } from '../../src/db/client.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { NotFoundError } from '../../src/shared/errors.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aContact, aStudent } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { mergeInto, theirPair } from '../support/merging.ts';
import { storedNotes } from '../support/records.ts';

const app = useTestApp();

/** Holds a record as a merge does, lets `meanwhile` begin, then ends the merge. */
async function whileMerging<Result>(
  table: 'student' | 'company',
  { gone, kept }: { gone: string; kept: string },
  meanwhile: () => Promise<Result>,
): Promise<Result> {
  let begun: Promise<Result> | undefined;
  await inTransaction(app.services.database, async (tx) => {
    await tx.query(Prisma.sql`SELECT id FROM ${Prisma.raw(table)} WHERE id = ${gone} FOR UPDATE`);
    begun = meanwhile();
    begun.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await tx.execute(Prisma.sql`UPDATE ${Prisma.raw(table)} SET merged_into_id = ${kept} WHERE id = ${gone}`);
  });
  if (!begun) throw new Error('Nothing was begun');
  return begun;
}

describe('a note added while its record is merged', () => {
  it.each(['student', 'company'] as const)('goes to the %s that stays', async (kind) => {
    const make = async () => (kind === 'student' ? aStudent(app.services, {}) : aCompany(app.services));
    const [gone, kept] = [(await make()).id, (await make()).id];
    const who = await app.signInAs(kind === 'student' ? 'scolarite' : 'relations-exterieures');
    const base = kind === 'student' ? '/etudiants' : '/entreprises';
    const answer = await whileMerging(kind, { gone, kept }, () =>
      who.post(`${base}/${gone}/notes`, { body: 'Au même moment' }),
    );
    expect(answer.status).toBe(303);
    expect(await storedNotes(app)).toMatchObject([{ subject_id: kept, body: 'Au même moment' }]);
    expect(await journalOf(app, kept)).toEqual(['note.added']);
    const followed = await who.agent.get(`${base}/${gone}/notes`).redirects(1);
    expect(followed.text).toContain('Au même moment');
  });

  it('is refused when the record goes away', async () => {
    const { id: companyId } = await aCompany(app.services);
    const { id } = await aContact(app.services, { companyId });
    const { userId } = await app.signInAs('relations-exterieures');
    await app.database.query('DELETE FROM contact WHERE id = ?', [id]);
    const actor = { ...systemActor('test'), id: userId };
    await expect(app.services.notes.add(actor, { subjectType: 'contact', subjectId: id }, 'Trop tard')).rejects.toThrow(
      NotFoundError,
    );
    expect(await storedNotes(app)).toEqual([]);
  });
});

describe('a form of a record merged since it was opened', () => {
  it.each(['etudiants', 'entreprises'] as const)(
    'leads to the one that stays, and writes there (/%s)',
    async (base) => {
      const kind = base === 'etudiants' ? 'student' : 'company';
      const make = async () => (kind === 'student' ? aStudent(app.services, {}) : aCompany(app.services));
      const [gone, kept] = [(await make()).id, (await make()).id];
      const who = await app.signInAs('scolarite', 'relations-exterieures');
      await mergeInto(app, who, kind, await theirPair(app, kind, [gone, kept]), kept);
      const refused = await who.post(`/${base}/${gone}/notes`, { body: ' ' });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain(`action="/${base}/${kept}/notes"`);
      const answer = await who.post(`/${base}/${gone}/notes`, { body: 'Après' });
      expect([answer.status, answer.headers['location']]).toEqual([303, `/${base}/${kept}/notes`]);
      expect(await storedNotes(app)).toMatchObject([{ subject_id: kept, body: 'Après' }]);
      const page = await who.agent.get(`/${base}/${kept}/notes`);
      expect(page.text).toContain('dans laquelle l’autre a été fusionnée');
    },
  );
});
