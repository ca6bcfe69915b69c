// npm run -s crm -- <command>: the command line, on the same database and keys as npm start. Nothing stands on stdout but
// what the command prints.
import { runLauncher, setVoice } from './lib/say.mjs';
import { applyMigrationsOnce, openDatabase, prepareSession, runCrm } from './lib/session.mjs';

await runLauncher(async () => {
  setVoice({ quiet: true, toStderr: true });
  // Ctrl-C reaches the command, which decides; we stay to stop the database.
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (interrupted = true));
  const args = process.argv.slice(2);
  const session = await prepareSession({ keys: true });
  if (args.length === 0 || args.includes('--help') || args[0] === 'help') return runCrm(args, session.env, 'inherit');

  const database = await openDatabase(session);
  try {
    if (interrupted) return 130;
    const env = { ...session.env, DATABASE_URL: database.url };
    if (database.folder !== null && args[0] !== 'migrate') await applyMigrationsOnce(env, database.folder);
    return await runCrm(args, env, 'inherit');
  } finally {
    await database.release();
  }
});
