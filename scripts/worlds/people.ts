/** Invents the people and companies of a world, one by one, from their rank: nothing is kept in memory. */
import { companyNameKey } from '../../src/shared/company-name.ts';
import { nameKey } from '../../src/shared/names.ts';
import { nirKey } from '../../src/shared/nir.ts';
import { formatStudentNumber } from '../../src/shared/student-number.ts';
import type { StudentStatus } from '../../src/shared/student-status.ts';
import { stripAccents } from '../../src/shared/text.ts';
import { createChance, type Chance } from './random.ts';
import { cities, firmName, firstNames, lastNames, programmes, sectors, streets } from './vocabulary.ts';

export interface WorldPerson {
  readonly rank: number;
  readonly studentNumber: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly nameKey: string;
  readonly status: StudentStatus;
  readonly nir: string;
  readonly email: string | null;
  readonly schoolEmail: string | null;
  readonly personalPhone: string | null;
  readonly professionalPhone: string | null;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
  readonly cursus: string;
  /** Days since the last change. */
  readonly ageInDays: number;
  /** For alumni: rank of the company they work for, or null. */
  readonly companyRank: number | null;
}

export interface WorldCompany {
  readonly rank: number;
  readonly name: string;
  readonly nameKey: string;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
  readonly email: string;
  readonly phone: string;
  readonly sector: string;
  readonly stage: string;
}

/** Phone ranges kept for fiction by Arcep: valid numbers that nobody has. */
const FICTION = ['+33199 00', '+33261 91', '+33353 01', '+33465 71', '+33536 49'].map((range) =>
  range.replace(' ', ''),
);

const digits = (chance: Chance, count: number): string => String(chance.below(10 ** count)).padStart(count, '0');

/** Numbers of one span of years; people beyond them are born in another. */
const NIRS_OF_A_SPAN = 989 * 998;

/** The rank makes the number unique; the rest is chance. */
function inventNir(chance: Chance, rank: number): string {
  const sex = 1 + chance.below(2);
  const year = String(85 - 25 * Math.floor(rank / NIRS_OF_A_SPAN) + chance.below(22))
    .slice(-2)
    .padStart(2, '0');
  const month = String(1 + chance.below(12)).padStart(2, '0');
  const department = String(1 + chance.below(95))
    .padStart(2, '0')
    .replace('20', '19');
  const place = String(1 + (rank % 989)).padStart(3, '0');
  const order = String(1 + (Math.floor(rank / 989) % 998)).padStart(3, '0');
  const body = `${sex}${year}${month}${department}${place}${order}`;
  return body + nirKey(body);
}

function mailbox(text: string): string {
  return stripAccents(text)
    .toLowerCase()
    .replace(/[^a-z]+/g, '');
}

function statusOf(chance: Chance): StudentStatus {
  const draw = chance.next();
  return draw < 0.12 ? 'prospect' : draw < 0.2 ? 'en_fonction' : 'alumni';
}

export interface WorldShape {
  readonly seed: number;
  readonly companies: number;
  /** True: mobile-like numbers, all different, for volume; false: numbers of the fiction ranges. */
  readonly distinctPhones: boolean;
  /** Share of each status; the default is that of a school with many alumni. */
  readonly status?: (chance: Chance) => StudentStatus;
  readonly year: number;
}

export function inventPerson(shape: WorldShape, rank: number): WorldPerson {
  const chance = createChance(shape.seed * 1_000_003 + rank);
  const firstName = chance.pick(firstNames);
  const lastName = chance.pick(lastNames);
  const status = (shape.status ?? statusOf)(chance);
  const [postcode, city] = chance.pick(cities);
  const phone = (): string =>
    shape.distinctPhones
      ? `+336${String(10_000_000 + ((rank * 7) % 89_999_999)).padStart(8, '0')}`
      : chance.pick(FICTION) + digits(chance, 4);
  return {
    rank,
    studentNumber: formatStudentNumber('AC', shape.year - Math.floor(rank / 99_999), (rank % 99_999) + 1),
    lastName,
    firstName,
    nameKey: nameKey(lastName, firstName),
    status,
    nir: inventNir(chance, rank),
    email: chance.happens(0.85) ? `${mailbox(firstName)}.${mailbox(lastName)}${rank}@example.org` : null,
    schoolEmail: status === 'en_fonction' ? `${mailbox(firstName)}.${mailbox(lastName)}${rank}@etu.acme.example` : null,
    personalPhone: chance.happens(0.9) ? phone() : null,
    professionalPhone: status === 'alumni' && chance.happens(0.4) ? chance.pick(FICTION) + digits(chance, 4) : null,
    street: `${1 + chance.below(180)} ${chance.pick(streets)}`,
    postcode,
    city,
    cursus: chance.pick(programmes),
    ageInDays: chance.below(900),
    companyRank:
      status === 'alumni' && shape.companies > 0 && chance.happens(0.6) ? chance.below(shape.companies) : null,
  };
}

const STAGES = ['suspect', 'suspect', 'contacted', 'meeting', 'partner', 'partner', 'key_partner', 'dormant'] as const;

export function inventCompany(shape: WorldShape, rank: number): WorldCompany {
  const chance = createChance(shape.seed * 7_000_003 + rank);
  const name = firmName(rank);
  const [postcode, city] = chance.pick(cities);
  return {
    rank,
    name,
    nameKey: companyNameKey(name),
    street: `${1 + chance.below(180)} ${chance.pick(streets)}`,
    postcode,
    city,
    email: `contact@${mailbox(name)}.example.com`,
    phone: chance.pick(FICTION) + digits(chance, 4),
    sector: chance.pick(sectors),
    stage: chance.pick(STAGES),
  };
}
