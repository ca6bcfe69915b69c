/** A social-security number typed or found where it does not belong is kept and shown nowhere. */
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aStudent } from '../support/builders.ts';
import { imported, inventedNir, studentCsv, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

const NIR = inventedNir(640);
const SPACED = NIR.replace(/^(.)(..)(..)(..)(...)(...)(..)$/, '$1 $2 $3 $4 $5 $6 $7');

/** What the journal says of the last event of an action. */
async function told(action: string, subject: { subjectType: 'list' | 'student'; subjectId: string }): Promise<string> {
  const { events } = await app.services.journal.recordHistory(systemActor('test'), subject);
  const event = events.find((one) => one.action === action);
  return JSON.stringify([event?.changes, event?.detail]);
}

describe('a social-security number', () => {
  it.each([NIR, SPACED])('searched for as %s is kept in no view', async (typed) => {
    const { post } = await app.signInAs('scolarite');
    const requete = new URLSearchParams({ statut: 'alumni', q: typed }).toString();
    const answer = await post('/filtres?liste=students', { nom: 'Ma vue', requete, portee: 'moi' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Un numéro de sécurité sociale ne s’écrit pas ici');
    expect(await app.database.query('SELECT id FROM saved_filter')).toEqual([]);
  });

  it('searched for is no part of the address of a file', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/etudiants.csv').query({ q: SPACED, statut: 'alumni' });
    expect(answer.status).toBe(400);
    expect(await app.database.query("SELECT id FROM audit_event WHERE action = 'list.exported'")).toEqual([]);
  });

  it('written in a note, a reason, a tag or a name is refused', async () => {
    const student = await aStudent(app.services, { status: 'en_fonction' });
    const company = await aCompany(app.services, {});
    const scolarite = await app.signInAs('scolarite');
    const relations = await app.signInAs('relations-exterieures');
    const answers = [
      await scolarite.post(`/etudiants/${student.id}/notes`, { body: `Son numéro : ${SPACED}.` }),
      await scolarite.post(`/etudiants/${student.id}/archivage`, { reason: `Doublon de ${NIR}` }),
      await scolarite.post(`/etudiants/${student.id}/etiquettes`, { etiquette: NIR }),
      await scolarite.post(`/etudiants/${student.id}/modifier/identite`, { version: '1', lastName: NIR }),
      await scolarite.post('/etudiants/etiquettes', { tous: '1', etiquette: NIR, operation: 'ajouter' }),
      await relations.post(`/entreprises/${company.id}/notes`, { body: NIR }),
      await relations.post(`/entreprises/${company.id}/archivage`, { reason: `Voir ${SPACED}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 422));
    for (const { text } of answers) expect(text).toContain('Un numéro de sécurité sociale ne s’écrit pas ici');
  });

  it('that reached the journal all the same is masked in it', async () => {
    const student = await aStudent(app.services, {});
    await app.services.notes.add(
      { ...systemActor('test'), id: (await app.signInAs('scolarite')).userId },
      { subjectType: 'student', subjectId: student.id },
      `Le ${SPACED}`,
    );
    const event = await told('note.added', { subjectType: 'student', subjectId: student.id });
    expect(event).toContain(`* ** ** ** *** *** ${NIR.slice(-2)}`);
    expect(event).not.toContain(SPACED);
  });

  it.each(['name', 'address', 'company', 'cursus'] as const)(
    'in the column %s of a workbook has its row wait for a person, and is written nowhere',
    async (column) => {
      const signedIn = await app.signInAs('scolarite');
      const told = { name: `MARTIN ${SPACED}`, address: `3 rue Haute ${SPACED}, 08000, Sedan` };
      const cell = column === 'name' || column === 'address' ? told[column] : `MBA ${SPACED}`;
      const row = { name: 'MARTIN Lucie', status: 'alumni', [column]: cell };
      const batch = await imported(app, signedIn, studentCsv([...validRows(9), row]));
      expect(await app.database.query("SELECT id FROM student WHERE last_name = 'MARTIN'")).toEqual([]);
      const page = await signedIn.agent.get(`${batch.url}/lignes/11`);
      expect(page.text).toContain('il serait conservé en clair');
      expect(page.text).not.toContain(SPACED);
      const kept = await app.database.query('SELECT fields, changes, suggestion FROM import_row');
      expect(JSON.stringify(kept)).not.toContain(SPACED);
    },
  );

  it('in another column of a workbook is masked on the pages and in the reports', async () => {
    const signedIn = await app.signInAs('scolarite');
    const rows = [...validRows(9), { name: `MARTIN ${NIR}`, phones: '12', address: `${SPACED}, 08000, Sedan` }];
    const batch = await imported(app, signedIn, studentCsv(rows));
    const row = await signedIn.agent.get(`${batch.url}/lignes/11`);
    const list = await signedIn.agent.get(batch.url);
    expect(row.text).toContain('MARTIN * ** ** **');
    for (const { text } of [row, list]) {
      expect(text).not.toContain(NIR);
      expect(text).not.toContain(SPACED);
    }
  });
});
