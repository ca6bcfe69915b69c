/**
 * The demo world: a school of 700 people as a newcomer finds it, with companies, contacts, notes and tags. Its people did not come
 * from a workbook: a first import of the school's own files reads as it would on an empty base.
 */
import { randomInt } from 'node:crypto';
import type { Config } from '../../src/config.ts';
import type { Services } from '../../src/container.ts';
import { Prisma } from '../../src/db/client.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { nameKey, searchTokens } from '../../src/shared/names.ts';
import { builtInRoles } from '../../src/shared/permissions.ts';
import { foldText } from '../../src/shared/text.ts';
import { companyId, loadWorld, programmeId, studentId } from './load.ts';
import { inventCompany, inventPerson, type WorldShape } from './people.ts';
import { createChance } from './random.ts';
import { firstNames, jobTitles, lastNames, positionTitles, programmes } from './vocabulary.ts';

const DEMO_PEOPLE = 700;
const DEMO_COMPANIES = 60;

/** The shape of the demo: more enrolled students than a school with decades of alumni would show. */
const demoShape: WorldShape = {
  seed: 2026,
  companies: DEMO_COMPANIES,
  distinctPhones: false,
  year: 2026,
  status: (chance) => {
    const draw = chance.next();
    return draw < 0.22 ? 'prospect' : draw < 0.62 ? 'en_fonction' : 'alumni';
  },
};

/** One member of staff a role. All invented. */
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

export interface DemoAccount {
  readonly site: 'admin' | 'portal';
  readonly email: string;
  readonly password: string;
  readonly role: string;
}

const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

/** Easy to copy: five random words of three syllables, more than 80 bits. */
function readablePassword(): string {
  const letter = (letters: string) => letters[randomInt(letters.length)] as string;
  const word = () => Array.from({ length: 3 }, () => letter(CONSONANTS) + letter(VOWELS)).join('');
  const phrase = Array.from({ length: 5 }, word).join('-');
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}${randomInt(10, 100)}`;
}

async function createStaff(services: Services): Promise<{ accounts: DemoAccount[]; userIds: Map<string, string> }> {
  await services.accounts.ensureBuiltInRoles();
  const accounts: DemoAccount[] = [];
  const userIds = new Map<string, string>();
  for (const role of builtInRoles) {
    const account: DemoAccount = {
      site: 'admin',
      email: `${role.key}@acme.example`,
      password: readablePassword(),
      role: role.key,
    };
    const roleKeys = role.key === 'agent-nir' ? ['scolarite', 'agent-nir'] : [role.key];
    const { id } = await services.accounts.createUser(systemActor('crm demo', 'cli'), {
      email: account.email,
      password: account.password,
      name: STAFF[role.key] ?? role.label,
      roleKeys,
    });
    accounts.push(account);
    userIds.set(role.key, id);
  }
  return { accounts, userIds };
}

const COHORTS = ['Promotion 2025', 'Promotion 2026', 'Promotion 2027', 'Promotion 2028'];

const TAGS = [
  { label: 'Boursier', colour: 'green' },
  { label: 'Alternance', colour: 'blue' },
  { label: 'Ambassadeur', colour: 'orange' },
  { label: 'Forum 2026', colour: 'purple' },
] as const;

const NOTES = [
  'Rencontrée au salon de l’étudiant : hésite entre deux formations, à rappeler début décembre.',
  'A déménagé en septembre ; nouvelle adresse confirmée par téléphone.',
  'Propose d’intervenir au forum des métiers.',
  'Dossier complet, en attente de l’entretien de motivation.',
  'Cherche une alternance dans la région, CV à jour.',
];

const COMPANY_NOTES = [
  'Accueille deux stagiaires chaque printemps, très satisfaite.',
  'Souhaite verser le solde de la taxe d’apprentissage à l’école.',
  'Relancer après les fêtes pour une offre d’alternance en contrôle de gestion.',
];

async function addLife(services: Services, userIds: ReadonlyMap<string, string>): Promise<void> {
  const chance = createChance(demoShape.seed);
  const scolarite = userIds.get('scolarite') as string;
  const relations = userIds.get('relations-exterieures') as string;
  const people = Array.from({ length: DEMO_PEOPLE }, (_, rank) => inventPerson(demoShape, rank));
  const cohortIds = new Map(programmes.map((label) => [label, COHORTS.map(() => newId())]));
  const tagIds = TAGS.map(() => newId());

  await inTransaction(
    services.database,
    async ({ prisma, execute }) => {
      // Keeping updated_at as the world set it.
      await execute(Prisma.sql`UPDATE company SET created_by_id = ${relations}, updated_at = updated_at`);
      await execute(Prisma.sql`UPDATE student SET created_by_id = ${scolarite}, updated_at = updated_at`);
      await prisma.cohort.createMany({
        data: programmes.flatMap((programme) =>
          COHORTS.map((label, index) => ({
            id: cohortIds.get(programme)?.[index] as string,
            programmeId: programmeId(programme),
            label,
            labelKey: foldText(label),
          })),
        ),
      });
      for (const [index] of COHORTS.entries()) {
        for (const programme of programmes) {
          const cohortId = cohortIds.get(programme)?.[index] as string;
          const members = people
            .filter(
              (one) => one.cursus === programme && one.status === 'en_fonction' && one.rank % COHORTS.length === index,
            )
            .map((one) => studentId(one.rank));
          if (members.length === 0) continue;
          await execute(
            Prisma.sql`UPDATE student SET cohort_id = ${cohortId}, updated_at = updated_at WHERE id IN (${Prisma.join(members)})`,
          );
          await prisma.enrolment.updateMany({ where: { studentId: { in: members } }, data: { cohortId } });
        }
      }
      await prisma.tag.createMany({
        data: TAGS.map((tag, index) => ({
          id: tagIds[index] as string,
          label: tag.label,
          labelKey: foldText(tag.label),
          colour: tag.colour,
        })),
      });
      await prisma.tagging.createMany({
        data: [
          ...people
            .filter(() => chance.happens(0.15))
            .map((one) => ({
              tagId: tagIds[one.rank % 3] as string,
              subjectType: 'student',
              subjectId: studentId(one.rank),
              createdById: scolarite,
            })),
          ...Array.from({ length: DEMO_COMPANIES }, (_, rank) => rank)
            .filter((rank) => rank % 4 === 0)
            .map((rank) => ({
              tagId: tagIds[3] as string,
              subjectType: 'company',
              subjectId: companyId(rank),
              createdById: relations,
            })),
        ],
      });
      await prisma.note.createMany({
        data: [
          ...people
            .filter((one) => one.rank % 9 === 0)
            .map((one) => ({
              id: newId(),
              subjectType: 'student',
              subjectId: studentId(one.rank),
              body: chance.pick(NOTES),
              authorId: scolarite,
            })),
          ...Array.from({ length: DEMO_COMPANIES }, (_, rank) => rank)
            .filter((rank) => rank % 3 === 0)
            .map((rank) => ({
              id: newId(),
              subjectType: 'company',
              subjectId: companyId(rank),
              body: chance.pick(COMPANY_NOTES),
              authorId: relations,
            })),
        ],
      });
      for (const one of people.filter((person) => person.companyRank !== null)) {
        await prisma.position.updateMany({
          where: { studentId: studentId(one.rank) },
          data: { title: chance.pick(positionTitles) },
        });
      }
      const contacts = Array.from({ length: DEMO_COMPANIES * 2 }, (_, rank) => {
        const lastName = chance.pick(lastNames);
        const firstName = chance.pick(firstNames);
        const company = inventCompany(demoShape, rank % DEMO_COMPANIES);
        return {
          id: newId(),
          companyId: companyId(company.rank),
          lastName,
          firstName,
          nameKey: nameKey(lastName, firstName),
          jobTitle: chance.pick(jobTitles),
          contactRole: chance.pick(['hr', 'management', 'tutor', 'accounting', 'communication', 'other']),
          email: `contact${rank}@${company.email.split('@')[1] ?? 'example.com'}`,
          phone: company.phone,
          createdById: relations,
        };
      });
      await prisma.contact.createMany({ data: contacts });
      await prisma.contactSearchToken.createMany({
        data: contacts.flatMap((one) =>
          searchTokens(one.lastName, one.firstName).map((token) => ({ token, contactId: one.id })),
        ),
      });
    },
    { timeout: 60_000 },
  );
}

/** Fills an empty database. @returns the accounts, with their passwords: nothing else ever knows them */
export async function loadDemoWorld(services: Services, config: Config, nowMs: number): Promise<DemoAccount[]> {
  if (!config.keys.nir || !config.keys.nirIndex) throw new Error('The demo world needs the NIR keys');
  const { accounts, userIds } = await createStaff(services);
  await loadWorld({
    database: services.database,
    keys: { nir: config.keys.nir, nirIndex: config.keys.nirIndex },
    shape: demoShape,
    people: DEMO_PEOPLE,
    nowMs,
  });
  await addLife(services, userIds);
  return accounts;
}
