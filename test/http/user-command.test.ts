import { describe, expect, it } from 'vitest';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';
import { runCommand, type Outcome } from '../support/command-line.ts';
import { journalOf, openDoor } from '../support/door.ts';

const app = useTestApp({ emptied: 'once' });

const crm = (words: readonly string[], input = '') => runCommand(app, words, input);

const add = (over: Record<string, string>, password = TEST_PASSWORD): Promise<Outcome> => {
  const options = { email: 'nadia@acme.example', name: 'Nadia Kerjean', role: 'informatique', ...over };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  return crm(['user', 'add', ...words, '--password-stdin'], `${password}\n`);
};

describe('crm user add', () => {
  it('creates an account that can sign in, and ends with 0', { timeout: 120_000 }, async () => {
    const outcome = await add({});
    expect(outcome).toEqual({ code: 0, output: 'Created nadia@acme.example (informatique).\n', complaint: '' });
    expect(outcome.output).not.toContain(TEST_PASSWORD);
    const entered = await openDoor(app.admin).knock({ email: 'nadia@acme.example', password: TEST_PASSWORD });
    expect(entered.status).toBe(303);
    const [user] = await app.database.query<{ id: string }>('SELECT id FROM staff_user');
    expect(await journalOf(app, user?.id ?? '')).toContain('user.created');
  });

  it('ends with 1 when it is refused, saying why', { timeout: 120_000 }, async () => {
    const refusals = [
      [await add({}), 'already exists'],
      [await add({ email: 'a@acme.example', role: 'directeur' }), 'The role directeur does not exist'],
      [await add({ email: 'b@acme.example' }, 'court'), 'Not long or not varied enough'],
      [await add({ email: 'c@acme.example' }, 'Nadia-Kerjean-42'), 'your name'],
    ] as const;
    for (const [{ code, output, complaint }, reason] of refusals) {
      expect(complaint).toContain(reason);
      expect({ code, output }).toEqual({ code: 1, output: '' });
    }
    expect(await app.database.query('SELECT id FROM staff_user')).toHaveLength(1);
  });

  it('ends with 2 when it is called wrongly, saying how to call it', { timeout: 120_000 }, async () => {
    const calls = [
      crm(['user', 'add', '--email', 'd@acme.example', '--password-stdin'], TEST_PASSWORD),
      crm(['user', 'add', '--email', 'd@acme.example', '--name', 'D', '--role', 'dpo']),
      add({ email: 'pas-une-adresse' }),
      add({ couleur: 'bleu' }),
    ];
    for (const { code, output, complaint } of await Promise.all(calls)) {
      expect(complaint).toContain('Usage: npm run -s crm -- user add');
      expect({ code, output }).toEqual({ code: 2, output: '' });
    }
    expect((await crm(['user', 'remove'])).code).toBe(2);
  });
});
