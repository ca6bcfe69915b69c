/**
 * Records that share a value, found by index alone: no two records are ever compared that share nothing. A group larger than
 * twenty says nothing of anyone (a switchboard, an address of the family): it is counted and passed over.
 */
import { Prisma, type Reader } from '../../db/client.ts';

type Source = Pick<Reader, 'query'>;

/** Members of a group at most. */
const LARGEST_GROUP = 20;
/** Groups read at a time: some thousands of records in memory at most. */
const GROUPS_PER_PAGE = 500;

/** Ids of the records of each group, and how many groups were too large. */
export interface Groups {
  readonly groups: readonly (readonly string[])[];
  readonly skipped: number;
}

/** Columns, of one index and in its order, whose values must all be equal and present. */
export interface Block {
  readonly table: 'student' | 'company';
  readonly columns: readonly string[];
}

interface GroupRow {
  readonly members: number;
  readonly ids: string | null;
  readonly [column: string]: unknown;
}

const column = (name: string): Prisma.Sql => Prisma.raw(`t.${name}`);

const membersAndIds = Prisma.sql`COUNT(*) AS members, IF(COUNT(*) <= ${LARGEST_GROUP}, GROUP_CONCAT(t.id), NULL) AS ids`;

function toGroups(rows: readonly GroupRow[]): Groups {
  return {
    groups: rows.flatMap(({ ids }) => (ids === null ? [] : [ids.split(',')])),
    skipped: rows.filter(({ ids }) => ids === null).length,
  };
}

/** Every group of a block, page after page, in the order of its index. */
export async function* allGroups(source: Source, { table, columns }: Block): AsyncGenerator<Groups> {
  const list = Prisma.join(columns.map(column));
  let place: readonly unknown[] | null = null;
  for (;;) {
    const rows: GroupRow[] = await source.query<GroupRow>(
      Prisma.sql`SELECT ${list}, ${membersAndIds} FROM ${Prisma.raw(table)} t WHERE ${place ? beyond(columns, place) : Prisma.sql`${column(columns[0] ?? 'id')} IS NOT NULL`} GROUP BY ${list} HAVING members > 1 ORDER BY ${list} LIMIT ${GROUPS_PER_PAGE}`,
    );
    if (rows.length > 0) yield toGroups(rows);
    const last = rows.at(-1);
    if (!last || rows.length < GROUPS_PER_PAGE) return;
    place = columns.map((name) => last[name]);
  }
}

/** `a > ? OR (a = ? AND b > ?)`: what follows a place in the index. */
function beyond(columns: readonly string[], place: readonly unknown[]): Prisma.Sql {
  const steps = columns.map((name, index) => {
    const equal = columns.slice(0, index).map((other, at) => Prisma.sql`${column(other)} = ${place[at]}`);
    return Prisma.sql`(${Prisma.join([...equal, Prisma.sql`${column(name)} > ${place[index]}`], ' AND ')})`;
  });
  return Prisma.sql`(${Prisma.join(steps, ' OR ')})`;
}

/** The groups of a block that hold at least one of these records. */
export async function groupsWith(source: Source, { table, columns }: Block, ids: readonly string[]): Promise<Groups> {
  if (ids.length === 0) return { groups: [], skipped: 0 };
  const name = Prisma.raw(table);
  const list = Prisma.join(columns.map(column));
  const values = Prisma.raw(columns.join(', '));
  const present = Prisma.join(
    columns.map((one) => Prisma.sql`${Prisma.raw(one)} IS NOT NULL`),
    ' AND ',
  );
  const equal = Prisma.join(
    columns.map((one) => Prisma.sql`${column(one)} = ${Prisma.raw(`v.${one}`)}`),
    ' AND ',
  );
  const rows = await source.query<GroupRow>(
    Prisma.sql`SELECT ${list}, ${membersAndIds} FROM (SELECT DISTINCT ${values} FROM ${name} WHERE id IN (${Prisma.join([...ids])}) AND ${present}) v JOIN ${name} t ON ${equal} GROUP BY ${list} HAVING members > 1`,
  );
  return toGroups(rows);
}

/** Two columns of one kind (two phones, two addresses): a value may stand in one here and in the other there. */
export interface TwinColumns {
  readonly table: 'student';
  readonly first: string;
  readonly second: string;
}

/** Values that one record has in one column and another record in the other, page after page. */
export async function* crossedValues(source: Source, { table, first, second }: TwinColumns): AsyncGenerator<string[]> {
  let place = '';
  for (;;) {
    const rows: { value: string }[] = await source.query<{ value: string }>(
      Prisma.sql`SELECT DISTINCT ${column(second)} AS value FROM ${Prisma.raw(table)} t WHERE ${column(second)} > ${place} AND EXISTS (SELECT 1 FROM ${Prisma.raw(table)} o WHERE ${Prisma.raw(`o.${first}`)} = ${column(second)} AND o.id <> t.id) ORDER BY value LIMIT ${GROUPS_PER_PAGE}`,
    );
    if (rows.length > 0) yield rows.map(({ value }) => value);
    if (rows.length < GROUPS_PER_PAGE) return;
    place = rows.at(-1)?.value ?? place;
  }
}

/** Groups of records that have one of these values in either column. */
export async function groupsByValue(
  source: Source,
  { table, first, second }: TwinColumns,
  values: readonly string[],
): Promise<Groups> {
  if (values.length === 0) return { groups: [], skipped: 0 };
  const list = Prisma.join([...values]);
  const name = Prisma.raw(table);
  const rows = await source.query<GroupRow>(
    Prisma.sql`SELECT t.value, ${membersAndIds} FROM (SELECT ${Prisma.raw(first)} AS value, id FROM ${name} WHERE ${Prisma.raw(first)} IN (${list}) UNION SELECT ${Prisma.raw(second)}, id FROM ${name} WHERE ${Prisma.raw(second)} IN (${list})) t GROUP BY t.value HAVING members > 1`,
  );
  return toGroups(rows);
}

/** Values of both columns on these records. */
export async function valuesOf(
  source: Source,
  { table, first, second }: TwinColumns,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const list = Prisma.join([...ids]);
  const rows = await source.query<{ value: string }>(
    Prisma.sql`SELECT ${Prisma.raw(first)} AS value FROM ${Prisma.raw(table)} WHERE id IN (${list}) AND ${Prisma.raw(first)} IS NOT NULL UNION SELECT ${Prisma.raw(second)} FROM ${Prisma.raw(table)} WHERE id IN (${list}) AND ${Prisma.raw(second)} IS NOT NULL`,
  );
  return rows.map(({ value }) => value);
}

/** Companies one of which has a site that bears the other's number. */
export async function siteGroups(source: Source, companyIds: readonly string[] | null): Promise<Groups> {
  const among = companyIds
    ? Prisma.sql`AND (c.id IN (${Prisma.join([...companyIds])}) OR e.company_id IN (${Prisma.join([...companyIds])}))`
    : Prisma.empty;
  const rows = await source.query<{ one: string; other: string }>(
    Prisma.sql`SELECT DISTINCT c.id AS one, e.company_id AS other FROM company_site e JOIN company c ON c.siren = LEFT(e.siret, 9) WHERE e.siret IS NOT NULL AND e.company_id <> c.id ${among} LIMIT 10000`,
  );
  return { groups: rows.map(({ one, other }) => [one, other]), skipped: 0 };
}
