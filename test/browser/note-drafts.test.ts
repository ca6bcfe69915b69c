/** What is typed in a form that stays on its page: forgotten once it is saved, offered again when it was not. */
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { useBrowser } from '../support/browser.ts';
import { aCompany } from '../support/builders.ts';

const EMAIL = 'hugo.mercier@acme.example';
const app = useTestApp();
const browser = useBrowser(() => app.admin);

describe('a note being written', () => {
  it('is not offered again once it is added, and is when it could not be', { timeout: 60_000 }, async () => {
    const { id } = await aCompany(app.services);
    await app.services.accounts.createUser(systemActor('test', 'cli'), {
      email: EMAIL,
      name: 'Hugo Mercier',
      roleKeys: ['relations-exterieures'],
      password: TEST_PASSWORD,
    });
    const page = await browser.open();
    await browser.signIn(page, EMAIL);
    await page.goto(`/entreprises/${id}/notes`);
    const text = page.getByLabel('Nouvelle note', { exact: false });
    const offer = page.locator('[data-draft-notice]');
    await text.fill('Un premier appel');
    await page.getByRole('button', { name: 'Ajouter la note' }).click();
    await page.getByText('La note est ajoutée.').waitFor();
    expect(await offer.isVisible()).toBe(false);

    await text.fill('Un second appel');
    await page.route('**/notes', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
    await page.getByRole('button', { name: 'Ajouter la note' }).click();
    await page.waitForURL(/chrome-error/);
    await page.unroute('**/notes');
    await page.goto(`/entreprises/${id}/notes`);
    await offer.waitFor();
    // The success of something else is no answer to it.
    await page.getByRole('button', { name: 'Archiver' }).last().click();
    await page.getByText('La note est archivée.').waitFor();
    await page.locator('[data-draft-restore]').click();
    expect(await text.inputValue()).toBe('Un second appel');
  });
});
