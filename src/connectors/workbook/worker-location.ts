import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the reading thread: the bundle `workbook-worker.js` beside this one once built, the TypeScript source during development
 * and tests. There the thread first registers the loader that reads TypeScript, since a thread does not inherit the one of its
 * process or test runner.
 */
export function startWorkbookWorker(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./workbook-worker.js', import.meta.url), options);
  const source = new URL('./workbook-worker.ts', import.meta.url).href;
  const loaderPackage = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const loader = new URL('./dist/esm/api/index.mjs', loaderPackage).href;
  const start = `import('${loader}').then(({ register }) => { register(); return import('${source}'); })`;
  return new Worker(start, { ...options, eval: true });
}
