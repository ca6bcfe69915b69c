import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();
const actor = systemActor('test');

interface JournalAnswer {
  rows: { action: string; changes: { city: [string, string] }; subject: { type: string; name?: string } }[];
  total: number;
  next: string | null;
}

async function edited(studentId: string, city: string): Promise<void> {
  await inTransaction(app.services.database, async (tx) => {
    app.services.audit.record(tx, actor, {
      action: 'student.updated',
      subjectType: 'student',
      subjectId: studentId,
      personId: studentId,
      changes: { city: [null, city] },
      detail: { reason: 'Courrier revenu' },
    });
  });
}

describe('the journal', () => {
  it('sends an anonymous visitor to sign in', async () => {
    expect((await supertest(app.admin).get('/journal').set('Accept', 'text/html')).status).toBe(303);
    expect((await supertest(app.admin).get('/journal.json')).status).toBe(401);
  });

  it.each(['scolarite', 'relations-exterieures', 'recherche', 'rh-finance', 'direction'])(
    'is closed to %s',
    async (role) => {
      const { agent } = await app.signInAs(role);
      expect((await agent.get('/journal')).status).toBe(403);
      expect((await agent.get('/journal.json')).status).toBe(403);
    },
  );

  it('tells the DPO who did what to whom, with the values', async () => {
    const student = await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
    await edited(student.id, 'Quimperlé');
    const { agent } = await app.signInAs('dpo');
    const { text, status } = await agent.get('/journal');
    expect(status).toBe(200);
    expect(text).toContain('KERVELLA Maïwenn');
    expect(text).toContain(`href="/etudiants/${student.id}"`);
    expect(text).toContain('Quimperlé');
    expect(text).toContain('Courrier revenu');
    const json = (await agent.get('/journal.json?action=student.updated')).body;
    expect(json.rows).toHaveLength(1);
    expect(json.rows[0]).toMatchObject({
      changes: { city: [null, 'Quimperlé'] },
      subject: { name: 'KERVELLA Maïwenn' },
    });
  });

  it('says in words what codes, ids and structures stand for', async () => {
    const [kept, merged] = [await aStudent(app.services, {}), await aStudent(app.services, { lastName: 'LE BIHAN' })];
    await inTransaction(app.services.database, async (tx) => {
      const { record } = app.services.audit;
      record(tx, actor, {
        action: 'student.merged',
        subjectType: 'student',
        subjectId: kept.id,
        personId: kept.id,
        detail: { mergedId: merged.id, moved: { positions: 1, notes: 2 } },
      });
      record(tx, actor, {
        action: 'list.exported',
        subjectType: 'list',
        subjectId: 'students',
        detail: { format: 'xlsx', query: 'q=kerbrat&statut=alumni&tri=-nom', columns: ['nom', 'courriel'], rows: 1234 },
      });
      record(tx, actor, {
        action: 'duplicate.scanned',
        subjectType: 'job',
        subjectId: 'duplicates.scan',
        detail: { students: { compared: 22, found: 1 } },
      });
    });
    const { agent } = await app.signInAs('dpo');
    const { text } = await agent.get('/journal');
    for (const words of [
      'Fiche fusionnée : LE BIHAN',
      'Repris : Postes : 1, Notes : 2',
      'Format : Excel',
      'Recherche : « kerbrat » · Statut',
      'Colonnes : Nom, E-mail',
      'Étudiants : Fiches comparées : 22, Doublons trouvés : 1',
      'Recherche de doublons',
    ])
      expect(text.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(words);
    for (const code of ['mergedId', 'compared&#34;', 'statut=alumni', 'duplicates.scan<'])
      expect(text).not.toContain(code);
  });

  it('tells the informatique who did what and from where, without a value or the name of a person', async () => {
    const student = await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
    await edited(student.id, 'Quimperlé');
    const { agent, email } = await app.signInAs('informatique');
    const page = await agent.get('/journal');
    const json = await agent.get('/journal.json');
    expect(page.status).toBe(200);
    expect(page.text).toContain('Fiche modifiée');
    expect(page.text).toContain('127.0.0.1');
    expect(json.text).toContain(student.id);
    for (const { text } of [page, json, await agent.get(`/journal?objet=student&fiche=${student.id}`)])
      for (const secret of ['KERVELLA', 'Maïwenn', 'Quimperlé', 'Courrier revenu']) expect(text).not.toContain(secret);
    expect(json.body.rows[0]).not.toHaveProperty('changes');
    expect(email).toContain('informatique');
  });

  it('tells a technician nothing by the number of a student', async () => {
    const student = await aStudent(app.services, {});
    await edited(student.id, 'Quimperlé');
    const { agent } = await app.signInAs('informatique');
    expect((await agent.get(`/journal.json?q=${student.studentNumber}`)).body.total).toBe(0);
    expect((await agent.get(`/journal.json?q=${student.id}`)).body.total).toBe(1);
  });

  it('is narrowed by action, actor, kind of record, record, day and words', async () => {
    const first = await aStudent(app.services, {});
    const second = await aStudent(app.services, {});
    await edited(first.id, 'Laval');
    await edited(second.id, 'Angers');
    const { agent, userId } = await app.signInAs('dpo');
    const found = async (query: string) => (await agent.get(`/journal.json?${query}`)).body as JournalAnswer;
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(app.clock.now());
    expect((await found('action=student.updated')).total).toBe(2);
    expect((await found(`objet=student&fiche=${first.id}`)).rows[0]?.changes.city[1]).toBe('Laval');
    expect((await found(`q=${second.studentNumber}`)).rows[0]?.changes.city[1]).toBe('Angers');
    expect((await found(`q=${second.id}`)).total).toBe(1);
    expect((await found('q=AC2699999X')).total).toBe(0);
    expect((await found(`acteur=${userId}`)).rows.map((row) => row.action)).toEqual(['session.opened']);
    expect((await found('acteur=system')).total).toBe(2);
    expect((await found('objet=user')).rows.every((row) => row.subject.type === 'user')).toBe(true);
    expect((await found(`du=${today}&au=${today}`)).total).toBeGreaterThan(2);
    expect((await found('au=2020-01-01')).total).toBe(0);
    expect((await found('du=2099-01-01')).total).toBe(0);
  });

  it('answers 400 to a criterion that means nothing', async () => {
    const { agent } = await app.signInAs('dpo');
    for (const query of ['du=demain', 'fiche=1%27', 'apres=x', 'action=%3Cscript%3E'])
      expect((await agent.get(`/journal?${query}`)).status).toBe(400);
  });

  it('says what to do when a search finds nothing', async () => {
    const { agent } = await app.signInAs('dpo');
    const { text } = await agent.get('/journal?q=personne-de-ce-nom');
    expect(text).toContain('Aucun résultat');
    expect(text).toContain('Effacer les filtres');
  });

  it('is read page by page, forwards and back, without missing an event', async () => {
    const student = await aStudent(app.services, {});
    for (let index = 0; index < 120; index += 1) await edited(student.id, `Ville ${index}`);
    const { agent } = await app.signInAs('dpo');
    const path = `/journal.json?objet=student&fiche=${student.id}`;
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await agent.get(next === '' ? path : `${path}&apres=${next}`);
      expect(body.total).toBe(120);
      seen.push(...body.rows.map((row: { changes: { city: string[] } }) => row.changes.city[1]));
      next = body.next;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => `Ville ${119 - index}`));
    const second = await agent.get(`/journal?objet=student&fiche=${student.id}`);
    const after = /apres=([0-9a-f-]{36})/.exec(second.text)?.[1];
    const page2 = await agent.get(`/journal?objet=student&fiche=${student.id}&apres=${after}`);
    const before = /avant=([0-9a-f-]{36})/.exec(page2.text)?.[1];
    const back = await agent.get(`${path}&avant=${before}`);
    expect(back.body.rows.map((row: { changes: { city: string[] } }) => row.changes.city[1])).toEqual(
      seen.slice(0, 50),
    );
  });

  it('asks the database a small, fixed number of questions', async () => {
    const student = await aStudent(app.services, {});
    const { agent } = await app.signInAs('dpo');
    const cost = async () => {
      const before = app.services.database.statementCount();
      await agent.get('/journal');
      return app.services.database.statementCount() - before;
    };
    await edited(student.id, 'Laval');
    await cost();
    const few = await cost();
    for (let index = 0; index < 30; index += 1) await edited((await aStudent(app.services, {})).id, `Ville ${index}`);
    const many = await cost();
    expect(many).toBe(few);
    expect(many).toBeLessThanOrEqual(12);
  });

  it('is readable in English', async () => {
    const { agent, userId } = await app.signInAs('dpo');
    await app.database.query("UPDATE staff_user SET language = 'en' WHERE id = ?", [userId]);
    expect((await agent.get('/journal')).text).toContain('Who did what');
  });
});
