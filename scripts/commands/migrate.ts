import { MigrationError, migrate } from '../../src/db/migrate.ts';
import type { Command } from './command.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  usage: 'migrate',
  summary: 'applies pending migrations and writes the built-in roles',
  async run({ config, services, print, complain }) {
    const applied = await migrate({ databaseUrl: config.databaseUrl, warn: complain }).catch((error: unknown) => {
      if (!(error instanceof MigrationError)) throw error;
      complain(error.message);
      return null;
    });
    if (applied === null) return 1;
    await services.accounts.ensureBuiltInRoles();
    print(applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Applied ${name}`).join('\n'));
    return 0;
  },
};
