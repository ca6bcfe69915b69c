import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDemoWorld } from '../worlds/demo.ts';
import type { Command } from './command.ts';

export const demo: Command = {
  name: 'demo',
  usage: 'demo',
  summary: 'loads the demo world into an empty database',
  async run({ config, services, print, complain }) {
    if (config.nodeEnv === 'production') {
      complain('The demo world is never loaded in production.');
      return 1;
    }
    const { prisma } = services.database;
    if ((await prisma.staffUser.count()) > 0 || (await prisma.student.count()) > 0) {
      complain('The database is not empty: the demo world was not loaded.');
      return 1;
    }
    const accounts = await loadDemoWorld(services, config, Date.now());
    const file = join(config.dataDir, 'demo-accounts.json');
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
    print(`The demo world is loaded; the accounts are in ${file}.`);
    return 0;
  },
};
