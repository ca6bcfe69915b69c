/** A batch is a reversible object: what it created goes, what it changed returns, what someone edited since stays. */
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { RuleViolation } from '../../src/shared/errors.ts';
import { useTestApp } from '../support/app.ts';
import { importCompanies, importStudents, personNir, personsFile, reportOf } from '../support/imports.ts';
import { createLegacyDatabase, runSql } from '../support/legacy-database.ts';

const app = useTestApp();
const actor = systemActor('test', 'cli');
const DAY = 86_400_000;

async function undo(id: string) {
  const { version } = await app.services.imports.get(actor, id);
  await app.services.imports.cancel(actor, { id, version });
  await app.services.imports.work();
  return app.services.imports.get(actor, id);
}

const rows = <Row>(sql: string, values: unknown[] = []) => app.database.query<Row>(sql, values);
const count = async (table: string): Promise<number> =>
  Number((await rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

/** Everything about the persons but what a restored record may keep: versions, dates of change, history. */
const persons = () =>
  rows(
    `SELECT s.student_number, s.last_name, s.first_name, s.name_key, s.status, s.status_since, s.email, s.personal_phone,
      s.street, s.postcode, s.city, s.cursus, s.programme_id, s.missing_since, s.anomaly_count, b.fields, b.last_batch_id,
      (SELECT GROUP_CONCAT(token ORDER BY token) FROM student_search_token t WHERE t.student_id = s.id) AS tokens,
      (SELECT GROUP_CONCAT(CONCAT_WS('|', company_text, company_id, ended_on) ORDER BY company_text) FROM position p WHERE p.student_id = s.id) AS positions,
      (SELECT CONCAT('profil ', COALESCE(cursus, '')) FROM alumni_profile a WHERE a.student_id = s.id) AS profile,
      (SELECT GROUP_CONCAT(programme_id ORDER BY programme_id) FROM enrolment e WHERE e.student_id = s.id) AS enrolments
    FROM student s LEFT JOIN student_import_base b ON b.student_id = s.id ORDER BY s.student_number`,
  );

const DAY_1 = [
  {
    name: 'ABEL Anne',
    status: 'alumni',
    company: 'Forges Nouvelles',
    cursus: 'Licence Gestion',
    email: 'anne@a.example',
  },
  { name: 'BLUM Bruno', status: 'en fonction', address: '1 rue A, 75001, Paris', phones: '0612345678' },
  { name: 'CARO Chloé', status: 'prospect' },
  { name: 'DANO Denis', status: 'alumni', company: 'Ateliers Vifs' },
];
const DAY_2 = [
  { name: 'ABEL Annette', status: 'prospect', cursus: 'MBA', email: 'annette@a.example' },
  { name: 'BLUM Bruno', status: 'alumni', company: 'Forges Nouvelles', address: '2 rue B, 69001, Lyon', cursus: 'MBA' },
  { name: 'CARO Chloé', status: 'prospect' },
  { name: 'ELBA Élise', status: 'prospect', nir: personNir(50) },
];

describe('undoing a batch', () => {
  it('removes the persons it created, with their numbers for ever and their NIR forgotten', async () => {
    const { id } = await importStudents(app.services, personsFile(DAY_1));
    expect(await count('student')).toBe(4);
    expect(await undo(id)).toMatchObject({ state: 'cancelled', undo: { restored: 4, left: 0 } });
    for (const table of [
      'student',
      'student_search_token',
      'student_import_base',
      'position',
      'enrolment',
      'alumni_profile',
    ])
      expect([table, await count(table)]).toEqual([table, 0]);
    const [{ database } = { database: '' }] = await rows<{ database: string }>('SELECT DATABASE() AS `database`');
    expect(await count(`\`${database}_nir\`.student_nir`)).toBe(0);
    // The same content may come again, and its persons are new ones.
    const { report } = await importStudents(app.services, personsFile(DAY_1));
    expect(report).toMatchObject({ status: 'applied', totals: { created: 4 } });
    const numbers = await rows<{ number: string }>('SELECT student_number AS number FROM student ORDER BY 1');
    expect(numbers.map(({ number }) => number.slice(4, 9))).toEqual(['00005', '00006', '00007', '00008']);
    expect((await app.services.verifyJournal()).broken).toBeNull();
  });

  it('gives back everything it changed', async () => {
    await importStudents(app.services, personsFile(DAY_1));
    const before = await persons();
    app.clock.advance(DAY);
    const { id, report } = await importStudents(app.services, personsFile(DAY_2));
    expect(report.totals).toMatchObject({ created: 1, updated: 2, unchanged: 1, missing: 1 });
    expect(await persons()).not.toEqual(before);
    expect(await undo(id)).toMatchObject({ undo: { restored: 3, left: 0 } });
    expect(await persons()).toEqual(before);
    const history = await rows('SELECT origin FROM student_status_change ORDER BY changed_at, id');
    expect(history.filter((row) => (row as { origin: string }).origin === 'undo')).toHaveLength(2);
  });

  it('asked for again after it failed half-way, tells as restored what it had restored', async () => {
    await importStudents(app.services, personsFile(DAY_1));
    const { id } = await importStudents(app.services, personsFile(DAY_2));
    expect(await undo(id)).toMatchObject({ undo: { restored: 3, left: 0 } });
    await app.database.query(`UPDATE import_batch SET state = 'failed', cancelled_at = NULL WHERE id = ?`, [id]);
    expect(await undo(id)).toMatchObject({ state: 'cancelled', undo: { restored: 3, left: 0 } });
  });

  it('lets an earlier batch be undone after a later one', async () => {
    const first = await importStudents(app.services, personsFile(DAY_1));
    const second = await importStudents(app.services, personsFile(DAY_2));
    await undo(second.id);
    expect(await undo(first.id)).toMatchObject({ undo: { restored: 4, left: 0 } });
    expect(await count('student')).toBe(0);
  });

  it('leaves alone what someone edited since, and says which', async () => {
    const first = await importStudents(app.services, personsFile(DAY_1));
    const second = await importStudents(app.services, personsFile(DAY_2));
    await rows("UPDATE student SET email = 'nouvelle@a.example', version = version + 1 WHERE last_name = 'ABEL'");
    expect(await undo(second.id)).toMatchObject({ undo: { restored: 2, left: 1 } });
    const report = await reportOf(app.services, second.id);
    expect(report.rows.filter(({ undo: outcome }) => outcome === 'left').map(({ row }) => row)).toEqual([2]);
    const [abel] = await rows<{ email: string; firstName: string }>(
      "SELECT email, first_name AS firstName FROM student WHERE last_name = 'ABEL'",
    );
    expect(abel).toEqual({ email: 'nouvelle@a.example', firstName: 'Annette' });
    // Of the first batch too: a record that lives on is nobody's to remove.
    expect(await undo(first.id)).toMatchObject({ undo: { restored: 3, left: 1 } });
    expect(await rows('SELECT last_name FROM student')).toEqual([{ last_name: 'ABEL' }]);
  });

  it('keeps a person on whom someone has built', async () => {
    const { id } = await importStudents(app.services, personsFile(DAY_1));
    const author = await app.services.accounts.createUser(actor, {
      email: 'auteur@acme.example',
      name: 'Auteur',
      roleKeys: ['scolarite'],
      password: 'Trois-Cigales-Bleues-42',
    });
    await rows(
      "INSERT INTO note (id, subject_type, subject_id, body, author_id) SELECT UUID(), 'student', id, 'rappelé', ? FROM student WHERE last_name = 'CARO'",
      [author.id],
    );
    expect(await undo(id)).toMatchObject({ undo: { restored: 3, left: 1 } });
    expect(await rows('SELECT last_name FROM student')).toEqual([{ last_name: 'CARO' }]);
  });

  it('is possible for thirty days', async () => {
    const { id } = await importStudents(app.services, personsFile(DAY_1));
    app.clock.advance(29 * DAY);
    expect((await app.services.imports.get(actor, id)).undoableUntil).not.toBeNull();
    app.clock.advance(2 * DAY);
    const { undoableUntil, version } = await app.services.imports.get(actor, id);
    expect(undoableUntil).toBeNull();
    await expect(app.services.imports.cancel(actor, { id, version })).rejects.toThrow(RuleViolation);
    expect(await count('student')).toBe(4);
  });

  it('counts no more as the last accepted batch', async () => {
    const { id } = await importStudents(app.services, personsFile(DAY_1));
    await undo(id);
    // Three rows fewer than the undone batch would otherwise wait for a person.
    const { report } = await importStudents(app.services, personsFile(DAY_1.slice(0, 1)));
    expect(report.status).toBe('applied');
  });
});

describe('undoing a batch of companies', () => {
  const entreprise = (values: string) =>
    `DROP TABLE IF EXISTS entreprise; CREATE TABLE entreprise (id_entreprise INT, nom VARCHAR(200), adresse VARCHAR(200), mail VARCHAR(100), telephone VARCHAR(40)); INSERT INTO entreprise VALUES ${values}`;

  it('unlinks what was matched by name, and gives back what changed', async () => {
    const url = await createLegacyDatabase('undo');
    await runSql(url, entreprise("(1, 'Forges Nouvelles', '1 rue A, 75001, Paris', 'a@f.example', '0199000101')"));
    const first = await importCompanies(app.services, url);
    await importStudents(app.services, personsFile(DAY_1));
    const linked = () => count('`position` WHERE company_id IS NOT NULL');
    expect(await linked()).toBe(1);

    await runSql(
      url,
      entreprise("(1, 'Forges Anciennes', NULL, 'b@f.example', '0199000101'), (2, 'Ateliers Vifs', NULL, NULL, NULL)"),
    );
    const second = await importCompanies(app.services, url);
    expect(second.report.totals).toMatchObject({ created: 1, updated: 1 });
    expect(await linked()).toBe(2);
    expect(await undo(second.id)).toMatchObject({ undo: { restored: 2, left: 0 } });
    expect(await rows('SELECT name, name_key, email, city FROM company')).toEqual([
      { name: 'Forges Nouvelles', name_key: 'forgesnouvelles', email: 'a@f.example', city: 'Paris' },
    ]);
    expect(await linked()).toBe(1);

    expect(await undo(first.id)).toMatchObject({ undo: { restored: 1, left: 0 } });
    expect(await count('company')).toBe(0);
    expect(await rows('SELECT company_text FROM `position` ORDER BY 1')).toEqual([
      { company_text: 'Ateliers Vifs' },
      { company_text: 'Forges Nouvelles' },
    ]);
  });
});
