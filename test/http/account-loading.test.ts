import { expect, it } from 'vitest';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { TEST_PASSWORD, useTestApp } from '../support/app.ts';

const app = useTestApp();

async function createStaff(...roleKeys: string[]): Promise<string> {
  const { id } = await app.services.accounts.createUser(systemActor('test', 'cli'), {
    email: `${newId()}@acme.example`,
    name: 'Claire Fontanel',
    roleKeys,
    password: TEST_PASSWORD,
  });
  return id;
}

const load = (id: string) => app.services.accounts.load(id, { ip: null, requestId: null });

it('holds each role and each programme once, roles in the order of their names', async () => {
  const { prisma } = app.services.database;
  const id = await createStaff('scolarite', 'recherche');
  const programmeIds = [newId(), newId()].sort();
  await prisma.programme.createMany({
    data: programmeIds.map((programmeId) => ({ id: programmeId, label: programmeId, labelKey: programmeId })),
  });
  await prisma.userProgramme.createMany({ data: programmeIds.map((programmeId) => ({ userId: id, programmeId })) });

  const loaded = await load(id);
  const labels = loaded?.account.roles.map(({ label }) => label) ?? [];
  expect(labels).toHaveLength(2);
  expect(labels).toEqual([...labels].sort((one, other) => one.localeCompare(other, 'fr')));
  expect([...(loaded?.actor.programmeIds ?? [])].sort()).toEqual(programmeIds);
});

it('holds no limit of programmes and no right where there is none', async () => {
  const loaded = await load(await createStaff());
  expect(loaded?.actor).toMatchObject({ programmeIds: null, grants: [] });
  expect(loaded?.account.roles).toEqual([]);
});

it('counts what was taken away from the next request on: a right, a session, the account', async () => {
  const { prisma } = app.services.database;
  const claire = await app.signInAs('scolarite');
  const status = async (path: string) => (await claire.agent.get(path)).status;
  expect(await status('/etudiants')).toBe(200);

  const { roleId } = await prisma.userRole.findFirstOrThrow({ where: { userId: claire.userId } });
  await prisma.userRole.deleteMany({ where: { userId: claire.userId } });
  expect(await status('/etudiants')).toBe(403);
  await prisma.userRole.create({ data: { userId: claire.userId, roleId } });
  expect(await status('/etudiants')).toBe(200);

  await prisma.staffUser.update({ where: { id: claire.userId }, data: { disabledAt: new Date() } });
  expect(await status('/etudiants')).toBe(303);
  await prisma.staffUser.update({ where: { id: claire.userId }, data: { disabledAt: null } });
  await prisma.staffSession.deleteMany({ where: { userId: claire.userId } });
  expect(await status('/etudiants')).toBe(303);
});
