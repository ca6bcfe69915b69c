/** Every page of both sites with something on it: axe finds nothing in light nor in dark, and a phone shows it without scrolling sideways. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DeclaredRoute } from '../../src/http/declared-routes.ts';
import { useTestApp } from '../support/app.ts';
import { expectAccessible, expectNoSideways, screenshot, useBrowser } from '../support/browser.ts';
import { declaredRoutesOf } from '../support/routes.ts';
import { workByHand } from '../support/student-file.ts';
import { aWholeWorld, realAddress, signInWithEveryRight, type Places } from '../support/whole-world.ts';

const app = useTestApp({ emptied: 'once' });
workByHand(app);
const admin = useBrowser(() => app.admin);
const portal = useBrowser(() => app.portal);

/** What is read by programs, or fetched by a page for a part of itself. */
const NO_PAGE = /\.(json|csv|xlsx|:format|css)$|\/progress$|\/logo$/;
const pagesOf = (routes: readonly DeclaredRoute[]): DeclaredRoute[] =>
  routes.filter(({ method, path }) => method === 'get' && !NO_PAGE.test(path));

const nameOf = (path: string): string => path.slice(1).replaceAll('/', '_').replaceAll(/[:{}]/g, '') || 'home';

/** What refuses the bare address, or that record: its answer is a page as well. */
const REFUSED: Readonly<Record<string, number>> = {
  '/reinitialisation/:token': 404,
  '/doublons/rapprochement': 400,
  '/roles/:id/suppression': 422,
};

async function expectGoodPage(page: Page, path: string, places: Places, name = nameOf(path)): Promise<void> {
  const answer = await page.goto(realAddress(path, places));
  expect(answer?.status(), path).toBe(REFUSED[path] ?? 200);
  // A part of a page, that a script asks for, is judged where it stands.
  if (!(await answer?.text())?.startsWith('<!doctype html>')) return;
  await page.setViewportSize({ width: 1280, height: 800 });
  await expectAccessible(page);
  await screenshot(page, name);
  await expectNoSideways(page);
}

describe('every page of the administrative site', () => {
  let places: Places = {};
  let email = '';

  beforeAll(async () => {
    const who = await signInWithEveryRight(app);
    email = who.email;
    places = await aWholeWorld(app, who);
  });

  const pages = pagesOf(declaredRoutesOf(app.admin));
  const forStrangers = pages.filter(({ permission }) => permission === 'public');

  it('is good for whoever has not signed in', { timeout: 120_000 }, async () => {
    const page = await admin.open();
    for (const { path } of forStrangers) await expectGoodPage(page, path, places);
  });

  it('is good for whoever works', { timeout: 360_000 }, async () => {
    const page = await admin.open();
    await admin.signIn(page, email);
    for (const { path } of pages.filter((route) => !forStrangers.includes(route)))
      await expectGoodPage(page, path, places);
  });
});

describe('every page of the student site', () => {
  it('is good', { timeout: 60_000 }, async () => {
    const page = await portal.open();
    for (const { path } of pagesOf(declaredRoutesOf(app.portal)))
      await expectGoodPage(page, path, {}, `portal-${nameOf(path)}`);
  });
});
