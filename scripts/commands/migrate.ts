import { migrate } from '../../src/db/migrate.ts';
import type { Command } from './command.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  usage: 'migrate',
  summary: 'applies pending migrations and writes the built-in roles',
  async run({ config, services, print }) {
    const applied = await migrate({ databaseUrl: config.databaseUrl });
    await services.accounts.ensureBuiltInRoles();
    print(applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `Applied ${name}`).join('\n'));
    return 0;
  },
};
