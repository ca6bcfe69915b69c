import { describe, expect, it } from 'vitest';
import { nirKey } from '../../src/shared/nir.ts';
import { isStudentNumber } from '../../src/shared/student-number.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

const nirOf = (body: string) => `${body}${nirKey(body)}`;
const NIR = nirOf('2750375123456');
const KEY = NIR.slice(-2);
const OTHER_NIR = nirOf('1850578006084');

interface Created {
  id: string;
  student_number: string;
  status: string;
  personal_phone: string | null;
  created_by_id: string | null;
}

const everyone = () => app.database.query<Created>('SELECT * FROM student ORDER BY id');

const aForm = (fields: Record<string, string> = {}) => ({
  lastName: 'KERVELLA',
  firstName: 'Maïwenn',
  status: 'prospect',
  ...fields,
});

describe('entering someone by hand', () => {
  it('is for those who may create', async () => {
    for (const role of ['recherche', 'relations-exterieures', 'dpo', 'informatique']) {
      const { agent, post } = await app.signInAs(role);
      expect((await agent.get('/etudiants/nouveau')).status).toBe(403);
      expect((await post('/etudiants/nouveau', aForm())).status).toBe(403);
      expect((await post('/etudiants/nouveau/doublons', aForm())).status).toBe(403);
    }
    expect(await everyone()).toEqual([]);
  });

  it('gives a number and writes everything that hangs on the person', async () => {
    const { agent, post, userId } = await app.signInAs('scolarite');
    expect((await agent.get('/etudiants/nouveau')).status).toBe(200);
    const answer = await post(
      '/etudiants/nouveau',
      aForm({
        status: 'alumni',
        personalPhone: '06 12 34 56 78',
        email: 'M@Exemple.example',
        postcode: '29200',
        city: 'Brest',
        birthDate: '2001-05-06',
        programme: 'MBA',
        cohort: 'Promotion 2020',
        create: '1',
        nir: `2 75 03 75 123 456 ${KEY}`,
      }),
    );
    expect(answer.status).toBe(303);
    const [person] = await everyone();
    expect(answer.headers['location']).toBe(`/etudiants/${person?.id}`);
    expect(person).toMatchObject({ status: 'alumni', personal_phone: '+33612345678', created_by_id: userId });
    expect(isStudentNumber(person?.student_number ?? '')).toBe(true);
    const [counts] = await app.database.query(
      `SELECT (SELECT COUNT(*) FROM student_search_token) > 0 AS tokens, (SELECT COUNT(*) FROM student_status_change) AS changes,
        (SELECT COUNT(*) FROM enrolment) AS enrolments, (SELECT cursus FROM alumni_profile) AS cursus`,
    );
    expect(counts).toEqual({ tokens: 1, changes: 1, enrolments: 1, cursus: 'MBA' });
    const page = (await agent.get(`/etudiants/${person?.id}`)).text;
    expect(page).toContain(`* ** ** ** *** *** ${KEY}`);
    expect(page).toContain(person?.student_number);
    const events = (await agent.get(`/etudiants/${person?.id}/historique`)).text;
    expect(events).toContain('Fiche créée');
    expect(events).not.toContain(NIR);
  });

  it('refuses what is wrong, field by field, and keeps what was typed', async () => {
    const { post } = await app.signInAs('scolarite');
    const answer = await post('/etudiants/nouveau', {
      lastName: '',
      firstName: 'Maïwenn',
      status: 'ailleurs',
      email: 'x',
      nir: '123',
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('value="Maïwenn"');
    expect(answer.text).toContain('15 caractères');
    expect((await post('/etudiants/nouveau', aForm({ nir: `${NIR.slice(0, 13)}98` }))).text).toContain(
      'La clé ne correspond pas',
    );
    expect(await everyone()).toEqual([]);
  });

  it('never gives a number twice, even to two who arrive together', async () => {
    const { post } = await app.signInAs('scolarite');
    const names = ['ABRIAL', 'BARTHOD', 'CARADEC', 'DELMOTTE'];
    const answers = await Promise.all(names.map((lastName) => post('/etudiants/nouveau', aForm({ lastName }))));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(new Set((await everyone()).map((person) => person.student_number)).size).toBe(4);
  });

  describe('who may exist already', () => {
    it('is told while typing, with a score and its reasons', async () => {
      const { id } = await aStudent(app.services, {
        lastName: 'KERVELLA',
        firstName: 'Maïwenn',
        personalPhone: '+33612345678',
        programme: 'Bachelor',
      });
      const { post } = await app.signInAs('scolarite');
      const { text, status } = await post('/etudiants/nouveau/doublons', {
        lastName: 'kervela',
        firstName: 'maiwenn',
        personalPhone: '+33 6 12 34 56 78',
        email: 'à moitié tap',
        inconnu: 'x',
      });
      expect(status).toBe(200);
      expect(text).toContain(`href="/etudiants/${id}"`);
      expect(text).toContain('KERVELLA Maïwenn');
      expect(text).toMatch(/8\d\s%/);
      expect(text).toContain('même téléphone, nom très proche');
      expect(text).not.toContain('<html');
    });

    it('is nobody when nothing is alike', async () => {
      await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
      const { post } = await app.signInAs('scolarite');
      expect((await post('/etudiants/nouveau/doublons', { lastName: 'MOREAU', firstName: 'Paul' })).text).not.toContain(
        'notice',
      );
      expect((await post('/etudiants/nouveau/doublons', { lastName: 'KERVELLA' })).text).not.toContain('notice');
      expect((await post('/etudiants/nouveau/doublons', {})).status).toBe(200);
    });

    it.each([
      ['a letter left out early', 'ALARD', 'Gaëlle'],
      ['a letter doubled', 'ALLARD', 'Gaelle'],
      ['two letters swapped', 'ALLADR', 'Gaelle'],
      ['a slip in the first name', 'ALLARD', 'Gaële'],
      ['a second first name', 'ALLARD', 'Gaëlle-Anne'],
    ])('is found despite %s', async (_what, lastName, firstName) => {
      await aStudent(app.services, { lastName: 'ALLARD', firstName: 'Gaëlle' });
      const { post } = await app.signInAs('scolarite');
      const { text } = await post('/etudiants/nouveau/doublons', { lastName, firstName });
      expect(text).toContain('ALLARD Gaëlle');
    });

    it.each([
      ['the same name with other accents', { lastName: 'Kervella', firstName: 'maiwenn' }],
      ['the names swapped', { lastName: 'MAÏWENN', firstName: 'Kervella' }],
      ['the same e-mail', { lastName: 'AUTRE', firstName: 'Nom', email: 'maiwenn@exemple.example' }],
      [
        'the same e-mail as a school mailbox',
        { lastName: 'AUTRE', firstName: 'Nom', schoolEmail: 'maiwenn@exemple.example' },
      ],
      ['the same phone in another field', { lastName: 'AUTRE', firstName: 'Nom', professionalPhone: '06.12.34.56.78' }],
    ])('stops the creation: %s, until confirmed', async (_what, fields) => {
      await aStudent(app.services, {
        lastName: 'KERVELLA',
        firstName: 'Maïwenn',
        email: 'maiwenn@exemple.example',
        personalPhone: '+33612345678',
      });
      const { post } = await app.signInAs('scolarite');
      const warned = await post('/etudiants/nouveau', aForm(fields));
      expect(warned.status).toBe(422);
      expect(warned.text).toContain('KERVELLA Maïwenn');
      expect(warned.text).toContain('name="isSomeoneElse"');
      expect((await everyone()).length).toBe(1);
      expect((await post('/etudiants/nouveau', { ...aForm(fields), isSomeoneElse: '1' })).status).toBe(303);
      expect((await everyone()).length).toBe(2);
    });

    it('is told as one line, without any data, when out of sight', async () => {
      const hidden = await aStudent(app.services, {
        lastName: 'KERVELLA',
        firstName: 'Maïwenn',
        status: 'alumni',
        email: 'maiwenn@exemple.example',
        personalPhone: '+33612345678',
      });
      const { post, userId } = await app.signInAs('scolarite');
      await app.database.query(
        "UPDATE role_grant SET scope = 'prospect' WHERE scope = 'all' AND permission LIKE 'students.%' AND role_id IN (SELECT role_id FROM user_role WHERE user_id = ?)",
        [userId],
      );
      await app.database.query('UPDATE role SET version = version + 1');
      const typed = { lastName: 'Kervela', firstName: 'Maiwen', personalPhone: '0612345678' };
      const { text } = await post('/etudiants/nouveau/doublons', typed);
      expect(text).toContain('Une fiche existe (pôle Relations extérieures)');
      for (const secret of [
        hidden.id,
        hidden.studentNumber,
        'KERVELLA',
        'Maïwenn',
        '%',
        'même téléphone',
        'maiwenn@exemple.example',
      ])
        expect(text).not.toContain(secret);
      const refused = await post('/etudiants/nouveau', { ...aForm(typed) });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('Une fiche existe (pôle Relations extérieures)');
      expect(refused.text).not.toContain(hidden.studentNumber);
    });

    it('names the DPO for a person under limitation', async () => {
      await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn', restrictedAt: new Date() });
      const { post } = await app.signInAs('scolarite');
      const { text } = await post('/etudiants/nouveau/doublons', aForm());
      expect(text).toContain('délégué à la protection des données');
      expect(text).not.toContain('KERVELLA');
    });

    it('is looked for in a fixed number of questions, however many namesakes there are', async () => {
      const { post, csrf, agent } = await app.signInAs('scolarite');
      const token = await csrf();
      const cost = async () => {
        const before = app.services.database.statementCount();
        await agent
          .post('/etudiants/nouveau/doublons')
          .type('form')
          .send({ ...aForm({ nir: NIR }), _csrf: token });
        return app.services.database.statementCount() - before;
      };
      await cost();
      await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn', nir: NIR });
      const few = await cost();
      for (let index = 0; index < 12; index += 1)
        await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
      expect(await cost()).toBe(few);
      expect(few).toBeLessThanOrEqual(8);
      const { text } = await post('/etudiants/nouveau/doublons', aForm());
      expect(text.match(/similar-person/g)).toHaveLength(5);
    });
  });

  describe('a social-security number', () => {
    it('that someone bears is refused under its field, without telling more than the rights allow', async () => {
      await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn', nir: NIR });
      const { post } = await app.signInAs('scolarite');
      const answer = await post('/etudiants/nouveau', {
        ...aForm({ lastName: 'AUTRE', firstName: 'Nom', nir: NIR }),
        isSomeoneElse: '1',
      });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('Ce numéro appartient déjà à une fiche');
      expect(answer.text).toContain('id="nir-error"');
      expect((await post('/etudiants/nouveau/doublons', { nir: NIR })).text).toContain(
        'même numéro de sécurité sociale',
      );
      expect((await everyone()).length).toBe(1);
    });

    it('of an erased person is refused', async () => {
      const { services } = app;
      const vault = services.nirVault;
      await app.database.query(`INSERT INTO ${services.database.nirSchema}.erased_person (nir_index) VALUES (?)`, [
        vault?.indexOf(NIR),
      ]);
      const { post } = await app.signInAs('scolarite');
      const answer = await post('/etudiants/nouveau', aForm({ nir: NIR }));
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('ont été effacées');
    });

    it('is not typed by who may not read any', async () => {
      const { agent, post, userId } = await app.signInAs('scolarite');
      await app.database.query(
        "UPDATE role_grant SET field_groups = 'identity,contact' WHERE permission = 'students.read' AND role_id IN (SELECT role_id FROM user_role WHERE user_id = ?)",
        [userId],
      );
      await app.database.query('UPDATE role SET version = version + 1');
      expect((await agent.get('/etudiants/nouveau')).text).not.toContain('name="nir"');
      expect((await post('/etudiants/nouveau', aForm({ nir: NIR }))).status).toBe(403);
      expect(await everyone()).toEqual([]);
    });

    it('is given later to who had none, once', async () => {
      const { id } = await aStudent(app.services, {});
      const other = await aStudent(app.services, { nir: OTHER_NIR });
      const { agent, post } = await app.signInAs('scolarite');
      expect((await post(`/etudiants/${id}/modifier/nir`, { nir: OTHER_NIR })).text).toContain('appartient déjà');
      expect((await post(`/etudiants/${id}/modifier/nir`, { nir: NIR })).status).toBe(303);
      expect((await agent.get(`/etudiants/${id}`)).text).toContain(`*** ${KEY}`);
      expect((await post(`/etudiants/${other.id}/modifier/nir`, { nir: nirOf('2990413055012') })).text).toContain(
        'a déjà un numéro',
      );
    });
  });
});
