// npm run bench: measures the product on the world `volume`, in a database of its own that is kept between runs.
// Arguments go to bench/main.ts: npm run bench -- --people 100000
import { join } from 'node:path';
import { acquirePrivateDatabase } from './lib/database.mjs';
import { inProject } from './lib/project.mjs';
import { runLauncher } from './lib/say.mjs';
import { prepareSession, runNode } from './lib/session.mjs';

await runLauncher(async () => {
  // Ctrl-C reaches the bench, which ends; we stay to stop the database.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const session = await prepareSession({ keys: true });
  const database = await acquirePrivateDatabase({ folder: join(session.dataDir, 'bench-mariadb'), bufferPool: '1G' });
  try {
    const env = { ...session.env, DATABASE_URL: database.url('crm_bench') };
    const tsx = inProject('node_modules/tsx/dist/cli.mjs');
    return await runNode([tsx, inProject('bench/main.ts'), ...process.argv.slice(2)], env, 'inherit');
  } finally {
    await database.release();
  }
});
