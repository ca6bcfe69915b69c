import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import { projectRoot } from '../project-root.ts';

/** Address under which both sites serve `public/`. */
export const ASSETS_PATH = '/assets';

const ONE_YEAR_IN_SECONDS = 31_536_000;
const publicFolder = join(projectRoot, 'public');
const urls = new Map<string, { url: string; modifiedAt: number }>();
let followChanges = false;

/** In development, addresses follow the files as they change; elsewhere each file is hashed once. */
export function configureAssets(options: { followChanges: boolean }): void {
  followChanges = options.followChanges;
  urls.clear();
}

/**
 * Address of a file of `public/` with a version made of its content: `assetUrl('css/app.css')` gives
 * `/assets/css/app.css?v=1f0c…`, which browsers keep for a year.
 * @throws when the file does not exist, so that a broken page is seen in tests
 */
export function assetUrl(file: string): string {
  const known = urls.get(file);
  if (known && !followChanges) return known.url;
  const path = join(publicFolder, file);
  const modifiedAt = statSync(path).mtimeMs;
  if (known?.modifiedAt === modifiedAt) return known.url;
  const version = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 10);
  const url = `${ASSETS_PATH}/${file}?v=${version}`;
  urls.set(file, { url, modifiedAt });
  return url;
}

/** Serves `public/`: an address with a version is kept for a year, one without is asked again each time. */
export function staticAssets(): express.RequestHandler {
  return express.static(publicFolder, {
    index: false,
    redirect: false,
    cacheControl: false,
    setHeaders(res) {
      const versioned = res.req.url.includes('?v=');
      res.setHeader('Cache-Control', versioned ? `public, max-age=${ONE_YEAR_IN_SECONDS}, immutable` : 'no-cache');
    },
  });
}
