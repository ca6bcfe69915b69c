import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemActor } from '../../src/shared/actor.ts';
import { builtInRoles } from '../../src/shared/permissions.ts';
import type { Command } from './command.ts';

/** People of the demo, one a role. All invented. */
const STAFF: Record<string, string> = {
  scolarite: 'Claire Fontanel',
  'relations-exterieures': 'Hugo Mercadier',
  recherche: 'Inès Valbrun',
  'rh-finance': 'Paul Estagnol',
  informatique: 'Nadia Kerjean',
  dpo: 'Yves Marconnet',
  direction: 'Hélène Aubrac',
  'agent-nir': 'Lucie Peyrolat',
};

const SYLLABLES =
  'ba be bi bo bu da de di do du fa fe fi fo ga go la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo za ze zo'.split(
    ' ',
  );

/** Easy to copy, 80 bits and more: five random words of three syllables. */
function readablePassword(): string {
  const word = () => Array.from({ length: 3 }, () => SYLLABLES[randomInt(SYLLABLES.length)]).join('');
  const words = Array.from({ length: 5 }, word);
  return `${words.join('-').replace(/^./, (letter) => letter.toUpperCase())}${randomInt(10, 100)}`;
}

export const demo: Command = {
  name: 'demo',
  usage: 'demo',
  summary: 'loads the demo world into an empty database',
  async run({ config, services, print, complain }) {
    if (config.nodeEnv === 'production') {
      complain('The demo world is never loaded in production.');
      return 1;
    }
    if (
      (await services.database.prisma.staffUser.count()) > 0 ||
      (await services.database.prisma.student.count()) > 0
    ) {
      complain('The database is not empty: the demo world was not loaded.');
      return 1;
    }
    await services.accounts.ensureBuiltInRoles();
    const accounts: { site: 'admin' | 'portal'; email: string; password: string; role: string }[] = [];
    for (const role of builtInRoles) {
      const account = {
        site: 'admin' as const,
        email: `${role.key}@acme.example`,
        password: readablePassword(),
        role: role.key,
      };
      const roleKeys = role.key === 'agent-nir' ? ['scolarite', 'agent-nir'] : [role.key];
      await services.accounts.createUser(systemActor('crm demo', 'cli'), {
        ...account,
        name: STAFF[role.key] ?? role.label,
        roleKeys,
      });
      accounts.push(account);
    }
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    await writeFile(join(config.dataDir, 'demo-accounts.json'), `${JSON.stringify(accounts, null, 2)}\n`, {
      mode: 0o600,
    });
    print(`The demo world is loaded; the accounts are in ${join(config.dataDir, 'demo-accounts.json')}.`);
    return 0;
  },
};
