/** A session that ends while a form is filled: what was typed is offered again where it was typed. */
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { useBrowser } from '../support/browser.ts';

const EMAIL = 'claire.martin@acme.example';
const app = useTestApp();
const browser = useBrowser(() => app.admin);

describe('a session that ended', () => {
  it('leads back to the form, with what was typed', { timeout: 60_000 }, async () => {
    await app.services.accounts.createUser(systemActor('test', 'cli'), {
      email: EMAIL,
      name: 'Claire Martin',
      roleKeys: ['scolarite'],
      password: TEST_PASSWORD,
    });
    const page = await browser.open();
    await browser.signIn(page, EMAIL);
    await page.goto('/etudiants/nouveau');
    await page.getByLabel('Nom', { exact: false }).first().fill('LE GOFF');
    await page.getByLabel('Prénom').fill('Maïwenn');
    await page.getByLabel('Rue').fill('3 rue du Port');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Créer la fiche' }).click();
    await page.waitForURL(/\/connexion\?suite=/);
    await page.getByText('Une saisie commencée est gardée dans cet onglet').waitFor();
    await page.getByLabel('Adresse e-mail').fill(EMAIL);
    await page.locator('input[name=password]').fill(TEST_PASSWORD);
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.waitForURL(`${browser.url}/etudiants/nouveau`);
    // Whoever reads something else first loses nothing either.
    await page.goto('/');
    await page.goto('/etudiants/nouveau');
    await page.locator('[data-draft-restore]').click();
    expect(await page.getByLabel('Prénom').inputValue()).toBe('Maïwenn');
    expect(await page.getByLabel('Rue').inputValue()).toBe('3 rue du Port');
  });
});
