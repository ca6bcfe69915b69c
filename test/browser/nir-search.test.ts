/** A social-security number typed in a browser: it finds the person and is in no address, whichever box it was typed in. */
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';
import { useBrowser } from '../support/browser.ts';
import { aStudent } from '../support/builders.ts';
import { inventedNir } from '../support/student-file.ts';

const app = useTestApp();
const browser = useBrowser(() => app.admin);
const NIR = inventedNir(950);

describe('a social-security number typed in a browser', () => {
  it.each([
    ['the box of the top bar', '/', '#global-search'],
    ['the search of a list', '/etudiants', '[data-list-search]'],
  ])('in %s leaves no trace in an address', { timeout: 120_000 }, async (_where, from, box) => {
    await aStudent(app.services, { lastName: 'CACHEE', firstName: 'Inès', nir: NIR });
    const { email } = await app.signInAs('scolarite', 'agent-nir');
    const page = await browser.open();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await browser.signIn(page, email);
    await page.goto(`${browser.url}${from}`);
    await page.locator(box).pressSequentially(NIR, { delay: 40 });
    if (from === '/') await page.locator(box).press('Enter');
    await page.waitForURL('**/recherche');
    await page.locator('main').getByText('CACHEE Inès').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.title()).not.toContain(NIR.slice(0, 13));
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((url) => url.includes(NIR.slice(0, 13)))).toEqual([]);
    await page.getByText('CACHEE Inès').first().click();
    await page.waitForURL('**/etudiants/*');
  });
});
