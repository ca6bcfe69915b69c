/**
 * Reads `prisma/schema/*.prisma` as data, for the checks that Prisma itself does not make. `prisma validate` runs before
 * them, so the text is known to be well formed: one field or attribute a line, as the formatter writes it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface SchemaField {
  name: string;
  /** Scalar, enum or model name, without `?` and `[]`. */
  type: string;
  optional: boolean;
  list: boolean;
  column: string;
  /** `VarChar(191)`, `UnsignedInt`… as written after `@db.`; null when Prisma chooses. */
  nativeType: string | null;
  /** What stands between the parentheses of `@default(…)`; null without one. */
  defaultValue: string | null;
}

export interface SchemaIndex {
  kind: 'primary' | 'unique' | 'plain' | 'fulltext';
  /** Name in the database. */
  name: string;
  /** Columns in order; ` DESC` follows those sorted downwards. */
  columns: string[];
}

export interface SchemaForeignKey {
  name: string;
  columns: string[];
  model: string;
  referencedFields: string[];
  onDelete: string;
  /** Null when the schema leaves it to Prisma: keys never change, so its default says nothing. */
  onUpdate: string | null;
}

export interface SchemaModel {
  name: string;
  table: string;
  /** Lines of the `///` comment above the model. */
  documentation: string[];
  fields: SchemaField[];
  indexes: SchemaIndex[];
  foreignKeys: SchemaForeignKey[];
}

export interface Schema {
  models: SchemaModel[];
  /** Values of each enum, as the database holds them. */
  enums: Map<string, string[]>;
}

/** Reads every file of a schema folder. */
export function readSchema(folder: string): Schema {
  const files = readdirSync(folder).filter((name) => name.endsWith('.prisma'));
  return parseSchema(files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n'));
}

export function parseSchema(text: string): Schema {
  const schema: Schema = { models: [], enums: new Map() };
  let documentation: string[] = [];
  let block: { kind: string; name: string; documentation: string[]; lines: string[] } | null = null;

  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const start = /^(model|enum|generator|datasource)\s+(\w+)\s*\{$/.exec(line);
    if (start) {
      block = { kind: start[1] ?? '', name: start[2] ?? '', documentation, lines: [] };
      documentation = [];
    } else if (line === '}' && block) {
      if (block.kind === 'model') schema.models.push(parseModel(block.name, block.documentation, block.lines));
      if (block.kind === 'enum') schema.enums.set(block.name, parseEnum(block.lines));
      block = null;
    } else if (block) {
      if (line !== '' && !line.startsWith('//')) block.lines.push(withoutComment(line));
    } else if (line.startsWith('///')) documentation.push(line.slice(3).trim());
    else if (line !== '') documentation = [];
  }
  return schema;
}

function parseEnum(lines: string[]): string[] {
  return lines
    .filter((line) => !line.startsWith('@@'))
    .map((line) => argumentOf(line, '@map')?.replaceAll('"', '') ?? line.split(/\s/)[0] ?? '');
}

function parseModel(name: string, documentation: string[], lines: string[]): SchemaModel {
  const attributes = lines.filter((line) => line.startsWith('@@'));
  const fieldLines = lines.filter((line) => !line.startsWith('@@'));
  const mapped = attributes.find((line) => line.startsWith('@@map('));
  const table = mapped ? unquoted(argumentOf(mapped, '@@map') ?? name) : name;
  const fields = fieldLines.map(parseField);
  const columnOf = (field: string): string => fields.find((one) => one.name === field)?.column ?? field;

  return {
    name,
    table,
    documentation,
    fields,
    indexes: [
      ...fieldLines.flatMap((line, index) => fieldIndexes(line, fields[index], table)),
      ...attributes.flatMap((line) => modelIndex(line, table, columnOf)),
    ],
    foreignKeys: fieldLines.flatMap((line, index) => foreignKey(line, fields[index], table, fields)),
  };
}

function parseField(line: string): SchemaField {
  const [, name = '', type = '', suffix = ''] = /^(\w+)\s+(\w+)(\[\]|\?)?/.exec(line) ?? [];
  const native = /@db\.(\w+(?:\([^)]*\))?)/.exec(line);
  return {
    name,
    type,
    optional: suffix === '?',
    list: suffix === '[]',
    column: unquoted(argumentOf(line, '@map') ?? name),
    nativeType: native?.[1] ?? null,
    defaultValue: argumentOf(line, '@default'),
  };
}

function fieldIndexes(line: string, field: SchemaField | undefined, table: string): SchemaIndex[] {
  if (!field) return [];
  const indexes: SchemaIndex[] = [];
  if (/(^|\s)@id\b/.test(line)) indexes.push({ kind: 'primary', name: 'PRIMARY', columns: [field.column] });
  if (/(^|\s)@unique\b/.test(line)) {
    const named = namedArguments(argumentOf(line, '@unique') ?? '').get('map');
    indexes.push({
      kind: 'unique',
      name: named ? unquoted(named) : `${table}_${field.column}_key`,
      columns: [field.column],
    });
  }
  return indexes;
}

function modelIndex(line: string, table: string, columnOf: (field: string) => string): SchemaIndex[] {
  const [, keyword = ''] = /^@@(id|unique|index|fulltext)\(/.exec(line) ?? [];
  if (keyword === '') return [];
  const text = argumentOf(line, `@@${keyword}`) ?? '';
  const named = namedArguments(text);
  const columns = listItems(/\[(.*)\]/.exec(text)?.[1] ?? '').map((item) => {
    const field = item.split('(')[0] ?? item;
    return columnOf(field.trim()) + (/sort:\s*Desc/.test(item) ? ' DESC' : '');
  });
  const plainColumns = columns.map((column) => column.replace(' DESC', '')).join('_');
  const kinds = {
    id: ['primary', 'PRIMARY'],
    unique: ['unique', `${table}_${plainColumns}_key`],
    index: ['plain', `${table}_${plainColumns}_idx`],
    fulltext: ['fulltext', `${table}_${plainColumns}_idx`],
  } as const;
  const [kind, defaultName] = kinds[keyword as keyof typeof kinds];
  const map = named.get('map');
  return [{ kind, name: kind === 'primary' || !map ? defaultName : unquoted(map), columns }];
}

function foreignKey(
  line: string,
  field: SchemaField | undefined,
  table: string,
  fields: SchemaField[],
): SchemaForeignKey[] {
  const named = namedArguments(argumentOf(line, '@relation') ?? '');
  const from = named.get('fields');
  if (!field || !from) return [];
  const own = listItems(from.slice(1, -1)).map((name) => fields.find((one) => one.name === name));
  const columns = own.map((one) => one?.column ?? '');
  const optional = own.some((one) => one?.optional);
  const map = named.get('map');
  return [
    {
      name: map ? unquoted(map) : `${table}_${columns.join('_')}_fkey`,
      columns,
      model: field.type,
      referencedFields: listItems((named.get('references') ?? '[]').slice(1, -1)),
      onDelete: named.get('onDelete') ?? (optional ? 'SetNull' : 'Restrict'),
      onUpdate: named.get('onUpdate') ?? null,
    },
  ];
}

/** Text between the parentheses after an attribute, nested ones included; null when the attribute is not there. */
function argumentOf(line: string, attribute: string): string | null {
  const place = new RegExp(`(^|\\s)${attribute}\\(`).exec(line);
  if (!place) return null;
  const start = place.index + place[0].length;
  let depth = 1;
  let quotedText = false;
  for (let position = start; position < line.length; position += 1) {
    const character = line.charAt(position);
    if (character === '"' && line.charAt(position - 1) !== '\\') quotedText = !quotedText;
    if (quotedText) continue;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return line.slice(start, position);
  }
  return null;
}

function namedArguments(text: string): Map<string, string> {
  return new Map(
    listItems(text).flatMap((item) => {
      const [, name, value] = /^(\w+):\s*(.*)$/s.exec(item) ?? [];
      return name && value ? [[name, value] as const] : [];
    }),
  );
}

/** Items separated by commas, those inside brackets or quotes left whole. */
function listItems(text: string): string[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|\[[^\]]*\]|\([^)]*\)|[^,])+/g)].map(([item]) => item.trim());
}

function withoutComment(line: string): string {
  return line.replace(/\s\/\/.*$/, '').trim();
}

function unquoted(text: string): string {
  return text.replace(/^(map:|name:)\s*/, '').replace(/^"|"$/g, '');
}
