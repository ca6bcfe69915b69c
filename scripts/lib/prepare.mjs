// What stands between a clone and a program that runs: packages, the Prisma client, browser files, the bundles.
// Idempotent, and quick when nothing changed: each step keeps a stamp of the content it worked from.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './processes.mjs';
import { inProject, root } from './project.mjs';
import { Refusal, announce, complain, outputOfPrograms, say } from './say.mjs';

/** Programs made from the sources: output in `dist/` → entry. */
const BUNDLES = {
  server: 'src/server.ts',
  crm: 'scripts/crm.ts',
  'workbook-worker': 'src/connectors/workbook/workbook-worker.ts',
};

/**
 * Prepares the project, installing packages if need be.
 * @param {{ mayNotBuild?: boolean }} [options] mayNotBuild: a failed build is told and leaves no bundle, without stopping here
 * @throws {Refusal} when a step fails, with what it said
 */
export async function prepare({ mayNotBuild = false } = {}) {
  const lock = inProject('.data', 'prepare.lock');
  await withLock(
    lock,
    async () => {
      installPackages();
      await step('prisma', ['prisma/schema', 'prisma.config.ts'], ['src/db/generated/client.ts'], generateClient);
      await step('vendor', ['scripts/lib/vendor.mjs', 'src/http/icon-names.json'], ['public/vendor'], copyBrowserFiles);
      try {
        await step('build', ['src', 'scripts', 'tsconfig.json'], builtFiles(), build);
      } catch (error) {
        if (!mayNotBuild || !(error instanceof Refusal)) throw error;
        complain(error.message);
        rmSync(inProject('dist'), { recursive: true, force: true });
      }
    },
    { onWait: (pid) => say(`Waiting for process ${pid}, which is preparing the project…`) },
  );
}

/**
 * Runs `npm ci` when `node_modules` is missing or not what the lock file says. Contents are compared rather than dates,
 * which a checkout changes.
 * @throws {Refusal}
 */
function installPackages() {
  const wanted = readPackages(inProject('package-lock.json'));
  const there = readPackages(inProject('node_modules', '.package-lock.json'));
  const complete = Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.devOptional || there[path]?.version === entry.version,
  );
  if (complete) return;

  announce('Installing packages (npm ci)…');
  // Dev packages hold the build: NODE_ENV=production must not leave them out here.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: outputOfPrograms() })
    : spawnSync('npm', args, { cwd: root, stdio: outputOfPrograms() });
  if (result.status !== 0) throw new Refusal('npm ci failed: see above.');
}

function readPackages(path) {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).packages ?? {}) : {};
}

/**
 * @param {string} name
 * @param {string[]} inputs files and folders whose content decides
 * @param {string[]} outputs paths that must exist
 * @param {() => void | Promise<void>} work
 */
async function step(name, inputs, outputs, work) {
  const path = inProject('node_modules', '.cache', 'crm', name);
  const stamp = contentStamp(['package-lock.json', 'scripts/lib/prepare.mjs', ...inputs]);
  const known = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (known === stamp && outputs.every((output) => existsSync(inProject(output)))) return;
  await work();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stamp);
}

function contentStamp(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths.flatMap((start) => filesUnder(inProject(start)))) {
    hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (path === inProject('src', 'db', 'generated')) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [path];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));
}

/** What Prisma's commands need on a machine that cannot fetch its schema engine: any program serves, none is run. */
export const prismaEnvironment = () => ({
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
});

function generateClient() {
  say('Generating the database client…');
  const result = spawnSync(process.execPath, [inProject('node_modules/prisma/build/index.js'), 'generate'], {
    cwd: root,
    encoding: 'utf8',
    env: prismaEnvironment(),
  });
  if (result.status !== 0) throw new Refusal(`prisma generate failed:\n${result.stdout}${result.stderr}`);
}

async function copyBrowserFiles() {
  const script = inProject('scripts/lib/vendor.mjs');
  if (!existsSync(script)) return;
  say('Copying the browser files…');
  const { default: copy } = await import(pathToFileURL(script).href);
  await copy();
}

const entries = () => Object.entries(BUNDLES).filter(([, source]) => existsSync(inProject(source)));
const builtFiles = () => entries().map(([name]) => `dist/${name}.js`);

async function build() {
  if (entries().length === 0) return;
  say('Building…');
  const esbuild = await import('esbuild');
  try {
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(entries()),
      outdir: 'dist',
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      sourcemap: true,
      logLevel: 'silent',
    });
  } catch (error) {
    const messages = await esbuild.formatMessages(error.errors ?? [], { kind: 'error', color: process.stderr.isTTY });
    throw new Refusal(messages.length > 0 ? `The build failed:\n${messages.join('\n')}` : String(error));
  }
}
