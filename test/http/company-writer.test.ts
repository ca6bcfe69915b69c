import { describe, expect, it } from 'vitest';
import { inTransaction, type Transaction } from '../../src/db/transaction.ts';
import {
  companySearchTokens,
  insertCompanies,
  linkUnresolvedPositions,
  writeCompanySearchTokens,
  type NewCompany,
} from '../../src/features/companies/index.ts';
import { companyNameKey } from '../../src/shared/company-name.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';

describe('companySearchTokens', () => {
  it.each([
    ['L’Oréal SAS', ['l', 'oreal', 'sas', 'loreal', 'lorealsas']],
    ['Dupont & Fils', ['dupont', 'fils', 'dupontfils', 'dupontetfils']],
    [
      'S.A.R.L. Cœur-de-Ville',
      ['s', 'a', 'r', 'l', 'coeur', 'de', 'ville', 'sarl', 'coeurdeville', 'sarlcoeurdeville'],
    ],
    ['…', []],
  ])('finds %s by its words, joined or not, with or without its legal form', (name, words) => {
    expect(companySearchTokens(name).sort()).toEqual([...words].sort());
  });
});

describe('companies written in bulk', () => {
  const { services, database } = useTestApp();
  const write = <Result>(work: (tx: Transaction) => Promise<Result>) => inTransaction(services.database, work);
  const company = (name: string, more: Partial<NewCompany> = {}): NewCompany => ({
    id: newId(),
    name,
    origin: 'manual',
    ...more,
  });

  async function unresolvedPosition(companyText: string, position = 1): Promise<string> {
    const studentId = newId();
    const id = newId();
    await database.query(
      "INSERT INTO student (id, student_number, last_name, first_name, name_key, status, origin) VALUES (?, ?, 'Vasseur', 'Lina', 'vasseur lina', 'alumni', 'manual')",
      [studentId, `AC26${position}${id.slice(-6)}`],
    );
    await database.query(
      "INSERT INTO `position` (id, student_id, company_text, company_key, origin) VALUES (?, ?, ?, ?, 'import')",
      [id, studentId, companyText, companyNameKey(companyText)],
    );
    return id;
  }
  const companyOf = async (positionId: string) =>
    (
      await database.query<{ companyId: string | null; companyText: string }>(
        'SELECT company_id AS companyId, company_text AS companyText FROM position WHERE id = ?',
        [positionId],
      )
    )[0];

  it('keeps name key and search words with the company, and replaces the words of a renamed one', async () => {
    const one = company('Société Étoile SA', { legacyId: 12 });
    await write((tx) => insertCompanies(tx, [one, company('Autre')]));
    expect(await database.query('SELECT name_key AS k FROM company WHERE id = ?', [one.id])).toEqual([
      { k: 'societeetoile' },
    ]);

    await write((tx) => writeCompanySearchTokens(tx, [{ id: one.id, name: 'Comète' }], { replace: true }));
    expect(await database.query('SELECT token FROM company_search_token WHERE company_id = ?', [one.id])).toEqual([
      { token: 'comete' },
    ]);
  });

  it('links the positions that waited for a company of that name, however it was spelt', async () => {
    const waiting = await Promise.all([
      unresolvedPosition('ETOILE & FILS', 1),
      unresolvedPosition('Étoile et fils sarl', 2),
      unresolvedPosition('Étoile', 3),
    ]);
    const etoile = company('Étoile et Fils');
    const linked = await write(async (tx) => {
      await insertCompanies(tx, [etoile]);
      return linkUnresolvedPositions(tx, [etoile.id]);
    });

    expect(linked).toBe(2);
    expect(await companyOf(waiting[0] ?? '')).toEqual({ companyId: etoile.id, companyText: 'ETOILE & FILS' });
    expect(await companyOf(waiting[1] ?? '')).toMatchObject({ companyId: etoile.id });
    expect(await companyOf(waiting[2] ?? '')).toMatchObject({ companyId: null });
  });

  it('leaves a position alone when several companies answer to the name', async () => {
    const waiting = await unresolvedPosition('Horizon');
    const linked = await write(async (tx) => {
      await insertCompanies(tx, [company('Horizon SA'), company('HORIZON')]);
      return linkUnresolvedPositions(tx);
    });
    expect(linked).toBe(0);
    expect(await companyOf(waiting)).toMatchObject({ companyId: null });
  });

  it('looks only at the companies it is given', async () => {
    const [first, second] = [await unresolvedPosition('Alpha', 1), await unresolvedPosition('Bêta', 2)];
    const [alpha, beta] = [company('Alpha'), company('Beta')];
    await write(async (tx) => {
      await insertCompanies(tx, [alpha, beta]);
      await linkUnresolvedPositions(tx, [alpha.id]);
    });
    expect(await companyOf(first)).toMatchObject({ companyId: alpha.id });
    expect(await companyOf(second)).toMatchObject({ companyId: null });
    expect(await write((tx) => linkUnresolvedPositions(tx))).toBe(1);
  });
});
