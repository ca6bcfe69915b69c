// npm run check: yes or no. Runs every step and says at the end which failed; `npm run check -- lint types` runs those alone.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { prismaEnvironment } from './lib/prepare.mjs';
import { inProject, root } from './lib/project.mjs';
import { Refusal, runLauncher, say } from './lib/say.mjs';
import { prepareSession } from './lib/session.mjs';
import { openTestDatabase } from './lib/test-session.mjs';

/** As many at a time as the small machines this runs on have cores. */
const AT_ONCE = 2;

const tsx = 'node_modules/tsx/dist/cli.mjs';

/** Each is Node with arguments; silence is expected of those that pass. The long ones come first. */
const STEPS = [
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--project', '.', '--pretty'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'] },
  { name: 'guards', args: ['node_modules/vitest/vitest.mjs', 'run', 'test/guards'], database: true },
  {
    name: 'boundaries',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['src', 'scripts', 'bench'].filter((name) => existsSync(inProject(name))),
    ],
  },
  { name: 'schema', args: ['node_modules/prisma/build/index.js', 'validate'] },
  { name: 'drift', args: [tsx, 'scripts/lib/check-schema-drift.ts'], database: true },
  { name: 'texts', args: [tsx, 'scripts/lib/check-i18n.ts'] },
];

await runLauncher(async () => {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown) throw new Refusal(`Unknown step ${unknown}. Steps: ${STEPS.map((step) => step.name).join(', ')}`);
  const steps = chosen.length === 0 ? STEPS : STEPS.filter((step) => chosen.includes(step.name));

  const running = new Set();
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interrupted = true;
      for (const child of running) child.kill('SIGTERM');
    });
  }
  // A build that fails is shown by the types, with the other steps.
  const session = await prepareSession({ keys: false, mayNotBuild: true });
  const database = steps.some((step) => step.database) ? await openTestDatabase(session) : null;
  const env = {
    ...prismaEnvironment(),
    NODE_ENV: 'test',
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    ...database?.env,
  };
  const failed = [];
  try {
    const queue = [...steps];
    const worker = async () => {
      for (let step = queue.shift(); step && !interrupted; step = queue.shift()) {
        if (!(await runStep(step, env, running))) failed.push(step.name);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await database?.release();
  }
  if (interrupted) return 130;
  say(failed.length === 0 ? '\nYes: everything is in order.' : `\nNo: ${failed.join(', ')} failed.`);
  return failed.length === 0 ? 0 : 1;
});

/** Runs a step and prints its line, with what it said when it failed. */
function runStep({ name, args }, env, running) {
  const startedAt = Date.now();
  return new Promise((finish, fail) => {
    const child = spawn(process.execPath, [inProject(args[0]), ...args.slice(1)], { cwd: root, env, stdio: 'pipe' });
    running.add(child);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.once('error', fail);
    child.once('close', (code) => {
      running.delete(child);
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      say(`${code === 0 ? '✓' : '✗'} ${name.padEnd(11)} ${seconds.padStart(5)} s`);
      if (code !== 0) say(`${output.trimEnd().replace(/^/gm, '    ')}\n`);
      finish(code === 0);
    });
  });
}
