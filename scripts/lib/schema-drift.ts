/** Says where a migrated database differs from the Prisma schema: a field without a column fails only when it is read. */
import type { Connection } from 'mariadb';
import type { Schema, SchemaField, SchemaModel } from './prisma-schema.ts';

interface ColumnRow {
  tableName: string;
  columnName: string;
  columnType: string;
  isNullable: string;
  columnDefault: string | null;
  extra: string;
  collation: string | null;
}

interface IndexRow {
  tableName: string;
  indexName: string;
  nonUnique: number | bigint;
  columnName: string;
  direction: string | null;
  indexType: string;
}

interface ForeignKeyRow {
  tableName: string;
  name: string;
  columnName: string;
  referencedTable: string;
  referencedColumn: string;
  onDelete: string;
  onUpdate: string;
}

/**
 * Compares tables, columns (type, null, default), indexes with their names, and foreign keys.
 * @param connection on the database, migrated and holding nothing else
 * @returns one sentence a difference; empty when there is none
 */
export async function findDrift(connection: Connection, schema: Schema): Promise<string[]> {
  const found = await describeDatabase(connection);
  const differences: string[] = [];
  const say = (place: string, text: string): void => void differences.push(`${place}: ${text}`);
  const expectedTables = new Set(schema.models.map((model) => model.table));
  for (const table of found.tables.keys()) if (!expectedTables.has(table)) say(table, 'no model for this table');

  for (const model of schema.models) {
    const engine = found.tables.get(model.table);
    if (engine === undefined) {
      say(model.table, `no table for the model ${model.name}`);
      continue;
    }
    if (engine !== 'InnoDB') say(model.table, `engine is ${engine}, not InnoDB`);
    compareColumns(model, schema, group(found.columns, model.table), say);
    compareSets(model.table, 'index', expectedIndexes(model), foundIndexes(found, model.table), say);
    compareSets(model.table, 'foreign key', expectedForeignKeys(model, schema), foundForeignKeys(found, model), say);
  }
  return differences;
}

type Say = (place: string, text: string) => void;
type Found = Awaited<ReturnType<typeof describeDatabase>>;

async function describeDatabase(connection: Connection) {
  const tables = await connection.query<{ tableName: string; engine: string }[]>(
    "SELECT table_name AS tableName, engine AS engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations'",
  );
  const columns = await connection.query<ColumnRow[]>(
    'SELECT table_name AS tableName, column_name AS columnName, column_type AS columnType, is_nullable AS isNullable, column_default AS columnDefault, extra AS extra, collation_name AS collation FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position',
  );
  const indexes = await connection.query<IndexRow[]>(
    'SELECT table_name AS tableName, index_name AS indexName, non_unique AS nonUnique, column_name AS columnName, collation AS direction, index_type AS indexType FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index',
  );
  const foreignKeys = await connection.query<ForeignKeyRow[]>(
    'SELECT k.table_name AS tableName, k.constraint_name AS name, k.column_name AS columnName, k.referenced_table_name AS referencedTable, k.referenced_column_name AS referencedColumn, r.delete_rule AS onDelete, r.update_rule AS onUpdate FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL ORDER BY k.table_name, k.constraint_name, k.ordinal_position',
  );
  return { tables: new Map(tables.map((row) => [row.tableName, row.engine])), columns, indexes, foreignKeys };
}

const group = <Row extends { tableName: string }>(rows: Row[], table: string): Row[] =>
  rows.filter((row) => row.tableName === table);

function compareColumns(model: SchemaModel, schema: Schema, rows: ColumnRow[], say: Say): void {
  const modelNames = new Set(schema.models.map(({ name }) => name));
  const fields = model.fields.filter((field) => !modelNames.has(field.type));
  for (const row of rows) {
    if (!fields.some((field) => field.column === row.columnName)) say(`${model.table}.${row.columnName}`, 'no field');
  }
  for (const field of fields) {
    const row = rows.find((one) => one.columnName === field.column);
    const place = `${model.table}.${field.column}`;
    if (!row) {
      say(place, `no column for ${model.name}.${field.name}`);
      continue;
    }
    const compare = (what: string, wanted: string | null, there: string | null): void => {
      if (wanted !== there)
        say(place, `${what} is ${there ?? 'none'} in the database, ${wanted ?? 'none'} in the schema`);
    };
    compare('type', expectedType(field, schema.enums), foundType(row));
    compare('null', field.optional ? 'allowed' : 'refused', row.isNullable === 'YES' ? 'allowed' : 'refused');
    compare('default', expectedDefault(field, schema.enums), foundDefault(row));
    // Rules of the house that Prisma cannot write down.
    if (row.columnType.toLowerCase() === 'char(36)') compare('collation', 'ascii_bin', row.collation);
    if (field.column === 'updated_at' && !/on update current_timestamp/i.test(row.extra)) {
      say(place, 'is not set by the database on update');
    }
  }
}

const PRISMA_TYPES: Record<string, string> = {
  String: 'varchar(191)',
  Int: 'int',
  BigInt: 'bigint',
  Float: 'double',
  Decimal: 'decimal(65,30)',
  Boolean: 'tinyint(1)',
  DateTime: 'datetime(3)',
  Bytes: 'longblob',
  Json: 'json',
};

function expectedType(field: SchemaField, enums: Schema['enums']): string {
  if (field.nativeType === null) {
    const values = enums.get(field.type);
    return values ? `enum(${values.map((value) => `'${value}'`).join(',')})` : (PRISMA_TYPES[field.type] ?? field.type);
  }
  const native = field.nativeType.replaceAll(' ', '').toLowerCase();
  return native.startsWith('unsigned') ? `${native.slice('unsigned'.length)} unsigned` : native;
}

/** MariaDB shows widths that MySQL 8 no longer does, and JSON as the text it is. */
function foundType(row: ColumnRow): string {
  const type = row.columnType.toLowerCase();
  if (type === 'tinyint(1)') return type;
  if (type === 'longtext' && row.collation === 'utf8mb4_bin') return 'json';
  return type.replace(/^(tinyint|smallint|mediumint|int|bigint)\(\d+\)/, '$1');
}

const MADE_BY_THE_CLIENT = /^(uuid|cuid|ulid|nanoid)\(/;

function expectedDefault(field: SchemaField, enums: Schema['enums']): string | null {
  const value = field.defaultValue;
  if (value === null || MADE_BY_THE_CLIENT.test(value)) return null;
  if (value === 'autoincrement()') return 'auto_increment';
  if (value === 'now()') return `current_timestamp(${/\((\d)\)/.exec(field.nativeType ?? '(3)')?.[1] ?? '0'})`;
  if (value === 'true') return '1';
  if (value === 'false') return '0';
  const generated = /^dbgenerated\("(.*)"\)$/.exec(value)?.[1];
  if (generated !== undefined) return generated.toLowerCase().replace(/\s*on update.*$/, '');
  if (enums.has(field.type)) return value;
  return value.replace(/^"|"$/g, '').replaceAll('\\"', '"');
}

function foundDefault(row: ColumnRow): string | null {
  if (/auto_increment/i.test(row.extra)) return 'auto_increment';
  const value = row.columnDefault;
  if (value === null || value === 'NULL') return null;
  if (/^current_timestamp/i.test(value)) return value.toLowerCase();
  return value.replace(/^'|'$/g, '').replaceAll("''", "'");
}

function expectedIndexes(model: SchemaModel): Map<string, string> {
  return new Map(model.indexes.map(({ name, kind, columns }) => [name, `${kind} (${columns.join(', ')})`]));
}

function foundIndexes(found: Found, table: string): Map<string, string> {
  const indexes = new Map<string, { kind: string; columns: string[] }>();
  for (const row of group(found.indexes, table)) {
    const kind =
      row.indexName === 'PRIMARY'
        ? 'primary'
        : row.indexType === 'FULLTEXT'
          ? 'fulltext'
          : Number(row.nonUnique) === 0
            ? 'unique'
            : 'plain';
    const index = indexes.get(row.indexName) ?? { kind, columns: [] };
    index.columns.push(row.columnName + (row.direction === 'D' ? ' DESC' : ''));
    indexes.set(row.indexName, index);
  }
  // The server makes an index of its own for a foreign key that none serves, under the key's name.
  for (const key of group(found.foreignKeys, table)) indexes.delete(key.name);
  return new Map([...indexes].map(([name, { kind, columns }]) => [name, `${kind} (${columns.join(', ')})`]));
}

const SQL_ACTIONS: Record<string, string> = {
  Cascade: 'CASCADE',
  Restrict: 'RESTRICT',
  NoAction: 'NO ACTION',
  SetNull: 'SET NULL',
  SetDefault: 'SET DEFAULT',
};

function expectedForeignKeys(model: SchemaModel, schema: Schema): Map<string, string> {
  return new Map(
    model.foreignKeys.map((key) => {
      const target = schema.models.find(({ name }) => name === key.model);
      const referenced = key.referencedFields.map(
        (name) => target?.fields.find((field) => field.name === name)?.column ?? name,
      );
      const update = key.onUpdate === null ? '' : ` on update ${SQL_ACTIONS[key.onUpdate] ?? key.onUpdate}`;
      const text = `(${key.columns.join(', ')}) → ${target?.table ?? key.model} (${referenced.join(', ')}) on delete ${SQL_ACTIONS[key.onDelete] ?? key.onDelete}${update}`;
      return [key.name, text];
    }),
  );
}

function foundForeignKeys(found: Found, model: SchemaModel): Map<string, string> {
  const rowsByName = new Map<string, ForeignKeyRow[]>();
  for (const row of group(found.foreignKeys, model.table)) {
    rowsByName.set(row.name, [...(rowsByName.get(row.name) ?? []), row]);
  }
  return new Map(
    [...rowsByName].map(([name, rows]) => {
      const [first] = rows;
      const stated = model.foreignKeys.find((key) => key.name === name)?.onUpdate ?? null;
      const update = stated === null ? '' : ` on update ${first?.onUpdate ?? ''}`;
      const columns = rows.map((row) => row.columnName).join(', ');
      const referenced = rows.map((row) => row.referencedColumn).join(', ');
      return [
        name,
        `(${columns}) → ${first?.referencedTable ?? ''} (${referenced}) on delete ${first?.onDelete ?? ''}${update}`,
      ];
    }),
  );
}

function compareSets(
  table: string,
  what: string,
  wanted: Map<string, string>,
  there: Map<string, string>,
  say: Say,
): void {
  for (const [name, text] of wanted) {
    const other = there.get(name);
    if (other === undefined) say(table, `${what} ${name} ${text} is not in the database`);
    else if (other !== text) say(table, `${what} ${name} is ${other} in the database, ${text} in the schema`);
  }
  for (const [name, text] of there) if (!wanted.has(name)) say(table, `${what} ${name} ${text} is not in the schema`);
}
