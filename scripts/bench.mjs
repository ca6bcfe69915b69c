// npm run bench: measures the product on the world `volume`, in a database of its own that is kept between runs.
// Arguments go to bench/main.ts: npm run bench -- --people 100000
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { acquirePrivateDatabase } from './lib/database.mjs';
import { inProject } from './lib/project.mjs';
import { runLauncher } from './lib/say.mjs';
import { prepareSession, runNode } from './lib/session.mjs';

// The world takes 3.4 GB: a school of that size gives its database the memory to hold it. A small machine gives half of its own.
const bufferPool = `${Math.max(1, Math.min(4, Math.floor(totalmem() / 2 / 1024 ** 3)))}G`;

await runLauncher(async () => {
  // Ctrl-C reaches the bench, which ends; we stay to stop the database.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const session = await prepareSession({ keys: true });
  const database = await acquirePrivateDatabase({ folder: join(session.dataDir, 'bench-mariadb'), bufferPool });
  try {
    const env = { ...session.env, DATABASE_URL: database.url('crm_bench') };
    const tsx = inProject('node_modules/tsx/dist/cli.mjs');
    return await runNode([tsx, inProject('bench/main.ts'), ...process.argv.slice(2)], env, 'inherit');
  } finally {
    await database.release();
  }
});
