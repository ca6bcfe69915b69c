import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

describe('the list of students', () => {
  it('shows them in the order of names', async () => {
    await aStudent(app.services, { lastName: 'ZOLA', firstName: 'Émile' });
    await aStudent(app.services, { lastName: 'ÉLUARD', firstName: 'Paul' });
    const { agent } = await app.signInAs('scolarite');
    const page = await agent.get('/etudiants');
    expect(page.status).toBe(200);
    expect(page.text).toContain('2 étudiants');
    expect(page.text.indexOf('ÉLUARD Paul')).toBeGreaterThan(0);
    expect(page.text.indexOf('ÉLUARD Paul')).toBeLessThan(page.text.indexOf('ZOLA Émile'));
    const json = await agent.get('/etudiants.json?q=zol');
    expect(json.body.rows).toHaveLength(1);
    const csv = await agent.get('/etudiants.csv');
    expect(csv.text).toContain('ZOLA Émile');
    const xlsx = await agent.get('/etudiants.xlsx');
    expect(xlsx.status).toBe(200);
    expect((await agent.get('/alumni')).status).toBe(200);
    expect((await agent.get('/filtres')).status).toBe(200);
  });
});
