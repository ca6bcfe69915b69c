/** The account the bench signs in with: made by the product's own service for one run, removed at its end. */
import { randomBytes } from 'node:crypto';
import { createServices } from '../src/container.ts';
import { readConfig } from '../src/config.ts';
import { createLogger } from '../src/log.ts';
import { Prisma } from '../src/db/client.ts';
import { systemActor } from '../src/shared/actor.ts';

export interface BenchAccount {
  readonly email: string;
  readonly password: string;
  remove(): Promise<void>;
}

const EMAIL = 'bench@acme.example';

/** Creates a member of the pôle Scolarité. A run that was cut may have left one: it goes first. */
export async function createAccount(environment: Readonly<Record<string, string | undefined>>): Promise<BenchAccount> {
  const services = createServices(readConfig(environment), { log: createLogger('warn') });
  const remove = () => services.database.query(Prisma.sql`DELETE FROM staff_user WHERE email = ${EMAIL}`);
  try {
    await remove();
    const password = `Bench-${randomBytes(18).toString('base64url')}-9`;
    await services.accounts.ensureBuiltInRoles();
    await services.accounts.createUser(systemActor('bench', 'cli'), {
      email: EMAIL,
      password,
      name: 'Camille Mesure',
      roleKeys: ['scolarite'],
    });
    return {
      email: EMAIL,
      password,
      async remove() {
        await remove();
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}
