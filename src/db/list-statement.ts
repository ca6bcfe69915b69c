/** The statements of a list, made from its declaration, what is asked of it and who asks. */
import type { CursorValue, ListState } from '../shared/list-state.ts';
import type { Permission } from '../shared/permissions.ts';
import { Prisma, type SqlFragment } from './client.ts';
import type {
  ListColumn,
  ListContext,
  ListDefinition,
  ListOrder,
  ListPhase,
  ListRow,
  ListSearch,
  SortColumn,
} from './list-definition.ts';

/** A list, who asks and for what; the search is already understood. */
export interface ListQuestion<Row extends ListRow> {
  readonly definition: ListDefinition<Row>;
  readonly context: ListContext;
  readonly state: ListState;
  readonly search: ListSearch | null;
  /** Filters whose conditions the search holds already. */
  readonly planned: ReadonlySet<string>;
  readonly phases: readonly ListPhase[];
  /** What the rows are read for: each permission narrows them to its own scope. */
  readonly permissions: readonly Permission[];
  /** Only these rows; null: all that match. */
  readonly ids: readonly string[] | null;
}

/** Part of the rows, in the order asked for. */
export interface Stretch {
  readonly phase: number;
  /** Rows beyond this one; null: from the beginning. */
  readonly beyond: { readonly values: readonly CursorValue[]; readonly id: string } | null;
}

const all = (conditions: readonly SqlFragment[]): SqlFragment =>
  conditions.length > 0 ? Prisma.join([...conditions], ' AND ') : Prisma.sql`TRUE`;

const named = (name: string): SqlFragment => Prisma.raw(`\`${name}\``);

/** Every condition of a question, in AND. */
function conditionsOf<Row extends ListRow>(question: ListQuestion<Row>): SqlFragment {
  const { definition, context, state, search, planned, permissions, ids } = question;
  const { actor } = context;
  const conditions = permissions.map((permission) => definition.scope(actor, permission));
  conditions.push(...definition.base(state));
  if (ids) conditions.push(Prisma.sql`${definition.id} IN (${Prisma.join([...ids])})`);
  for (const filter of definition.filters) {
    const values = state.filters[filter.name];
    const reach = filter.group === undefined ? 'everywhere' : definition.reach(actor, filter.group);
    if (!values || reach === 'nowhere') continue;
    const condition = filter.condition(values, context);
    if (!condition) continue;
    if (!planned.has(filter.name)) conditions.push(condition);
    if (reach !== 'everywhere') conditions.push(reach);
  }
  if (search) conditions.push(...search.conditions);
  return all(conditions);
}

/** The order a state asks for. */
export function orderOf<Row extends ListRow>(question: ListQuestion<Row>): ListOrder {
  const order = question.definition.orders[question.state.sort.key];
  if (!order) throw new Error(`The list ${question.definition.key} has no order "${question.state.sort.key}"`);
  return order;
}

/** The stretches of an order, first to last: those of a search come before those of the order itself. */
export async function phasesFor<Row extends ListRow>(
  definition: ListDefinition<Row>,
  { sort }: ListState,
  context: ListContext,
  search: ListSearch | null,
): Promise<readonly ListPhase[]> {
  const isDefault = sort.key === definition.defaultSort.replace(/^-/, '');
  if (isDefault && search?.phases) return search.phases;
  return (await definition.orders[sort.key]?.phases?.(context, sort.descending)) ?? [{ condition: null }];
}

/** A value of a cursor as the database compares it. */
function parameter(value: CursorValue, kind: SortColumn['kind']): unknown {
  return kind === 'date' && typeof value === 'string' ? new Date(value) : value;
}

/**
 * `(a, b, id) > (?, ?, ?)`, written as the intervals of the index that it is: a > ?, then a = ? and b > ?, then a = ? and
 * b = ? and id > ?. The database enters the index at the row however many share its first values.
 */
function beyondCondition(
  { columns, unique }: ListOrder,
  fixed: number,
  id: SqlFragment,
  beyond: NonNullable<Stretch['beyond']>,
  descending: boolean,
): SqlFragment {
  const sign = Prisma.raw(descending ? '<' : '>');
  const keys = columns.map(({ expression, kind }, index) => ({
    expression,
    value: parameter(beyond.values[index] ?? null, kind),
  }));
  keys.splice(0, fixed);
  if (!unique) keys.push({ expression: id, value: beyond.id });
  const intervals = keys.map(({ expression, value }, index) => {
    const same = keys.slice(0, index).map((key) => Prisma.sql`${key.expression} = ${key.value}`);
    return all([...same, Prisma.sql`${expression} ${sign} ${value}`]);
  });
  return Prisma.sql`(${Prisma.join(intervals, ' OR ')})`;
}

/** Fields of the columns: expression and name; NULL on the rows where the actor may not read them. */
function fieldsOf<Row extends ListRow>(
  { definition, context }: ListQuestion<Row>,
  columns: readonly ListColumn<Row>[],
): SqlFragment[] {
  const fields = new Map<string, SqlFragment>();
  for (const column of columns) {
    const reach = column.group === undefined ? 'everywhere' : definition.reach(context.actor, column.group);
    if (reach === 'nowhere') continue;
    for (const [name, expression] of Object.entries(column.fields)) {
      const guarded = reach === 'everywhere' ? expression : Prisma.sql`IF(${reach}, ${expression}, NULL)`;
      fields.set(name, Prisma.sql`${guarded} AS ${named(name)}`);
    }
  }
  return [...fields.values()];
}

/** Joins the columns need, in the order of the declaration. */
function joinsOf<Row extends ListRow>(
  { definition }: ListQuestion<Row>,
  columns: readonly ListColumn<Row>[],
): SqlFragment {
  const needed = new Set(columns.flatMap((column) => column.joins ?? []));
  const joins = Object.entries(definition.joins).filter(([name]) => needed.has(name));
  return joins.length > 0
    ? Prisma.join(
        joins.map(([, join]) => join),
        ' ',
      )
    : Prisma.empty;
}

/** Name of the n-th sort value beside the fields of a row. */
export const sortField = (index: number): string => `sort${index}`;

/**
 * One page: the ids first, found in the order of an index, then the fields of those rows alone. Stretches that follow one
 * another are read together, each for itself in its own order.
 * @param backward reads towards the beginning; the rows come in that order
 */
export function pageStatement<Row extends ListRow>(
  question: ListQuestion<Row>,
  columns: readonly ListColumn<Row>[],
  stretches: readonly Stretch[],
  { limit, backward }: { limit: number; backward: boolean },
): SqlFragment {
  const { definition, state, search, phases } = question;
  const { id } = definition;
  const order = orderOf(question);
  const descending = state.sort.descending !== backward;
  const way = Prisma.raw(descending ? ' DESC' : '');
  const where = conditionsOf(question);
  const index = search ? null : (definition.index?.(state, question.context.actor) ?? null);
  const table = index ? Prisma.sql`${definition.from} FORCE INDEX (${named(index)})` : definition.from;
  const from = search?.from ?? table;

  const arms = stretches.map(({ phase, beyond }, place) => {
    const conditions = [where];
    const current = phases[phase];
    const fixed = current?.fixed ?? 0;
    if (current?.condition) conditions.push(current.condition);
    if (beyond) conditions.push(beyondCondition(order, fixed, id, beyond, descending));
    const keys = order.columns.map(({ expression }, index) => Prisma.sql`${expression} AS ${named(sortField(index))}`);
    const by = order.columns.slice(fixed).map(({ expression }) => Prisma.sql`${expression}${way}`);
    if (!order.unique) by.push(Prisma.sql`${id}${way}`);
    return Prisma.sql`SELECT ${Prisma.raw(String(place))} AS place, ${Prisma.raw(String(phase))} AS phase, ${Prisma.join([Prisma.sql`${id} AS id`, ...keys])} FROM ${current?.from ?? from} WHERE ${all(conditions)} ORDER BY ${Prisma.join(by)} LIMIT ${limit}`;
  });
  const page =
    arms.length === 1
      ? arms[0]
      : Prisma.join(
          arms.map((arm) => Prisma.sql`(${arm})`),
          ' UNION ALL ',
        );

  const pageOrder = [
    Prisma.sql`page.place`,
    ...order.columns.map((_, index) => Prisma.sql`page.${named(sortField(index))}${way}`),
    Prisma.sql`page.id${way}`,
  ];
  const keys = order.columns.map((_, index) => Prisma.sql`page.${named(sortField(index))}`);
  const selected = Prisma.join([Prisma.sql`page.id`, Prisma.sql`page.phase`, ...keys, ...fieldsOf(question, columns)]);
  const last = arms.length === 1 ? Prisma.empty : Prisma.sql` LIMIT ${limit}`;
  return Prisma.sql`SELECT ${selected} FROM (${page}) page STRAIGHT_JOIN ${definition.from} ON ${id} = page.id ${joinsOf(question, columns)} ORDER BY ${Prisma.join(pageOrder)}${last}`;
}

/** How many rows answer a question. */
export function countStatement<Row extends ListRow>(question: ListQuestion<Row>): SqlFragment {
  const { definition, search } = question;
  const from = search?.countFrom ?? search?.from ?? definition.from;
  return Prisma.sql`SELECT COUNT(*) AS total FROM ${from} WHERE ${conditionsOf(question)}`;
}
