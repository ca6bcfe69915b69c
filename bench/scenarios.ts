/** What is measured: requests to the product, and the plain SQL that the same page needs at least. */
import { inventPerson, type WorldPerson, type WorldShape } from '../scripts/worlds/people.ts';
import { studentId } from '../scripts/worlds/load.ts';
import { cities } from '../scripts/worlds/vocabulary.ts';
import { formatPhone } from '../src/shared/phone.ts';
import type { FloorStatement } from './floor.ts';
import type { Visitor } from './visitor.ts';

/** One request of a scenario and what the floor runs for it. */
export interface Turn {
  readonly path: string;
  readonly statements: readonly FloorStatement[];
  /** Stands in the right answer: a page that is quick because it is empty counts for nothing. */
  readonly mustContain: string;
}

export interface PageScenario {
  readonly name: string;
  /** Lists and records must reach a share of the floor's throughput. */
  readonly hasFloorTarget: boolean;
  /** Requests that follow each other. Made only when the scenario is chosen. */
  readonly turns: (visitor: Visitor) => Promise<readonly Turn[]>;
}

/** Different values asked in turn, so that no answer is made for one value alone. */
const VARIETY = 200;
const PAGE_ROWS = 50;

/** What a row of the list shows by default. */
const LIST_FIELDS = `s.id, s.last_name, s.first_name, s.archived_at, s.missing_since, s.anomaly_count, s.student_number, s.status,
  COALESCE(p.label, s.cursus) AS programme, s.email, s.personal_phone, s.postcode, s.city, s.updated_at,
  (SELECT GROUP_CONCAT(t.label ORDER BY t.label_key) FROM tagging g JOIN tag t ON t.id = g.tag_id WHERE g.subject_type = 'student' AND g.subject_id = s.id) AS tags`;
const IN_SIGHT = 's.merged_into_id IS NULL AND s.restricted_at IS NULL AND s.archived_at IS NULL';

/** One page of a list: one row more than it shows tells whether another follows. */
function listStatement(from: string, where: string, order: string, values: FloorStatement['values']): FloorStatement {
  return {
    sql: `SELECT ${LIST_FIELDS} FROM ${from} LEFT JOIN programme p ON p.id = s.programme_id WHERE ${where} ORDER BY ${order} LIMIT ${PAGE_ROWS + 1}`,
    values,
  };
}

const address = (parameters: Record<string, string>): string =>
  `/etudiants?${new URLSearchParams(parameters).toString()}`;

/** People spread over the whole world. */
export function somePeople(
  shape: WorldShape,
  people: number,
  count: number,
  isWanted: (person: WorldPerson) => boolean = () => true,
): WorldPerson[] {
  const found: WorldPerson[] = [];
  const step = Math.max(1, Math.floor(people / (count * 3)));
  // Once over the whole world, and again beside the first steps while too few were found.
  for (let beside = 0; beside < step && found.length < count; beside += 1)
    for (let rank = beside; rank < people && found.length < count; rank += step) {
      const person = inventPerson(shape, rank);
      if (isWanted(person)) found.push(person);
    }
  if (found.length === 0) throw new Error('Nobody in this world answers to the scenario');
  return found;
}

/** Beginnings of names that many people bear. */
const PREFIXES = ['mar', 'ber', 'cha', 'dub', 'gar', 'lam', 'rou', 'mou'];

/** The cursor of page 500, reached as a script reaches it: page after page. */
async function walkToPage500(visitor: Visitor): Promise<{ cursor: string; lastId: string }> {
  const ahead = 499 * PAGE_ROWS;
  let cursor = '';
  let lastId = '';
  for (let done = 0; done < ahead;) {
    const limit = Math.min(2 * PAGE_ROWS, ahead - done);
    const query = new URLSearchParams({ limite: String(limit), colonnes: 'nom', ...(cursor ? { apres: cursor } : {}) });
    const page = JSON.parse(await visitor.read(`/etudiants.json?${query.toString()}`)) as {
      rows: { id: string }[];
      next: string | null;
    };
    done += page.rows.length;
    lastId = page.rows.at(-1)?.id ?? lastId;
    if (page.next === null) throw new Error('This world has no page 500: give --people 30000 or more');
    cursor = page.next;
  }
  return { cursor, lastId };
}

export interface ScenarioWorld {
  readonly shape: WorldShape;
  readonly people: number;
  /** Back-quoted name of the schema that holds the NIR. */
  readonly nirSchema: string;
}

/** The scenarios that read; the one that writes is in save-scenario.ts. */
export function pageScenarios({ shape, people, nirSchema }: ScenarioWorld): readonly PageScenario[] {
  return [
    {
      name: 'students, first page',
      hasFloorTarget: true,
      turns: async () => [
        {
          path: '/etudiants',
          statements: [listStatement('student s', IN_SIGHT, 's.name_key, s.id', [])],
          mustContain: 'href="/etudiants/',
        },
      ],
    },
    {
      name: 'students, filtered and sorted',
      hasFloorTarget: true,
      turns: async () =>
        [...new Set(cities.map(([, city]) => city))].slice(0, 24).map((city, index) => {
          const [sort, order] =
            index % 2 === 0 ? ['-maj', 's.updated_at DESC, s.id DESC'] : ['nom', 's.name_key, s.id'];
          return {
            path: address({ statut: 'alumni', ville: city, tri: sort ?? '' }),
            statements: [
              listStatement('student s', `${IN_SIGHT} AND s.status = ? AND s.city = ?`, order ?? '', ['alumni', city]),
            ],
            mustContain: 'href="/etudiants/',
          };
        }),
    },
    {
      name: 'students, page 500',
      hasFloorTarget: true,
      async turns(visitor) {
        const { cursor, lastId } = await walkToPage500(visitor);
        const rank = Number.parseInt(lastId.slice(-12), 16);
        const { nameKey } = inventPerson(shape, rank);
        return [
          {
            path: address({ apres: cursor }),
            statements: [
              listStatement(
                'student s',
                `${IN_SIGHT} AND s.name_key >= ? AND (s.name_key > ? OR s.id > ?)`,
                's.name_key, s.id',
                [nameKey, nameKey, lastId],
              ),
            ],
            mustContain: 'href="/etudiants/',
          },
        ];
      },
    },
    {
      name: 'search, beginning of a name',
      hasFloorTarget: false,
      turns: async () =>
        PREFIXES.map((prefix) => ({
          path: address({ q: prefix }),
          statements: [
            listStatement(
              '(SELECT DISTINCT student_id FROM student_search_token WHERE token LIKE ?) found JOIN student s ON s.id = found.student_id',
              IN_SIGHT,
              's.name_key, s.id',
              [`${prefix}%`],
            ),
          ],
          mustContain: 'href="/etudiants/',
        })),
    },
    {
      name: 'search, phone',
      hasFloorTarget: false,
      turns: async () =>
        somePeople(shape, people, VARIETY, (person) => person.personalPhone !== null).map((person) => {
          const phone = person.personalPhone ?? '';
          return {
            path: address({ q: formatPhone(phone) }),
            statements: [
              listStatement(
                'student s',
                `${IN_SIGHT} AND (s.personal_phone = ? OR s.professional_phone = ?)`,
                's.name_key, s.id',
                [phone, phone],
              ),
            ],
            mustContain: `/etudiants/${studentId(person.rank)}`,
          };
        }),
    },
    {
      name: 'student record',
      hasFloorTarget: true,
      turns: async () =>
        somePeople(shape, people, VARIETY).map((person) => {
          const id = studentId(person.rank);
          return {
            path: `/etudiants/${id}`,
            statements: recordStatements(id, nirSchema),
            mustContain: person.studentNumber,
          };
        }),
    },
  ];
}

/** What a record shows: the person, the figures of its tabs, the tags, the last digits of the number. */
function recordStatements(id: string, nirSchema: string): FloorStatement[] {
  return [
    {
      sql: 'SELECT s.*, p.label AS programme, c.label AS cohort FROM student s LEFT JOIN programme p ON p.id = s.programme_id LEFT JOIN cohort c ON c.id = s.cohort_id WHERE s.id = ? AND s.merged_into_id IS NULL AND s.restricted_at IS NULL',
      values: [id],
    },
    {
      sql: "SELECT (SELECT COUNT(*) FROM note n WHERE n.subject_type = 'student' AND n.subject_id = ? AND n.archived_at IS NULL) AS notes, (SELECT COUNT(*) FROM position o WHERE o.student_id = ?) AS positions, (SELECT COUNT(*) FROM import_row r WHERE r.entity_id = ?) AS imports",
      values: [id, id, id],
    },
    {
      sql: "SELECT t.id, t.label FROM tagging g JOIN tag t ON t.id = g.tag_id WHERE g.subject_type = 'student' AND g.subject_id = ? ORDER BY t.label_key",
      values: [id],
    },
    { sql: `SELECT key_digits FROM ${nirSchema}.student_nir WHERE student_id = ?`, values: [id] },
  ];
}
