import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../../support/test-database.ts';

describe('the database of a test', () => {
  const database = useTestDatabase();
  const count = async (table: string) =>
    Number((await database.query<{ n: bigint }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
  const nirTable = () => `\`${new URL(database.url).pathname.slice(1)}_nir\`.erased_person`;

  it('is empty, takes rows in both schemas, whatever their foreign keys', async () => {
    const [role, user] = [randomUUID(), randomUUID()];
    await database.query('INSERT INTO role (id, label) VALUES (?, ?)', [role, 'r']);
    await database.query('INSERT INTO staff_user (id, email, name) VALUES (?, ?, ?)', [user, 'a@acme.example', 'A']);
    await database.query('INSERT INTO user_role (user_id, role_id) VALUES (?, ?)', [user, role]);
    await database.query(`INSERT INTO ${nirTable()} (nir_index) VALUES (REPEAT('x', 32))`);
    expect(await count('user_role')).toBe(1);
  });

  it('was emptied before this test, in both schemas', async () => {
    expect(await count('role')).toBe(0);
    expect(await count('staff_user')).toBe(0);
    expect(await count('user_role')).toBe(0);
    expect(await count(nirTable())).toBe(0);
  });
});
