/**
 * A real browser on a real server: Chromium (`CHROMIUM_PATH`, or the one of the PATH) driven by playwright-core. Pages load nothing
 * from outside, and a script error or a refused resource fails the test.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Express } from 'express';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { endEventStreams } from '../../src/http/event-stream.ts';
import { TEST_PASSWORD } from './app.ts';

export interface TestBrowser {
  /** `http://127.0.0.1:PORT` of the site under test. */
  readonly url: string;
  /** A page of its own browser context: no cookie, French. */
  open(): Promise<Page>;
  /** Signs in through the form; the account has the password of the tests. */
  signIn(page: Page, email: string): Promise<void>;
}

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function chromiumPath(): string {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders
    .flatMap((folder) => PROGRAMS.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (!found) throw new Error('No Chromium: set CHROMIUM_PATH');
  return found;
}

/** Serves a site on a free port of loopback for the tests of a file, with a browser beside it. Call it at the top of the file. */
export function useBrowser(site: () => Express): TestBrowser {
  let server: Server;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    server = createServer(site());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const found = problems.splice(0);
    expect(found, 'what went wrong in the browser').toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    endEventStreams();
    await new Promise((resolve) => server.close(resolve));
  });

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    get url() {
      return address();
    },
    async open() {
      const context = await browser.newContext({ locale: 'fr-FR', timezoneId: 'Europe/Paris', baseURL: address() });
      contexts.push(context);
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
      page.on('console', (message) => {
        // A status is told once, by what follows.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          problems.push(`console: ${message.text()}`);
      });
      page.on('response', (response) => {
        // The status of the page itself is for the test to judge.
        if (response.status() >= 400 && !response.request().isNavigationRequest())
          problems.push(`${response.status()} ${response.url()}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(address()) && !request.url().startsWith('data:'))
          problems.push(`asked for ${request.url()}`);
      });
      return page;
    },
    async signIn(page, email) {
      await page.goto('/connexion');
      await page.getByLabel('Adresse e-mail').fill(email);
      await page.locator('input[name=password]').fill(TEST_PASSWORD);
      await page.getByRole('button', { name: 'Se connecter' }).click();
      await page.waitForURL(`${address()}/`);
    },
  };
}

export type ColourScheme = 'light' | 'dark';

/** What the colours alone can break: all that a dark page may do worse than the light one. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * Says what axe finds wrong with the page as it stands, in light and in dark: nothing, else the test fails with the rules and the
 * elements.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // Colours that are still on their way are neither those of the one theme nor of the other.
  const setTheme = (theme: string) =>
    page.evaluate(
      `document.documentElement.dataset.bsTheme = '${theme}';
       new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
         .then(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))`,
    );
  for (const colorScheme of ['light', 'dark'] satisfies ColourScheme[]) {
    await setTheme(colorScheme);
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === 'dark' ? axe.withRules(COLOUR_RULES) : axe).analyze();
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) =>
          `${colorScheme} · ${id} (${help}): ${target.join(' ')}${failureSummary ? `. ${failureSummary}` : ''}`,
      ),
    );
    expect(found, `accessibility of ${page.url()}`).toEqual([]);
  }
  await setTheme('light');
}

/** Says by how many pixels the page is wider than a phone. */
export async function expectNoSideways(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(overflow, `pixels beyond the phone at ${page.url()}`).toBeLessThanOrEqual(0);
}

let screenshotFolder: string | null = null;

/** Keeps a picture of the page in a temporary folder, printed once, when `SCREENSHOTS=1`: to look at, never compared. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  if (screenshotFolder === null) {
    screenshotFolder = mkdtempSync(join(tmpdir(), 'crm-screenshots-'));
    process.stdout.write(`Screenshots: ${screenshotFolder}\n`);
  }
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), fullPage: true });
}
