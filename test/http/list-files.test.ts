/** The lists of imports, accounts and the journal as files: the rights of the page, its filters, every row. */
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { newId } from '../../src/shared/ids.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { anAccount } from '../support/door.ts';
import { csvRecords, workbookLines, workbookRecords } from '../support/list-files.ts';

const app = useTestApp();

interface BatchSeed {
  readonly fileName?: string;
  readonly state?: string;
  readonly source?: string;
}

async function someBatches(count: number, over: BatchSeed = {}): Promise<void> {
  const totals = { rows: 12, created: 7, updated: 2, unchanged: 0, duplicate: 1, rejected: 2 };
  await app.services.database.prisma.importBatch.createMany({
    data: Array.from({ length: count }, (_, index) => ({
      id: newId(),
      source: 'students',
      state: 'applied',
      origin: 'page',
      fileName: `referentiel-${String(index + 1).padStart(3, '0')}.xls`,
      totals: JSON.stringify(totals),
      ...over,
    })),
  });
}

async function edited(studentId: string, city: string): Promise<void> {
  await inTransaction(app.services.database, async (tx) => {
    app.services.audit.record(tx, systemActor('test'), {
      action: 'student.updated',
      subjectType: 'student',
      subjectId: studentId,
      personId: studentId,
      changes: { city: [null, city] },
      detail: { reason: 'Courrier revenu' },
    });
  });
}

interface Export {
  readonly list: string;
  readonly detail: Record<string, unknown>;
}

/** What the journal says of the exports made, as those who control it read it. */
async function exportsMade(): Promise<Export[]> {
  const { agent } = await app.signInAs('dpo');
  const { body } = await agent.get('/journal.json?action=list.exported');
  return (body.rows as { subject: { id: string }; detail: Record<string, unknown> }[]).map(({ subject, detail }) => ({
    list: subject.id,
    detail,
  }));
}

const EVERY_LIST = [
  { path: '/imports', reader: 'scolarite', refused: ['recherche', 'rh-finance', 'direction'] },
  { path: '/utilisateurs', reader: 'informatique', refused: ['scolarite', 'recherche', 'direction'] },
  { path: '/journal', reader: 'dpo', refused: ['scolarite', 'relations-exterieures', 'rh-finance'] },
] as const;

describe.each(EVERY_LIST)('the file of $path', ({ path, reader, refused }) => {
  it('is for nobody who is not signed in', async () => {
    for (const format of ['csv', 'xlsx'])
      expect((await supertest(app.admin).get(`${path}.${format}`)).status, format).toBe(401);
  });

  it.each(refused)('is refused to %s, and so is nothing journalled', async (role) => {
    const { agent } = await app.signInAs(role);
    for (const format of ['csv', 'xlsx']) expect((await agent.get(`${path}.${format}`)).status, format).toBe(403);
    expect(await exportsMade()).toEqual([]);
  });

  it('is offered on the page to those who read it', async () => {
    const { agent } = await app.signInAs(reader);
    const { text } = await agent.get(path);
    for (const format of ['csv', 'xlsx']) expect(text).toContain(`formaction="${path}.${format}"`);
  });

  it('is a heading alone when nothing answers', async () => {
    const { agent } = await app.signInAs(reader);
    expect(await csvRecords(agent, `${path}.csv?q=personne-de-ce-nom`)).toEqual([]);
    expect(await workbookLines(agent, `${path}.xlsx?q=personne-de-ce-nom`)).toHaveLength(1);
  });

  it('is journalled with what was asked and how many rows left', async () => {
    const { agent } = await app.signInAs(reader);
    await agent.get(`${path}.csv?q=personne-de-ce-nom&tri=-date`);
    const [made, ...others] = await exportsMade();
    expect(others).toEqual([]);
    expect(made?.detail).toMatchObject({ format: 'csv', rows: 0 });
    expect(String(made?.detail['query'])).toContain('q=personne-de-ce-nom');
  });
});

describe('the file of imports', () => {
  it('holds every batch that answers the filters, beyond the page, the latest first', async () => {
    await someBatches(60);
    await someBatches(1, { state: 'refused', fileName: 'abîmé.xls' });
    await someBatches(1, { source: 'companies', fileName: 'GetEnt' });
    const { agent } = await app.signInAs('scolarite');
    const rows = await csvRecords(agent, '/imports.csv?etat=importes&source=etudiants');
    expect(rows).toHaveLength(60);
    expect(rows[0]).toMatchObject({ Fichier: 'referentiel-060.xls', État: 'Importé', Lignes: '12', Créées: '7' });
    const oldest = await csvRecords(agent, '/imports.csv?etat=importes&source=etudiants&tri=date');
    expect(oldest[0]?.['Fichier']).toBe('referentiel-001.xls');
    expect(await csvRecords(agent, '/imports.csv?q=ab%C3%AEm')).toMatchObject([
      { Fichier: 'abîmé.xls', État: 'Refusé' },
    ]);
  });

  it('goes from chunk to chunk', async () => {
    await someBatches(1_003);
    const { agent } = await app.signInAs('informatique');
    const names = (await workbookRecords(agent, '/imports.xlsx')).map((row) => row['Fichier']);
    expect(names).toHaveLength(1_003);
    expect(new Set(names).size).toBe(1_003);
  });

  it('runs nothing in a spreadsheet, and gives figures as numbers', async () => {
    await someBatches(1, { fileName: '=cmd|calc.xls' });
    const { agent } = await app.signInAs('scolarite');
    expect((await csvRecords(agent, '/imports.csv'))[0]?.['Fichier']).toBe("'=cmd|calc.xls");
    expect((await workbookRecords(agent, '/imports.xlsx'))[0]).toMatchObject({
      Fichier: "'=cmd|calc.xls",
      Rejetées: '2',
    });
  });

  it('is in the language of its reader', async () => {
    await someBatches(1);
    const { agent, post } = await app.signInAs('scolarite');
    await post('/preferences/langue', { langue: 'en' });
    expect((await workbookLines(agent, '/imports.xlsx'))[0]).toContain('Created');
  });
});

describe('the list of imports', () => {
  it('is read from the oldest as well, page by page, forwards and back', async () => {
    await someBatches(70);
    const { agent } = await app.signInAs('scolarite');
    const page = async (query: string) => {
      const { body } = await agent.get(`/imports.json?tri=date${query}`);
      return body as { rows: { file: string }[]; next: string; previous: string };
    };
    const first = await page('');
    expect(first.rows[0]?.file).toBe('referentiel-001.xls');
    const second = await page(`&apres=${first.next}`);
    expect(second.rows.map(({ file }) => file).at(-1)).toBe('referentiel-070.xls');
    expect(second.rows).toHaveLength(20);
    expect((await page(`&avant=${second.previous}`)).rows).toEqual(first.rows);
    expect((await agent.get('/imports')).text).toContain('href="/imports?tri=date"');
  });
});

describe('the file of accounts', () => {
  it('holds every account that answers the filters, beyond the page, in its order', async () => {
    const { agent } = await app.signInAs('informatique');
    const accounts = [];
    for (let rank = 0; rank < 52; rank += 1)
      accounts.push({ id: newId(), name: `Agent ${String(rank).padStart(2, '0')}` });
    await app.services.database.prisma.staffUser.createMany({
      data: accounts.map(({ id, name }) => ({ id, name, email: `${id}@acme.example` })),
    });
    const rows = await csvRecords(agent, '/utilisateurs.csv?q=agent&tri=-nom');
    expect(rows).toHaveLength(52);
    expect(rows[0]).toMatchObject({ Nom: 'Agent 51', État: 'Invité' });
    expect(await csvRecords(agent, '/utilisateurs.csv?q=agent&etat=disabled')).toEqual([]);
  });

  it('tells roles, and no secret of the account', async () => {
    const { id } = await anAccount(app, 'scolarite');
    await app.database.query("UPDATE staff_user SET name = '+33 Dupont' WHERE id = ?", [id]);
    const { agent } = await app.signInAs('dpo');
    const [row] = await workbookRecords(agent, '/utilisateurs.xlsx?q=dupont');
    expect(row).toMatchObject({
      Nom: "'+33 Dupont",
      Rôles: 'Pôle Scolarité',
      État: 'Actif',
      'Deuxième facteur': 'Non',
    });
    expect(Object.values(row ?? {}).join(' ')).not.toContain('argon2');
  });
});

describe('the file of the journal', () => {
  it('gives the DPO names and values, beyond the page, as the filters say', async () => {
    const student = await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
    for (let rank = 0; rank < 60; rank += 1) await edited(student.id, `Ville ${rank}`);
    await edited((await aStudent(app.services, {})).id, 'Laval');
    const { agent } = await app.signInAs('dpo');
    const rows = await workbookRecords(agent, `/journal.xlsx?objet=student&fiche=${student.id}`);
    expect(rows).toHaveLength(60);
    expect(rows[0]).toMatchObject({ Qui: 'Système', Quoi: 'Fiche modifiée', Sur: 'KERVELLA Maïwenn' });
    expect(rows[0]?.['Détail']).toBe('Ville : ∅ → Ville 59\nCourrier revenu');
    const oldest = await workbookRecords(agent, `/journal.xlsx?objet=student&fiche=${student.id}&tri=date`);
    expect(oldest[0]?.['Détail']).toContain('Ville 0');
  });

  it('gives technicians neither names nor values', async () => {
    const student = await aStudent(app.services, { lastName: 'KERVELLA', firstName: 'Maïwenn' });
    await edited(student.id, 'Quimperlé');
    const { agent } = await app.signInAs('informatique');
    const lines = await workbookLines(agent, '/journal.xlsx');
    expect(lines[0]).not.toContain('Détail');
    expect(lines.flat()).toContain(student.id);
    for (const file of [lines.flat().join('\n'), (await agent.get('/journal.csv')).text])
      for (const secret of ['KERVELLA', 'Maïwenn', 'Quimperlé', 'Courrier revenu']) expect(file).not.toContain(secret);
  });

  it('holds what had happened when it was asked for, however it is ordered', async () => {
    const { agent } = await app.signInAs('dpo');
    await agent.get('/journal.csv');
    const rows = await csvRecords(agent, '/journal.csv?action=list.exported&tri=date');
    expect(rows).toHaveLength(1);
  });

  it('runs nothing in a spreadsheet', async () => {
    const { agent, userId } = await app.signInAs('dpo');
    await app.database.query("UPDATE staff_user SET name = '@SOMME(A1)' WHERE id = ?", [userId]);
    expect((await csvRecords(agent, '/journal.csv?action=session.opened'))[0]?.['Qui']).toBe("'@SOMME(A1)");
    expect((await workbookRecords(agent, '/journal.xlsx?action=session.opened'))[0]?.['Qui']).toBe("'@SOMME(A1)");
  });

  it('is read from the oldest on the page as well', async () => {
    const student = await aStudent(app.services, {});
    for (let rank = 0; rank < 60; rank += 1) await edited(student.id, `Ville ${rank}`);
    const { agent } = await app.signInAs('dpo');
    const page = async (query: string) => {
      const { body } = await agent.get(`/journal.json?fiche=${student.id}&tri=date${query}`);
      return body as { rows: { id: string; changes: { city: string[] } }[]; next: string; previous: string };
    };
    const first = await page('');
    expect(first.rows[0]?.changes.city[1]).toBe('Ville 0');
    const second = await page(`&apres=${first.next}`);
    expect(second.rows.map(({ changes }) => changes.city[1])).toEqual(
      Array.from({ length: 10 }, (_, rank) => `Ville ${50 + rank}`),
    );
    expect((await page(`&avant=${second.previous}`)).rows).toEqual(first.rows);
  });
});
