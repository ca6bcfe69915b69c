import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aCompany, aProgramme, aStudent } from '../support/builders.ts';

const app = useTestApp();

interface PositionColumns {
  id: string;
  company_id: string | null;
  company_text: string | null;
  title: string | null;
  started_on: Date | null;
  ended_on: Date | null;
  version: number;
}

const positions = () => app.database.query<PositionColumns>('SELECT * FROM `position` ORDER BY id');
const enrolments = (id: string) =>
  app.database.query<{
    id: string;
    programme_id: string;
    cohort_id: string | null;
    ended_on: Date | null;
    version: number;
  }>('SELECT * FROM enrolment WHERE student_id = ? ORDER BY id', [id]);
const anAlumnus = () => aStudent(app.services, { status: 'alumni', programme: 'Bachelor' });

describe('the positions of an alumnus', () => {
  it('are linked with the only company that answers to the name, in any spelling', async () => {
    const company = await aCompany(app.services, { name: 'Biscuiterie de l’Étoile SAS' });
    const { id } = await anAlumnus();
    const { agent, post } = await app.signInAs('relations-exterieures');
    expect(
      (
        await post(`/etudiants/${id}/postes`, {
          company: 'biscuiterie de l etoile',
          title: 'Acheteuse',
          startedOn: '2024-09-02',
        })
      ).status,
    ).toBe(303);
    expect((await positions())[0]).toMatchObject({
      company_id: company.id,
      company_text: 'biscuiterie de l etoile',
      title: 'Acheteuse',
    });
    const { text } = await agent.get(`/etudiants/${id}/carriere`);
    expect(text).toContain(`href="/entreprises/${company.id}"`);
    expect(text).toContain('depuis le 02/09/2024');
    expect((await agent.get(`/etudiants/${id}/historique`)).text).toContain('Poste ajouté');
  });

  it('keep the name alone when no company answers', async () => {
    const { id } = await anAlumnus();
    const { post } = await app.signInAs('scolarite');
    await post(`/etudiants/${id}/postes`, { company: 'Nulle Part SARL' });
    expect((await positions())[0]).toMatchObject({ company_id: null, company_text: 'Nulle Part SARL', ended_on: null });
  });

  it('ask which company when several answer', async () => {
    const brest = await aCompany(app.services, { name: 'Atelier Morvan', city: 'Brest' });
    await aCompany(app.services, { name: 'ATELIER MORVAN SA', city: 'Lorient' });
    const { id } = await anAlumnus();
    const { post } = await app.signInAs('scolarite');
    const asked = await post(`/etudiants/${id}/postes`, { company: 'Atelier Morvan', title: 'Soudeur' });
    expect(asked.status).toBe(422);
    for (const text of ['Brest', 'Lorient', 'Aucune de celles-ci', 'value="Soudeur"'])
      expect(asked.text).toContain(text);
    expect(await positions()).toEqual([]);
    expect((await post(`/etudiants/${id}/postes`, { company: 'Atelier Morvan', companyChoice: brest.id })).status).toBe(
      303,
    );
    expect((await post(`/etudiants/${id}/postes`, { company: 'Atelier Morvan', companyChoice: 'text' })).status).toBe(
      303,
    );
    expect((await positions()).map((position) => position.company_id)).toEqual([brest.id, null]);
  });

  it('are suggested companies as one types', async () => {
    await aCompany(app.services, { name: 'Atelier Morvan', city: 'Brest' });
    const { id } = await anAlumnus();
    const { agent } = await app.signInAs('scolarite');
    const { text } = await agent.get(`/etudiants/${id}/postes/entreprises?company=ateli`);
    expect(text).toContain('value="Atelier Morvan"');
    expect((await agent.get(`/etudiants/${id}/postes/entreprises?company=a`)).text).not.toContain('option');
  });

  it('are changed and ended, with the other version shown to who is late', async () => {
    const { id } = await anAlumnus();
    const { agent, post } = await app.signInAs('scolarite');
    await post(`/etudiants/${id}/postes`, {
      company: 'Chantiers du Ponant',
      title: 'Stagiaire',
      startedOn: '2023-01-09',
    });
    const [position] = await positions();
    const url = `/etudiants/${id}/postes/${position?.id}`;
    expect((await agent.get(url)).text).toContain('value="Chantiers du Ponant"');
    const fields = { company: 'Chantiers du Ponant', title: 'Ingénieure', startedOn: '2023-01-09' };
    expect((await post(url, { ...fields, endedOn: '2022-01-01', version: 1 })).status).toBe(422);
    expect((await post(url, { ...fields, version: 1 })).status).toBe(303);
    const late = await post(url, { ...fields, title: 'Directrice', version: 1 });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Ingénieure');
    expect(late.text).toContain('value="Directrice"');
    expect(late.text).toContain('name="version" value="2"');
    expect((await post(url, { ...fields, endedOn: '2026-06-30', version: 2 })).status).toBe(303);
    const { text } = await agent.get(`/etudiants/${id}/carriere`);
    expect(text).toContain('du 09/01/2023 au 30/06/2026');
    expect(text).toContain('Aucun poste actuel connu');
    expect((await agent.get(`/etudiants/${id}/historique`)).text).toContain('Poste terminé');
  });

  it('are for alumni, and for those who follow them', async () => {
    const student = await aStudent(app.services, { status: 'en_fonction' });
    const alumnus = await anAlumnus();
    const scolarite = await app.signInAs('scolarite');
    expect((await scolarite.post(`/etudiants/${student.id}/postes`, { company: 'X' })).status).toBe(403);
    const dpo = await app.signInAs('dpo');
    expect((await dpo.post(`/etudiants/${alumnus.id}/postes`, { company: 'X' })).status).toBe(403);
    expect((await dpo.agent.get(`/etudiants/${alumnus.id}/carriere`)).text).not.toContain('/postes');
    expect(await positions()).toEqual([]);
  });

  it('come with the day of graduation', async () => {
    const { id } = await anAlumnus();
    const { agent, post } = await app.signInAs('relations-exterieures');
    expect((await post(`/etudiants/${id}/diplome`, { graduatedOn: '2024-06-28', version: 1 })).status).toBe(303);
    expect((await agent.get(`/etudiants/${id}/carriere`)).text).toContain('28/06/2024');
    expect((await post(`/etudiants/${id}/diplome`, { graduatedOn: '2023-06-28', version: 1 })).status).toBe(409);
  });
});

describe('the enrolments of a person', () => {
  it('are added, ended and resumed, never deleted', async () => {
    await aProgramme(app.services, 'MBA Finance');
    const { id } = await aStudent(app.services, {});
    const { agent, post } = await app.signInAs('scolarite');
    expect(
      (
        await post(`/etudiants/${id}/inscriptions`, {
          programme: 'mba finance',
          cohort: 'Promotion 2026',
          startedOn: '2025-09-01',
          create: '1',
        })
      ).status,
    ).toBe(303);
    const [enrolment] = await enrolments(id);
    const [student] = await app.database.query<{ cursus: string }>('SELECT cursus FROM student WHERE id = ?', [id]);
    expect(student?.cursus).toBe('MBA Finance');
    const url = `/etudiants/${id}/inscriptions/${enrolment?.id}`;
    expect(
      (await post(url, { cohort: 'Promotion 2026', startedOn: '2025-09-01', endedOn: '2026-06-30', version: 1 }))
        .status,
    ).toBe(303);
    expect((await agent.get(`/etudiants/${id}/parcours`)).text).toContain('du 01/09/2025 au 30/06/2026');
    expect(
      (await post(url, { cohort: 'Promotion 2026', startedOn: '2025-09-01', endedOn: '', version: 1 })).status,
    ).toBe(409);
    expect(
      (await post(url, { cohort: 'Promotion 2026', startedOn: '2025-09-01', endedOn: '', version: 2 })).status,
    ).toBe(303);
    expect((await enrolments(id))[0]?.ended_on).toBeNull();
    const { text } = await agent.get(`/etudiants/${id}/historique`);
    for (const action of ['Inscription ajoutée', 'Inscription terminée', 'Inscription reprise'])
      expect(text).toContain(action);
  });

  it('are one a programme, in an order of days that makes sense', async () => {
    const { id } = await aStudent(app.services, { programme: 'Bachelor' });
    const { post } = await app.signInAs('scolarite');
    const twice = await post(`/etudiants/${id}/inscriptions`, { programme: 'BACHELOR' });
    expect(twice.status).toBe(422);
    expect(twice.text).toContain('déjà inscrite');
    const crossed = await post(`/etudiants/${id}/inscriptions`, {
      programme: 'MBA',
      create: '1',
      startedOn: '2026-01-01',
      endedOn: '2025-01-01',
    });
    expect(crossed.status).toBe(422);
    expect(crossed.text).toContain('ne peut pas précéder');
    expect((await enrolments(id)).length).toBe(1);
  });

  it('are one a programme, for two people at the same instant too', async () => {
    const { id } = await aStudent(app.services, { programme: 'Bachelor' });
    const people = await Promise.all([app.signInAs('scolarite'), app.signInAs('scolarite')]);
    const answers = await Promise.all(
      people.map(({ post }) => post(`/etudiants/${id}/inscriptions`, { programme: 'MBA', create: '1' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    expect((await enrolments(id)).length).toBe(2);
  });

  it('are not everyone’s to change', async () => {
    const { id } = await aStudent(app.services, { programme: 'Bachelor' });
    const [enrolment] = await enrolments(id);
    const { agent, post } = await app.signInAs('direction');
    expect((await agent.get(`/etudiants/${id}/parcours`)).status).toBe(200);
    expect((await agent.get(`/etudiants/${id}/inscriptions`)).status).toBe(403);
    expect(
      (await post(`/etudiants/${id}/inscriptions/${enrolment?.id}`, { endedOn: '2026-01-01', version: 1 })).status,
    ).toBe(403);
  });
});
