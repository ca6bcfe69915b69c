import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGetentCompanies } from '../../../src/connectors/getent/index.ts';
import { emptyTotals } from '../../../src/features/imports/batch-totals.ts';
import { readCompanyRow } from '../../../src/features/imports/company-row-rules.ts';
import { CompanyTwins } from '../../../src/features/imports/company-twins.ts';
import { FileConflicts } from '../../../src/features/imports/file-conflicts.ts';
import { sortedCodes } from '../../../src/shared/issue-codes.ts';
import { SourceError } from '../../../src/shared/source-error.ts';
import { comparableRow, countRow, readGoldenFile, type GoldenRow } from '../../support/golden-files.ts';
import { createLegacyDatabase, loadLegacyDump, runSql } from '../../support/legacy-database.ts';

let getent = '';
beforeAll(async () => {
  getent = await loadLegacyDump('getent');
});

async function refusal(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

const at = (url: string, change: (address: URL) => void): string => {
  const address = new URL(url);
  change(address);
  return address.href;
};

describe('GetEnt', () => {
  it('gives exactly the expected rows, totals and merge pairs', async () => {
    const golden = readGoldenFile('getent.sql');
    const { companies } = await readGetentCompanies({ url: getent });
    const conflicts = new FileConflicts();
    const read = companies.map((source, index) => ({ row: index + 1, ...readCompanyRow(source) }));
    for (const { row, legacyId, digest } of read) conflicts.add(row, legacyId, digest);
    const verdicts = conflicts.resolve();
    const twins = new CompanyTwins();
    const totals = emptyTotals();
    const rows = read.map((company): GoldenRow => {
      const verdict = verdicts.get(company.row)?.kind;
      const errors = verdict === 'conflict' ? sortedCodes([...company.errors, 'ID_CONFLICT' as const]) : company.errors;
      const outcome = errors.length > 0 ? 'rejected' : verdict === 'duplicate' ? 'duplicate' : 'created';
      const written = outcome === 'created' ? company.fields : null;
      const { legacyId, nameKey } = company;
      const twin = written === null || legacyId === null ? null : twins.add({ legacyId, nameKey, ...written });
      const warnings = sortedCodes([
        ...company.warnings,
        ...(twin === null ? [] : ['COMPANY_POSSIBLE_DUPLICATE' as const]),
      ]);
      countRow(totals, { outcome, errors, warnings });
      return {
        row: company.row,
        key: legacyId,
        outcome,
        errors,
        warnings,
        ...(written === null ? {} : { fields: { ...written } }),
      };
    });
    expect(rows.map(comparableRow)).toEqual(golden.rows.map(comparableRow));
    expect(totals).toEqual({ ...golden.totals, missing: 0 });
    expect(twins.pairs.map(({ first, later }) => [first, later])).toEqual(golden.mergePairs);
  });

  it('has one SHA-256 as long as no row changes', async () => {
    const url = await createLegacyDatabase('getent_hash');
    await runSql(
      url,
      'CREATE TABLE entreprise (id_entreprise INT, nom VARCHAR(40), adresse VARCHAR(40), mail VARCHAR(40), telephone VARCHAR(40)) ENGINE=MyISAM',
    );
    const empty = await readGetentCompanies({ url });
    expect(empty.companies).toEqual([]);
    await runSql(url, "INSERT INTO entreprise VALUES (2, 'B', NULL, '', NULL), (1, 'A', NULL, NULL, NULL)");
    const before = await readGetentCompanies({ url });
    expect(before.companies.map(({ id_entreprise }) => id_entreprise)).toEqual([2, 1]);
    expect(before.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(before.sha256).not.toBe(empty.sha256);
    expect((await readGetentCompanies({ url })).sha256).toBe(before.sha256);
    await runSql(url, "UPDATE entreprise SET mail = '' WHERE id_entreprise = 1");
    expect((await readGetentCompanies({ url })).sha256).not.toBe(before.sha256);
  });

  it('gives text right from latin1, UTF-8 and byte columns, and lets the rules repair UTF-8 stored in latin1', async () => {
    const url = await createLegacyDatabase('getent_text');
    await runSql(
      url,
      `CREATE TABLE entreprise (id_entreprise VARCHAR(20), nom VARCHAR(80) CHARACTER SET latin1, adresse VARCHAR(80) CHARACTER SET utf8mb4,
         mail VARCHAR(80) CHARACTER SET latin1, telephone VARBINARY(80));
       INSERT INTO entreprise VALUES
         ('7', 'Œnologie d’Été – 5 €', 'Șoseaua 😀', NULL, '0199001234'),
         ('', CONVERT(CAST('Cœur d’Ébène à l’Île' AS BINARY) USING latin1), NULL, '', X'E9749C');`,
    );
    const { companies } = await readGetentCompanies({ url });
    expect(companies[0]).toEqual({
      id_entreprise: 7,
      nom: 'Œnologie d’Été – 5 €',
      adresse: 'Șoseaua 😀',
      mail: null,
      telephone: '0199001234',
    });
    expect(companies[1]).toMatchObject({ id_entreprise: null, adresse: null, mail: '', telephone: 'étœ' });
    const repaired = readCompanyRow({
      ...companies[1],
      id_entreprise: 1,
      telephone: null,
      nom: companies[1]?.nom ?? '',
      adresse: null,
      mail: null,
    });
    expect(repaired).toMatchObject({ warnings: ['TEXT_REPAIRED'], fields: { name: 'Cœur d’Ébène à l’Île' } });
  });

  it('is only ever read: an account without any other right is enough', async ({ skip }) => {
    const address = new URL(getent);
    const database = address.pathname.slice(1);
    const account = `lecteur_${process.pid}`;
    const host = `'${account}'@'%'`;
    try {
      await runSql(
        getent,
        `CREATE USER ${host} IDENTIFIED BY 'lecture-seule'; GRANT SELECT ON \`${database}\`.* TO ${host}`,
      );
    } catch (error) {
      skip(`the account of the tests may not create another one: ${String(error)}`);
    }
    try {
      const url = at(getent, (reader) => {
        reader.username = account;
        reader.password = 'lecture-seule';
      });
      expect((await readGetentCompanies({ url })).companies).toHaveLength(152);
    } finally {
      await runSql(getent, `DROP USER ${host}`);
    }
  });
});

describe('GetEnt out of reach', () => {
  let silent: Server;
  let silentUrl = '';
  beforeAll(async () => {
    silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    silentUrl = `mysql://u:p@127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/getent`;
  });
  afterAll(() => silent.close());

  it.each<[string, () => string, string]>([
    ['a server that is not there', () => 'mysql://u:p@127.0.0.1:1/getent', 'ECONNREFUSED'],
    [
      'a wrong password',
      () => at(getent, (url) => ((url.username = 'personne'), (url.password = 'x'))),
      'ER_ACCESS_DENIED_ERROR',
    ],
    ['a wrong database', () => at(getent, (url) => (url.pathname = '/rien_de_tel')), 'ER_BAD_DB_ERROR'],
    ['an address that is none', () => 'getent', 'address'],
  ])('by %s says why', async (_, url, reason) => {
    expect(await refusal(readGetentCompanies({ url: url() }))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      details: { reason },
    });
  });

  it('because the table is not there says why', async () => {
    const url = await createLegacyDatabase('getent_vide');
    expect((await refusal(readGetentCompanies({ url }))).details).toEqual({ reason: 'ER_NO_SUCH_TABLE' });
  });

  it('because it never answers gives up in time', async () => {
    const started = performance.now();
    expect((await refusal(readGetentCompanies({ url: silentUrl, timeoutSeconds: 0.3 }))).code).toBe(
      'SOURCE_UNREACHABLE',
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.timeout(20);
    await expect(readGetentCompanies({ url: silentUrl, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
