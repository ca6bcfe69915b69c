import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';

const app = useTestApp();

interface Answer {
  groups: { key: string; total: number; hits: { id: string; title: string; detail: string }[] }[];
}

async function found(role: string, q: string): Promise<string[]> {
  const { agent } = await app.signInAs(role);
  const answer = await agent.get('/recherche.json').query({ q });
  expect(answer.status).toBe(200);
  return (answer.body as Answer).groups.flatMap((group) => group.hits.map((hit) => hit.title));
}

describe('search over everything', () => {
  it.each([
    ['the names in any order', 'jean-pierre lefebvre'],
    ['the beginning of a name without its accents', 'lefeb'],
    ['a phone typed as people do', '01 99 00 12 34'],
    ['a phone with its country', '+33 1 99 00 12 34'],
    ['the personal e-mail', 'jp.lefebvre@example.org'],
    ['the postcode', '38000'],
  ])('finds a person by %s', async (_what, q) => {
    await aStudent(app.services, {
      lastName: 'LEFÈBVRE',
      firstName: 'Jean-Pierre',
      personalPhone: '+33199001234',
      email: 'jp.lefebvre@example.org',
      postcode: '38000',
      city: 'Grenoble',
    });
    await aStudent(app.services, {
      lastName: 'MARTIN',
      firstName: 'Paul',
      personalPhone: '+33199005678',
      email: 'paul@example.org',
      postcode: '69003',
      city: 'Lyon',
    });
    expect(await found('scolarite', q)).toEqual(['LEFÈBVRE Jean-Pierre']);
  });

  it('finds nobody by a field, or in a status, that the role may not read', async () => {
    await aStudent(app.services, {
      lastName: 'LEFÈBVRE',
      firstName: 'Anne',
      status: 'en_fonction',
      personalPhone: '+33199001234',
    });
    await aStudent(app.services, { lastName: 'LEFÈBVRE', firstName: 'Prospère', status: 'prospect' });
    expect(await found('recherche', '01 99 00 12 34')).toEqual([]);
    expect(await found('recherche', 'lefebvre')).toEqual(['LEFÈBVRE Anne']);
  });

  it('suggests while one types, without a page around', async () => {
    await aStudent(app.services, { lastName: 'LEFÈBVRE', firstName: 'Anne' });
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent
      .get('/recherche?q=lefe')
      .set('HX-Request', 'true')
      .set('HX-Target', 'search-suggestions');
    expect(answer.text).toContain('LEF');
    expect(answer.text).toContain('class="suggestion"');
    expect(answer.text).not.toContain('<html');
  });

  it('shows a search as it was typed', async () => {
    const { agent } = await app.signInAs('scolarite');
    const answer = await agent.get('/recherche').query({ q: '<b>"l\'été" & 100%_</b>' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('&lt;b&gt;&#34;l&#39;été&#34; &amp; 100%_&lt;/b&gt;');
  });

  it('is closed to who may read no list, and to anonymous visitors', async () => {
    const { agent } = await app.signInAs('informatique');
    expect((await agent.get('/recherche?q=martin')).status).toBe(403);
    expect((await supertest(app.admin).get('/recherche?q=martin').set('Accept', 'text/html')).status).toBe(303);
  });
});
