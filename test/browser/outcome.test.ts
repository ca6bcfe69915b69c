/**
 * The main job of the product in a browser: what a member of the pôle Scolarité does on a September morning, from the sign-in
 * page to the company of an alumnus. Axe looks at every page, in light and in dark.
 */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { expectAccessible, expectNoSideways, screenshot, useBrowser } from '../support/browser.ts';
import { legacyPath, readGoldenFile, type GoldenRow } from '../support/golden-files.ts';
import { importCompanies } from '../support/imports.ts';
import { loadLegacyDump } from '../support/legacy-database.ts';
import { workByHand } from '../support/student-file.ts';

const EMAIL = 'claire.martin@acme.example';
const workbook = readGoldenFile('referentiel-etudiants.xls');
const getent = readGoldenFile('getent.sql');

const app = useTestApp({ emptied: 'once' });
workByHand(app);
const browser = useBrowser(() => app.admin);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const nameOf = ({ fields }: GoldenRow): string => `${text(fields?.['lastName'])} ${text(fields?.['firstName'])}`;
const created = workbook.rows.filter(({ outcome }) => outcome === 'created');
const bearers = (row: GoldenRow): number => created.filter((other) => nameOf(other) === nameOf(row)).length;

/** An alumnus of the file who lives somewhere, works for a company of GetEnt and has no namesake. */
const alumnus = created.find(
  (row) =>
    row.fields?.['status'] === 'alumni' && row.fields['companyLegacyId'] && row.fields['city'] && bearers(row) === 1,
) as GoldenRow;
const employer = getent.rows.find(
  ({ key }) => String(key) === String(alumnus.fields?.['companyLegacyId']),
) as GoldenRow;
const suggested = workbook.rows.find(({ suggestion }) => suggestion !== undefined) as GoldenRow;

const inFrench = (value: number): string => value.toLocaleString('fr-FR').replaceAll(/\s/g, '\\s');

async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await screenshot(page, name);
}

describe('a September morning in the pôle Scolarité', () => {
  beforeAll(async () => {
    await app.services.accounts.createUser(systemActor('test', 'cli'), {
      email: EMAIL,
      name: 'Claire Martin',
      roleKeys: ['scolarite'],
      password: TEST_PASSWORD,
    });
    await importCompanies(app.services, await loadLegacyDump('getent'));
  });

  it('goes from the file dropped to the company of an alumnus', { timeout: 240_000 }, async () => {
    const page = await browser.open();
    await page.goto('/connexion');
    await look(page, '01-sign-in');
    await browser.signIn(page, EMAIL);
    await look(page, '02-home');

    // The file is dropped and read.
    await page.getByRole('link', { name: 'Importer un fichier' }).first().click();
    await look(page, '03-new-import');
    await page.getByLabel('Fichier du référentiel').setInputFiles(legacyPath('referentiel-etudiants.xls'));
    expect(await page.getByText('referentiel-etudiants.xls').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Lire le fichier' }).click();
    await page.getByRole('heading', { level: 2, name: 'Lecture du fichier' }).waitFor();
    await look(page, '04-reading');

    // The page follows by itself the work that another process does.
    const reading = app.services.imports.work();
    await page.getByRole('heading', { level: 2, name: 'Tout est prêt' }).waitFor();
    await reading;
    expect(await page.locator('main').innerText()).toMatch(
      new RegExp(`${inFrench(workbook.totals.created)} fiches à créer`),
    );
    await look(page, '05-dry-run');
    await page.getByRole('list', { name: 'Résultat par catégorie' }).getByRole('link', { name: 'rejetées' }).click();
    await page.getByText(`${workbook.totals.rejected} lignes`, { exact: true }).waitFor();
    expect(await page.getByText(text(suggested.suggestion)).first().isVisible()).toBe(true);
    await look(page, '06-rejected-rows');

    // Confirmed, followed, reported.
    await page.getByRole('button', { name: /^Importer/ }).click();
    await page.getByRole('heading', { level: 2, name: 'Import en cours' }).waitFor();
    await look(page, '07-applying');
    const applying = app.services.imports.work();
    await page.getByRole('heading', { level: 2, name: 'Import terminé' }).waitFor({ timeout: 60_000 });
    await applying;
    expect(await page.locator('main').innerText()).toMatch(
      new RegExp(`${inFrench(workbook.totals.created)} fiches créées`),
    );
    await look(page, '08-report');

    // One rejected row, its proposed correction taken.
    await page.goto(`${page.url().replace(/[?#].*$/, '')}/lignes/${suggested.row}`);
    await look(page, '09-row');
    await page.getByRole('button', { name: 'Appliquer et importer' }).click();
    await page.getByText(/la fiche est créée/).waitFor();

    // A student found while typing, an address corrected.
    await page
      .getByRole('navigation', { name: 'Navigation principale' })
      .getByRole('link', { name: 'Étudiants' })
      .click();
    await page.locator('[data-list-search]').pressSequentially(nameOf(alumnus).toLowerCase());
    const results = page.locator('[data-list-results]');
    await results.getByText('1 étudiant', { exact: true }).waitFor();
    await look(page, '10-students');
    await results.getByRole('link', { name: nameOf(alumnus) }).click();
    await page.getByRole('heading', { level: 1, name: nameOf(alumnus) }).waitFor();
    await look(page, '11-record');
    const nir = text(alumnus.fields?.['nir']);
    expect(await page.content()).not.toContain(nir.slice(0, 13));
    await page.getByRole('link', { name: 'Modifier Coordonnées' }).click();
    await look(page, '12-edit');
    await page.getByLabel('Rue').fill('14 quai de la Houle');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByText('14 quai de la Houle').waitFor();

    // To the company that employs them, and back to its alumni.
    await page.getByRole('link', { name: 'Carrière' }).click();
    await look(page, '13-career');
    const company = text(employer.fields?.['name']);
    await page.getByRole('main').getByRole('link', { name: company, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: company }).waitFor();
    await look(page, '14-company');
    await page.getByRole('link', { name: /^Étudiants et alumni/ }).click();
    await page.getByRole('link', { name: nameOf(alumnus) }).waitFor();
    await look(page, '15-company-people');

    await page.goto('/imports');
    await look(page, '16-imports');
  });

  it('works on a phone, without a horizontal scroll', { timeout: 120_000 }, async () => {
    const page = await browser.open();
    await browser.signIn(page, EMAIL);
    const [batch] = await app.database.query<{ id: string }>(
      "SELECT id FROM import_batch WHERE source = 'students' ORDER BY created_at DESC LIMIT 1",
    );
    for (const path of [
      '/imports',
      '/imports/nouveau',
      `/imports/${batch?.id}`,
      `/imports/${batch?.id}/lignes/29`,
      '/imports/ecarts',
    ]) {
      await page.goto(path);
      await expectNoSideways(page);
      await expectAccessible(page);
      await screenshot(page, `phone${path.replaceAll('/', '-')}`);
    }
  });
});
