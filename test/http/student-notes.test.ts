import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { escapeText } from '../../src/http/safe-html.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { storedNotes } from '../support/records.ts';

const app = useTestApp();

const naughty = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('big-list-of-naughty-strings/blns.json'), 'utf8'),
) as string[];

const bodies = () => storedNotes(app);

describe('notes on a person', () => {
  it('are read and written by those who may', async () => {
    const { id } = await aStudent(app.services, { status: 'en_fonction' });
    const scolarite = await app.signInAs('scolarite');
    expect((await scolarite.post(`/etudiants/${id}/notes`, { body: 'A appelé ce matin.\nÀ rappeler.' })).status).toBe(
      303,
    );
    const { text } = await scolarite.agent.get(`/etudiants/${id}/notes`);
    expect(text).toContain('A appelé ce matin.\nÀ rappeler.');
    for (const role of ['relations-exterieures', 'recherche', 'direction']) {
      const { agent, post } = await app.signInAs(role);
      expect((await agent.get(`/etudiants/${id}/notes`)).status).toBe(403);
      expect((await post(`/etudiants/${id}/notes`, { body: 'x' })).status).toBe(403);
      expect((await agent.get(`/etudiants/${id}`)).text).not.toContain('/notes"');
    }
    const dpo = await app.signInAs('dpo');
    expect((await dpo.agent.get(`/etudiants/${id}/notes`)).text).toContain('A appelé ce matin.');
    expect((await dpo.post(`/etudiants/${id}/notes`, { body: 'x' })).status).toBe(403);
    expect((await bodies()).length).toBe(1);
  });

  it('are kept and shown exactly as typed, whatever was typed', async () => {
    const { id } = await aStudent(app.services, {});
    const { agent, post } = await app.signInAs('scolarite');
    const kept: string[] = [];
    for (const text of naughty) {
      const answer = await post(`/etudiants/${id}/notes`, { body: text });
      // Lone surrogates are no text: no browser can send them.
      const typed = text.toWellFormed().replace(/\r\n?/g, '\n');
      expect([text, answer.status]).toEqual([text, typed.trim() === '' ? 422 : 303]);
      if (typed.trim() !== '') kept.push(typed);
    }
    const stored = (await bodies()).map(({ body }) => body);
    expect(stored).toEqual(kept);
    const { text } = await agent.get(`/etudiants/${id}/notes`);
    for (const body of kept.slice(-200)) expect(text).toContain(escapeText(body));
    expect(text).not.toMatch(/<script>alert/i);
  }, 120_000);

  it('may not be empty nor endless', async () => {
    const { id } = await aStudent(app.services, {});
    const { post } = await app.signInAs('scolarite');
    for (const body of ['', '   \n ', 'x'.repeat(8_001)])
      expect((await post(`/etudiants/${id}/notes`, { body })).status).toBe(422);
    const long = await post(`/etudiants/${id}/notes`, { body: `${'y'.repeat(8_000)}z` });
    expect(long.text).toContain('trop longue');
    expect(long.text).toContain('yyyz');
    expect((await post(`/etudiants/${id}/notes`, { body: 'é'.repeat(8_000) })).status).toBe(303);
  });

  it('are changed by their author alone, and a stale change loses nothing', async () => {
    const { id } = await aStudent(app.services, {});
    const author = await app.signInAs('scolarite');
    const colleague = await app.signInAs('scolarite');
    await author.post(`/etudiants/${id}/notes`, { body: 'Première version' });
    const [note] = await bodies();
    const url = `/etudiants/${id}/notes/${note?.id}`;
    expect((await colleague.agent.get(url)).status).toBe(403);
    expect((await colleague.post(url, { body: 'La mienne', version: 1 })).status).toBe(403);
    expect((await author.agent.get(url)).text).toContain('Première version');
    expect((await author.post(url, { body: 'Deuxième version', version: 1 })).status).toBe(303);
    const stale = await author.post(url, { body: 'Troisième version', version: 1 });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('Deuxième version');
    expect(stale.text).toContain('Troisième version');
    expect((await author.post(url, { body: 'Troisième version', version: 2 })).status).toBe(303);
    expect((await bodies())[0]).toMatchObject({ body: 'Troisième version', version: 3 });
    const { text } = await author.agent.get(`/etudiants/${id}/historique`);
    for (const version of ['Première version', 'Deuxième version', 'Troisième version'])
      expect(text).toContain(version);
  });

  it('are put away and brought back, never deleted', async () => {
    const { id } = await aStudent(app.services, {});
    const { agent, post, remove } = await app.signInAs('scolarite');
    await post(`/etudiants/${id}/notes`, { body: 'Plus d’actualité' });
    const [note] = await bodies();
    const url = `/etudiants/${id}/notes/${note?.id}/archivage`;
    expect((await post(url)).status).toBe(303);
    expect((await bodies())[0]?.archived_at).not.toBeNull();
    expect((await agent.get(`/etudiants/${id}/notes`)).text).toContain('1 note archivée');
    expect((await remove(url)).status).toBe(303);
    expect((await bodies())[0]?.archived_at).toBeNull();
  });

  it('are those of one person: another’s are unknown here', async () => {
    const one = await aStudent(app.services, {});
    const other = await aStudent(app.services, {});
    const { agent, post } = await app.signInAs('scolarite');
    await post(`/etudiants/${one.id}/notes`, { body: 'Chez l’un' });
    const [note] = await bodies();
    expect((await agent.get(`/etudiants/${other.id}/notes/${note?.id}`)).status).toBe(404);
    expect((await post(`/etudiants/${other.id}/notes/${note?.id}`, { body: 'x', version: 1 })).status).toBe(404);
    expect((await post(`/etudiants/${other.id}/notes/${note?.id}/archivage`)).status).toBe(404);
    expect((await agent.get(`/etudiants/${other.id}/notes`)).text).not.toContain('Chez l’un');
  });

  it('carry names as they are typed, too', async () => {
    const { agent, post } = await app.signInAs('scolarite');
    for (const name of naughty.filter((text) => text.trim() !== '' && text.length < 60).slice(0, 60)) {
      const answer = await post('/etudiants/nouveau', {
        lastName: name,
        firstName: 'Prénom',
        status: 'prospect',
        isSomeoneElse: '1',
      });
      expect([name, [303, 422].includes(answer.status)]).toEqual([name, true]);
    }
    const students = await app.database.query<{ id: string; last_name: string }>(
      'SELECT id, last_name FROM student LIMIT 15',
    );
    expect(students.length).toBe(15);
    for (const { id, last_name: name } of students) {
      const page = await agent.get(`/etudiants/${id}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain(escapeText(name));
    }
  }, 120_000);
});
