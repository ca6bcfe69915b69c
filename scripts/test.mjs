// npm test: every test, on a database of its own. Arguments go to vitest: npm test -- test/unit/shared/nir.test.ts
// With DATABASE_URL, only databases named <name>_test_* beside the one it names are written, and they are dropped at the end.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from './lib/project.mjs';
import { requireChromium } from './lib/requirements.mjs';
import { runLauncher } from './lib/say.mjs';
import { prepareSession, runNode } from './lib/session.mjs';
import { openTestDatabase } from './lib/test-session.mjs';

await runLauncher(async () => {
  const interrupted = interruption();
  // Chosen tests can run while another part of the product does not build.
  const chosen = process.argv.slice(2);
  const session = await prepareSession({ keys: false, mayNotBuild: chosen.length > 0 });
  const chromium = requireChromium();
  const database = await openTestDatabase(session);
  const folder = mkdtempSync(join(tmpdir(), 'crm-test-'));
  const countsFile = join(folder, 'counts.json');
  let code = 130;
  try {
    if (!interrupted()) {
      const env = { ...database.env, CHROMIUM_PATH: chromium, TEST_COUNTS_FILE: countsFile };
      const vitest = inProject('node_modules/vitest/vitest.mjs');
      const shown = chosen.some((arg) => arg.startsWith('--reporter')) ? [] : ['--reporter=default'];
      const counted = `--reporter=${inProject('test/support/count-reporter.ts')}`;
      code = await runNode([vitest, 'run', ...chosen, ...shown, counted], env, 'inherit');
    }
  } finally {
    await database.release();
  }
  const counts = readCounts(countsFile);
  rmSync(folder, { recursive: true, force: true });
  // A run that ended badly without a failed test (a crash, a bad option) did fail.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed > 0 ? 1 : code;
});

/** Ctrl-C ends vitest, which shares our terminal; we stay to stop the database. */
function interruption() {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (asked = true));
  return () => asked;
}

function readCounts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
