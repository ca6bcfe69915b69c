import { expect, it } from 'vitest';
import { systemActor, type Actor } from '../../src/shared/actor.ts';
import { useTestApp, TEST_PASSWORD } from '../support/app.ts';

const app = useTestApp();

async function staff(email: string, ...roleKeys: string[]): Promise<Actor> {
  const { id } = await app.services.accounts.createUser(systemActor('test', 'cli'), {
    email,
    name: email,
    roleKeys,
    password: TEST_PASSWORD,
  });
  const loaded = await app.services.accounts.load(id, { ip: null, requestId: null });
  if (!loaded) throw new Error('The account cannot be loaded');
  return loaded.actor;
}

async function roleId(key: string): Promise<string> {
  const role = await app.services.database.prisma.role.findUniqueOrThrow({ where: { key } });
  return role.id;
}

it('shows each list the views one owns and those of one’s roles, once, with the columns and the roles', async () => {
  const { lists } = app.services;
  const claire = await staff('claire@acme.example', 'scolarite', 'recherche');
  const hugo = await staff('hugo@acme.example', 'recherche');
  const recherche = await roleId('recherche');
  await lists.saveView(claire, { list: 'students', name: 'Lyon', query: 'ville=Lyon', roleId: null });
  await lists.saveView(claire, { list: 'students', name: 'Absents', query: 'absent=1', roleId: recherche });
  await lists.saveView(claire, { list: 'alumni', name: 'Autre liste', query: '', roleId: null });
  await lists.saveView(hugo, { list: 'students', name: 'À Hugo', query: 'statut=alumni', roleId: null });
  await lists.saveView(hugo, { list: 'students', name: 'De Hugo à tous', query: 'q=a', roleId: recherche });
  await lists.rememberColumns(claire, 'students', ['nom', 'ville']);

  const seen = await lists.arrangement(claire, 'students');
  expect(seen.views.map(({ name, isMine, ownerName, roleLabel }) => [name, isMine, ownerName, roleLabel])).toEqual([
    ['Absents', true, 'claire@acme.example', 'Pôle Recherche'],
    ['De Hugo à tous', false, 'hugo@acme.example', 'Pôle Recherche'],
    ['Lyon', true, 'claire@acme.example', null],
  ]);
  expect(seen.columns).toEqual(['nom', 'ville']);
  expect(seen.roles.map(({ id }) => id).sort()).toEqual([await roleId('scolarite'), recherche].sort());

  const other = await lists.arrangement(hugo, 'students');
  expect(other.views.map(({ name }) => name)).toEqual(['À Hugo', 'Absents', 'De Hugo à tous']);
  expect(other.columns).toBeNull();
});

it('shows nothing but one’s roles to someone who arranged nothing', async () => {
  const claire = await staff('claire@acme.example', 'scolarite');
  const { views, columns, roles } = await app.services.lists.arrangement(claire, 'students');
  expect({ views, columns, roles: roles.length }).toEqual({ views: [], columns: null, roles: 1 });
});
