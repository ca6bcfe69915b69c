/** Long because each section of the form is tried by who may change it and who may not. */
import { describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';
import { aCohort, aCompany, aProgramme, aStudent } from '../support/builders.ts';
import { journalOf } from '../support/door.ts';
import { storedRow } from '../support/records.ts';

const app = useTestApp();

interface StudentColumns {
  last_name: string;
  first_name: string;
  name_key: string;
  status: string;
  email: string | null;
  personal_phone: string | null;
  postcode: string | null;
  city: string | null;
  cursus: string | null;
  programme_id: string | null;
  cohort_id: string | null;
  version: number;
  archived_at: Date | null;
  archive_reason: string | null;
}

const stored = (id: string) => storedRow<StudentColumns>(app, 'student', id);

const tokensOf = async (id: string): Promise<string[]> =>
  (
    await app.database.query<{ token: string }>(
      'SELECT token FROM student_search_token WHERE student_id = ? ORDER BY token',
      [id],
    )
  ).map(({ token }) => token);

const url = (id: string, section: string) => `/etudiants/${id}/modifier/${section}`;

describe('changing a person', () => {
  it('writes the name, the way it is found and the journal, and leaves the base of the import alone', async () => {
    const { id } = await aStudent(app.services, { lastName: 'LE GALL', firstName: 'Anne' });
    const batchId = newId();
    await app.database.query(
      'INSERT INTO student_import_base (student_id, fields, last_batch_id) VALUES (?, \'{"lastName":"LE GALL"}\', ?)',
      [id, batchId],
    );
    const { agent, post } = await app.signInAs('scolarite');
    const form = await agent.get(url(id, 'identite'));
    expect(form.text).toContain('value="LE GALL"');
    const saved = await post(url(id, 'identite'), {
      version: 1,
      lastName: '  LE   GOFF ',
      firstName: 'Anne-Laure',
      schoolEmail: 'A.LeGoff@ACME.example',
    });
    expect(saved.status).toBe(303);
    expect(saved.headers['location']).toBe(`/etudiants/${id}`);
    expect(await stored(id)).toMatchObject({
      last_name: 'LE GOFF',
      first_name: 'Anne-Laure',
      name_key: 'le goff anne laure',
      version: 2,
    });
    expect(await tokensOf(id)).toEqual(['anne', 'annelaure', 'goff', 'laure', 'le', 'legoff']);
    expect(await journalOf(app, id)).toEqual(['student.updated']);
    const history = (await agent.get(`/etudiants/${id}/historique.json`)).body;
    expect(history.rows[0].changes).toEqual({
      lastName: ['LE GALL', 'LE GOFF'],
      firstName: ['Anne', 'Anne-Laure'],
      schoolEmail: [null, 'a.legoff@acme.example'],
    });
    expect(await app.database.query('SELECT fields, last_batch_id AS batchId FROM student_import_base')).toEqual([
      { fields: '{"lastName":"LE GALL"}', batchId },
    ]);
  });

  it.each([
    ['06 12 34 56 78', '+33612345678'],
    ['06.12.34.56.78', '+33612345678'],
    ['+33 (0)6 12 34 56 78', '+33612345678'],
    ['0033612345678', '+33612345678'],
    ['0692 12 34 56', '+262692123456'],
    ['+32 470 12 34 56', '+32470123456'],
    ['', null],
  ])('reads the phone "%s" as %s', async (typed, expected) => {
    const { id } = await aStudent(app.services, { personalPhone: '+33639980101' });
    const { post } = await app.signInAs('scolarite');
    expect((await post(url(id, 'coordonnees'), { version: 1, personalPhone: typed })).status).toBe(303);
    expect((await stored(id)).personal_phone).toBe(expected);
  });

  it('changes only the fields that the form holds', async () => {
    const { id } = await aStudent(app.services, { email: 'a@exemple.example', city: 'Brest', postcode: '29200' });
    const { post } = await app.signInAs('scolarite');
    await post(url(id, 'coordonnees'), { version: 1, city: 'Lyon' });
    expect(await stored(id)).toMatchObject({ email: 'a@exemple.example', postcode: '29200', city: 'Lyon' });
    await post(url(id, 'coordonnees'), { version: 2, city: '' });
    expect(await stored(id)).toMatchObject({ postcode: '29200', city: null });
  });

  it('tells every fault at once and keeps what was typed', async () => {
    const { id } = await aStudent(app.services, {});
    const { post } = await app.signInAs('scolarite');
    const answer = await post(url(id, 'coordonnees'), {
      version: 1,
      email: 'pas-une-adresse',
      personalPhone: '06 12',
      postcode: '2920',
      birthDate: '2003-02-31',
      city: 'Brest <b>même</b>',
    });
    expect(answer.status).toBe(422);
    for (const sentence of [
      'Écrivez une adresse complète',
      'Écrivez un numéro complet',
      'cinq chiffres',
      'Écrivez une date qui existe',
    ])
      expect(answer.text).toContain(sentence);
    for (const typed of [
      'value="pas-une-adresse"',
      'value="06 12"',
      'value="2920"',
      'value="Brest &lt;b&gt;même&lt;/b&gt;"',
    ])
      expect(answer.text).toContain(typed);
    expect(answer.text).toContain('aria-invalid="true"');
    expect((await stored(id)).version).toBe(1);
  });

  it('refuses a name left empty, and a birth in the future', async () => {
    const { id } = await aStudent(app.services, {});
    const { post } = await app.signInAs('scolarite');
    expect((await post(url(id, 'identite'), { version: 1, lastName: ' \u00a0 ', firstName: 'X' })).status).toBe(422);
    const future = await post(url(id, 'coordonnees'), { version: 1, birthDate: '2090-01-01' });
    expect(future.status).toBe(422);
    expect(future.text).toContain('dans le futur');
    expect((await stored(id)).version).toBe(1);
  });

  it('accepts a foreign postcode with a foreign country', async () => {
    const { id } = await aStudent(app.services, {});
    const { post } = await app.signInAs('scolarite');
    expect((await post(url(id, 'coordonnees'), { version: 1, postcode: 'SW1A 1AA', country: 'GB' })).status).toBe(303);
    expect((await post(url(id, 'coordonnees'), { version: 2, postcode: 'SW1A 1AA', country: 'FR' })).status).toBe(422);
  });

  it('has nothing to save when nothing changed', async () => {
    const { id } = await aStudent(app.services, { lastName: 'ABRIAL', firstName: 'Adèle' });
    const { post } = await app.signInAs('scolarite');
    expect((await post(url(id, 'identite'), { version: 1, lastName: 'ABRIAL', firstName: 'Adèle' })).status).toBe(303);
    expect((await stored(id)).version).toBe(1);
    expect(await journalOf(app, id)).toEqual([]);
  });

  describe('when someone else was faster', () => {
    it('answers 409 with both values side by side, and the choice saves', async () => {
      const { id } = await aStudent(app.services, { city: 'Brest', email: 'avant@exemple.example' });
      const first = await app.signInAs('scolarite');
      const second = await app.signInAs('scolarite');
      const opened = (await second.agent.get(url(id, 'coordonnees'))).text;
      const original = /name="original" value="([^"]*)"/.exec(opened)?.[1]?.replaceAll('&#34;', '"') ?? '';
      expect(
        (await first.post(url(id, 'coordonnees'), { version: 1, city: 'Lyon', email: 'eux@exemple.example' })).status,
      ).toBe(303);
      const stale = await second.post(url(id, 'coordonnees'), {
        version: 1,
        original,
        city: 'Nantes',
        email: 'avant@exemple.example',
        personalPhone: '06 12 34 56 77',
      });
      expect(stale.status).toBe(409);
      for (const value of [
        'Nantes',
        'Lyon',
        'eux@exemple.example',
        'avant@exemple.example',
        '06 12 34 56 77',
        'Personne Numéro 1',
      ])
        expect(stale.text).toContain(value);
      expect(await stored(id)).toMatchObject({ city: 'Lyon', version: 2 });
      // What the second did not touch is the first's by default; what they did is theirs.
      expect(stale.text).toMatch(/value="eux@exemple\.example" checked/);
      expect(stale.text).toMatch(/value="Nantes" checked/);
      expect(stale.text).toMatch(/name="version" value="2"/);
      const resolved = await second.post(url(id, 'coordonnees'), {
        version: 2,
        city: 'Nantes',
        email: 'eux@exemple.example',
        personalPhone: '06 12 34 56 77',
      });
      expect(resolved.status).toBe(303);
      expect(await stored(id)).toMatchObject({
        city: 'Nantes',
        email: 'eux@exemple.example',
        personal_phone: '+33612345677',
        version: 3,
      });
    });

    it('takes a second identical save for what it is', async () => {
      const { id } = await aStudent(app.services, { city: 'Brest' });
      const { post } = await app.signInAs('scolarite');
      expect((await post(url(id, 'coordonnees'), { version: 1, city: 'Lyon' })).status).toBe(303);
      expect((await post(url(id, 'coordonnees'), { version: 1, city: 'Lyon' })).status).toBe(303);
      expect((await stored(id)).version).toBe(2);
    });

    it('lets one of two simultaneous saves win and tells the other', async () => {
      const { id } = await aStudent(app.services, { city: 'Brest' });
      const first = await app.signInAs('scolarite');
      const second = await app.signInAs('scolarite');
      const statuses = (
        await Promise.all([
          first.post(url(id, 'coordonnees'), { version: 1, city: 'Lyon' }),
          second.post(url(id, 'coordonnees'), { version: 1, city: 'Nantes' }),
        ])
      ).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([303, 409]);
      expect((await stored(id)).version).toBe(2);
    });

    it('tells a stale change of status too', async () => {
      const { id } = await aStudent(app.services, { status: 'prospect' });
      const { post } = await app.signInAs('scolarite');
      await post(url(id, 'identite'), { version: 1, lastName: 'AUTRE' });
      const stale = await post(url(id, 'statut'), { version: 1, status: 'en_fonction', reason: 'Inscription payée' });
      expect(stale.status).toBe(409);
      expect(stale.text).toContain('En fonction');
      expect(
        (await post(url(id, 'statut'), { version: 2, status: 'en_fonction', reason: 'Inscription payée' })).status,
      ).toBe(303);
      expect((await stored(id)).status).toBe('en_fonction');
    });
  });

  describe('without the right', () => {
    it('is refused to roles that only read, and writes nothing', async () => {
      const { id } = await aStudent(app.services, { status: 'alumni', city: 'Brest' });
      for (const role of ['relations-exterieures', 'dpo', 'recherche', 'informatique']) {
        const { agent, post } = await app.signInAs(role);
        expect((await agent.get(url(id, 'identite'))).status).toBe(403);
        expect((await post(url(id, 'coordonnees'), { version: 1, city: 'Ailleurs' })).status).toBe(403);
        expect((await post(`/etudiants/${id}/archivage`, { reason: 'pour voir' })).status).toBe(403);
        expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('/modifier');
      }
      expect(await stored(id)).toMatchObject({ city: 'Brest', version: 1 });
    });

    it('never applies a field of a group one may not change, even hidden in another form', async () => {
      const { id } = await aStudent(app.services, { city: 'Brest' });
      const { agent, post, userId } = await app.signInAs('scolarite');
      await app.database.query(
        "UPDATE role_grant SET field_groups = 'identity' WHERE permission = 'students.update' AND role_id IN (SELECT role_id FROM user_role WHERE user_id = ?)",
        [userId],
      );
      await app.database.query('UPDATE role SET version = version + 1');
      expect((await post(url(id, 'coordonnees'), { version: 1, city: 'Ailleurs' })).status).toBe(403);
      expect((await post(url(id, 'identite'), { version: 1, lastName: 'X', city: 'Ailleurs' })).status).toBe(422);
      expect((await agent.get(url(id, 'coordonnees'))).status).toBe(403);
      expect(await stored(id)).toMatchObject({ city: 'Brest', version: 1 });
      expect((await post(url(id, 'identite'), { version: 1, lastName: 'PERMIS' })).status).toBe(303);
    });

    it('answers 404 for a person out of the scope, whatever is posted', async () => {
      const { id } = await aStudent(app.services, { status: 'prospect', restrictedAt: new Date() });
      const { post } = await app.signInAs('scolarite');
      expect((await post(url(id, 'identite'), { version: 1, lastName: 'X' })).status).toBe(404);
      expect((await post(`/etudiants/${id}/archivage`, { reason: 'pour voir' })).status).toBe(404);
    });

    it('changes nothing of a person under limitation, even for who sees them', async () => {
      const { id } = await aStudent(app.services, { restrictedAt: new Date(), lastName: 'ABRIAL' });
      const { agent, post } = await app.signInAs('scolarite', 'dpo');
      expect((await agent.get(`/etudiants/${id}`)).status).toBe(200);
      expect((await post(url(id, 'identite'), { version: 1, lastName: 'X' })).status).toBe(403);
      expect((await stored(id)).last_name).toBe('ABRIAL');
    });

    it('refuses a form without its token', async () => {
      const { id } = await aStudent(app.services, {});
      const { agent } = await app.signInAs('scolarite');
      expect((await agent.post(url(id, 'identite')).type('form').send({ version: 1, lastName: 'X' })).status).toBe(403);
    });
  });

  describe('the programme', () => {
    it('is changed by its label in any spelling, and the person is enrolled there', async () => {
      const programmeId = await aProgramme(app.services, 'MBA Négociation & vente');
      const cohortId = await aCohort(app.services, programmeId, 'Promotion 2027');
      const { id } = await aStudent(app.services, { programme: 'Bachelor' });
      const { post } = await app.signInAs('scolarite');
      expect(
        (
          await post(url(id, 'formation'), {
            version: 1,
            programme: 'mba negociation et  vente',
            cohort: 'promotion 2027',
          })
        ).status,
      ).toBe(422);
      expect(
        (
          await post(url(id, 'formation'), {
            version: 1,
            programme: 'mba negociation   vente',
            cohort: 'promotion 2027',
          })
        ).status,
      ).toBe(303);
      expect(await stored(id)).toMatchObject({
        programme_id: programmeId,
        cohort_id: cohortId,
        cursus: 'MBA Négociation & vente',
        version: 2,
      });
      const enrolments = await app.database.query<{ programme_id: string }>(
        'SELECT programme_id FROM enrolment WHERE student_id = ?',
        [id],
      );
      expect(enrolments.map((row) => row.programme_id)).toContain(programmeId);
    });

    it('is created only when asked, with its cohort', async () => {
      const { id } = await aStudent(app.services, {});
      const { post } = await app.signInAs('scolarite');
      const unknown = await post(url(id, 'formation'), {
        version: 1,
        programme: 'Executive DBA',
        cohort: 'Promotion 2028',
      });
      expect(unknown.status).toBe(422);
      expect(unknown.text).toContain('n’existe pas encore');
      expect(unknown.text).toContain('name="create"');
      expect((await app.database.query('SELECT id FROM programme')).length).toBe(0);
      const made = await post(url(id, 'formation'), {
        version: 1,
        programme: 'Executive DBA',
        cohort: 'Promotion 2028',
        create: '1',
      });
      expect(made.status).toBe(303);
      expect((await app.database.query('SELECT id FROM cohort')).length).toBe(1);
      expect((await stored(id)).cursus).toBe('Executive DBA');
      const cohortAlone = await post(url(id, 'formation'), { version: 2, programme: '', cohort: 'Promotion 2028' });
      expect(cohortAlone.status).toBe(422);
    });
  });

  describe('the status', () => {
    it('goes to alumni with a reason, a history and a profile', async () => {
      const { id } = await aStudent(app.services, { programme: 'Bachelor' });
      const { agent, post } = await app.signInAs('scolarite');
      expect((await post(url(id, 'statut'), { version: 1, status: 'alumni', reason: '' })).status).toBe(422);
      expect((await post(url(id, 'statut'), { version: 1, status: 'alumni', reason: 'Diplôme obtenu' })).status).toBe(
        303,
      );
      expect((await app.database.query('SELECT cursus FROM alumni_profile WHERE student_id = ?', [id]))[0]).toEqual({
        cursus: 'Bachelor',
      });
      const studies = (await agent.get(`/etudiants/${id}/parcours`)).text;
      expect(studies).toContain('Diplôme obtenu');
      expect(await journalOf(app, id)).toEqual(['student.status_changed']);
      expect((await agent.get(`/etudiants/${id}/carriere`)).status).toBe(200);
    });

    it('closes the position of who leaves the alumni, without deleting it', async () => {
      const company = await aCompany(app.services, { name: 'Ateliers Vauban' });
      const { id } = await aStudent(app.services, {
        status: 'alumni',
        companyId: company.id,
        positionTitle: 'Acheteuse',
      });
      const { agent, post } = await app.signInAs('scolarite');
      expect(
        (await post(url(id, 'statut'), { version: 1, status: 'en_fonction', reason: 'Reprise d’études' })).status,
      ).toBe(303);
      const [position] = await app.database.query<{ ended_on: Date | null; company_id: string }>(
        'SELECT * FROM `position` WHERE student_id = ?',
        [id],
      );
      expect(position?.ended_on).not.toBeNull();
      expect(position?.company_id).toBe(company.id);
      expect(await journalOf(app, id)).toEqual(['student.status_changed', 'position.ended']);
      expect((await agent.get(`/etudiants/${id}/carriere`)).text).toContain('Ateliers Vauban');
    });

    it('is not changed to one that the actor may not keep', async () => {
      const { id } = await aStudent(app.services, { status: 'prospect' });
      const { post, userId } = await app.signInAs('scolarite');
      await app.database.query(
        "UPDATE role_grant SET scope = 'prospect' WHERE permission = 'students.update' AND role_id IN (SELECT role_id FROM user_role WHERE user_id = ?)",
        [userId],
      );
      await app.database.query('UPDATE role SET version = version + 1');
      expect((await post(url(id, 'statut'), { version: 1, status: 'alumni', reason: 'pour voir' })).status).toBe(403);
      expect((await stored(id)).status).toBe('prospect');
    });
  });

  describe('archiving', () => {
    it('asks for a reason, keeps everything, and is undone', async () => {
      const { id } = await aStudent(app.services, { lastName: 'ABRIAL' });
      const { agent, post, remove } = await app.signInAs('scolarite');
      expect((await agent.get(`/etudiants/${id}/archivage`)).text).toContain('Archiver la fiche de ABRIAL');
      expect((await post(`/etudiants/${id}/archivage`, { reason: '' })).status).toBe(422);
      expect((await post(`/etudiants/${id}/archivage`, { reason: 'Dossier clos' })).status).toBe(303);
      expect(await stored(id)).toMatchObject({ archive_reason: 'Dossier clos', last_name: 'ABRIAL' });
      expect((await agent.get(`/etudiants/${id}`)).text).toContain('Dossier clos');
      expect((await remove(`/etudiants/${id}/archivage`)).status).toBe(303);
      expect((await stored(id)).archived_at).toBeNull();
      expect(await journalOf(app, id)).toEqual(['student.archived', 'student.restored']);
    });
  });

  describe('tags', () => {
    it('are put on and taken off from the record', async () => {
      const { id } = await aStudent(app.services, {});
      const { agent, post, remove } = await app.signInAs('scolarite');
      expect((await post(`/etudiants/${id}/etiquettes`, { etiquette: 'Jury 2027' })).status).toBe(303);
      expect((await agent.get(`/etudiants/${id}`)).text).toContain('Jury 2027');
      expect((await remove(`/etudiants/${id}/etiquettes`, { etiquette: 'jury 2027' })).status).toBe(303);
      expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('Jury 2027');
      const history = (await agent.get(`/etudiants/${id}/historique`)).text;
      expect(history).toContain('Étiquette posée');
      expect(history).toContain('Étiquette retirée');
      const refused = await post(`/etudiants/${id}/etiquettes`, { etiquette: '   ' });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('60 caractères au plus');
      const long = 'Très <long> '.repeat(8);
      expect((await post(`/etudiants/${id}/etiquettes`, { etiquette: long })).text).toContain(
        `value="${escapeText(long)}"`,
      );
    });

    it('are not everyone’s to put', async () => {
      const { id } = await aStudent(app.services, {});
      const { agent, post } = await app.signInAs('direction');
      expect((await post(`/etudiants/${id}/etiquettes`, { etiquette: 'Jury' })).status).toBe(403);
      expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('/etiquettes"');
    });
  });
});
