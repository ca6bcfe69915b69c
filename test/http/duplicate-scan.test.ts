import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp } from '../support/app.ts';
import { aCompany, aStudent } from '../support/builders.ts';

const app = useTestApp();
const { services, database } = app;
const robot = systemActor('test');

interface PairRow {
  readonly firstId: string;
  readonly secondId: string;
  readonly score: number;
  readonly reasons: string;
  readonly state: string;
}

const pairs = (subjectType: 'student' | 'company') =>
  database.query<PairRow>(
    'SELECT first_id AS firstId, second_id AS secondId, score, reasons, state FROM duplicate_candidate WHERE subject_type = ? ORDER BY score DESC',
    [subjectType],
  );
const scan = (since: Date | null = null) => services.duplicateScans.scan(robot, { since });
const idsOf = ({ firstId, secondId }: PairRow) => [firstId, secondId].sort();

describe('the search for duplicates', () => {
  it('proposes people who share a phone across columns, an address, a name and a town, a name and a birthday', async () => {
    const mobile = '+33639980101';
    const base = { lastName: 'ABRIAL', firstName: 'Gaëlle' };
    const twins = [
      await Promise.all([
        aStudent(services, { ...base, personalPhone: mobile }),
        aStudent(services, { lastName: 'Abrial', firstName: 'Gaelle', professionalPhone: mobile }),
      ]),
      await Promise.all([
        aStudent(services, { lastName: 'BARTHOD', email: 'hugo@example.com', firstName: 'Hugo' }),
        aStudent(services, { lastName: 'Barthot', schoolEmail: 'hugo@example.com', firstName: 'Hugo' }),
      ]),
      await Promise.all([
        aStudent(services, { lastName: 'CARADEC', firstName: 'Inès', postcode: '29200' }),
        aStudent(services, { lastName: 'Caradec', firstName: 'Inès', postcode: '29200' }),
      ]),
      await Promise.all([
        aStudent(services, { lastName: 'DELMOTTE', firstName: 'Jules', birthDate: new Date('2001-03-04') }),
        aStudent(services, { lastName: 'DELMOTTE', firstName: 'Jules', birthDate: new Date('2001-03-04') }),
      ]),
    ];
    await aStudent(services, { lastName: 'DELMOTTE', firstName: 'Jules', birthDate: new Date('1999-01-01') });

    const { students } = await scan();
    const found = await pairs('student');
    expect(found.map(idsOf).sort()).toEqual(twins.map((pair) => pair.map(({ id }) => id).sort()).sort());
    expect(students).toMatchObject({ found: 4, dropped: 0, skippedGroups: 0 });
    const phonePair = found.find((pair) => pair.reasons.includes('same_mobile'));
    expect(JSON.parse(phonePair?.reasons ?? '[]')).toEqual(['same_mobile', 'accent_name']);
  });

  it('proposes companies of one name and postcode, one switchboard, or one register number through a site', async () => {
    const [one, other] = [
      await aCompany(services, { name: 'Étoile du Nord SARL', postcode: '59000' }),
      await aCompany(services, { name: 'ETOILE DU NORD', postcode: '59000' }),
    ];
    const bearer = await aCompany(services, { name: 'Groupe Hamelin', siren: '552032534' });
    const branch = await aCompany(services, { name: 'Usine de Quimper' });
    await database.query(
      "INSERT INTO company_site (id, company_id, siret, label) VALUES ('018cc251-f40f-7002-8000-0000000000aa', ?, '55203253400646', 'Usine')",
      [branch.id],
    );
    await aCompany(services, { name: 'Étoile du Nord', postcode: '13001' });

    await scan();
    const found = await pairs('company');
    expect(found.map(idsOf).sort()).toEqual([[one.id, other.id].sort(), [bearer.id, branch.id].sort()].sort());
  });

  it('passes over a value that more than twenty people share, and counts it', async () => {
    for (let index = 0; index < 21; index += 1)
      await aStudent(services, { lastName: 'FAUCHET', firstName: 'Élise', professionalPhone: '+33199001234' });
    const { students } = await scan();
    expect(await pairs('student')).toEqual([]);
    expect(students).toMatchObject({ compared: 0, skippedGroups: 1 });
  });

  it('never proposes again a pair that was refused', async () => {
    const seed = { lastName: 'CARADEC', firstName: 'Inès', postcode: '29200' };
    await aStudent(services, seed);
    await aStudent(services, seed);
    await scan();
    await database.query("UPDATE duplicate_candidate SET state = 'dismissed'");
    const { students } = await scan();
    expect(students.found).toBe(0);
    expect(await pairs('student')).toMatchObject([{ state: 'dismissed' }]);
  });

  it('looks only at what changed, against everyone, and finds the same pairs', async () => {
    const seed = { lastName: 'CARADEC', firstName: 'Inès', postcode: '29200', personalPhone: '+33639980101' };
    const longAgo = new Date('2020-01-01T00:00:00Z');
    const old = await aStudent(services, { ...seed, updatedAt: longAgo });
    await aStudent(services, { lastName: 'JOUBERT', firstName: 'Chloé', postcode: '75001', updatedAt: longAgo });
    await aStudent(services, { lastName: 'JOUBERT', firstName: 'Chloé', postcode: '75001', updatedAt: longAgo });
    const recent = await aStudent(services, seed);

    const since = new Date('2021-01-01T00:00:00Z');
    await scan(since);
    const found = await pairs('student');
    expect(found.map(idsOf)).toEqual([[old.id, recent.id].sort()]);

    await scan();
    const everything = await pairs('student');
    expect(everything).toHaveLength(2);
    expect(everything).toEqual(expect.arrayContaining(found));
  });

  it('drops a waiting pair that no longer holds, not one an import proposed', async () => {
    const seed = { lastName: 'CARADEC', firstName: 'Inès', postcode: '29200' };
    await aStudent(services, seed);
    const second = await aStudent(services, seed);
    await scan();
    expect(await pairs('student')).toHaveLength(1);
    await database.query('UPDATE student SET postcode = NULL WHERE id = ?', [second.id]);
    const { students } = await scan(new Date(Date.now() - 60_000));
    expect(students.dropped).toBe(1);
    expect(await pairs('student')).toEqual([]);

    await database.query(
      "INSERT INTO duplicate_candidate (id, subject_type, first_id, second_id, score, reasons, batch_id) SELECT '018cc251-f40f-7002-8000-0000000000ab', 'student', MIN(id), MAX(id), 90, '[]', '018cc251-f40f-7002-8000-0000000000ac' FROM student",
    );
    await scan();
    expect(await pairs('student')).toHaveLength(1);
  });

  it('leaves out people under limitation and records that lead to another', async () => {
    const seed = { lastName: 'CARADEC', firstName: 'Inès', postcode: '29200' };
    const first = await aStudent(services, seed);
    await aStudent(services, { ...seed, restrictedAt: new Date() });
    await aStudent(services, { ...seed, mergedIntoId: first.id });
    await scan();
    expect(await pairs('student')).toEqual([]);
  });

  it('begins shortly before the last search that went to its end began', async () => {
    expect(await services.duplicateScans.lastScan()).toBeNull();
    await database.query(
      "INSERT INTO job_run (id, site, job, `trigger`, result, started_at) VALUES ('018cc251-f40f-7002-8000-0000000000ad', 'srvcrm1', 'duplicates.scan', 'schedule', 'done', '2026-01-02 03:04:05'), ('018cc251-f40f-7002-8000-0000000000ae', 'srvcrm1', 'duplicates.scan', 'schedule', 'failed', '2026-01-03 03:04:05')",
    );
    expect(await services.duplicateScans.lastScan()).toEqual(new Date('2026-01-02T02:54:05Z'));
  });
});
