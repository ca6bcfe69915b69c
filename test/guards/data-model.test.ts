import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSchema, type SchemaModel } from '../../scripts/lib/prisma-schema.ts';
import { projectRoot } from '../../src/project-root.ts';

const OWNERS = ['srvcrm1', 'srvcrm2', 'append_only_both', 'own_row'];
/** Tables of both servers whose key begins with the server's name inside a text of another shape. */
const KEY_HOLDS_THE_SITE = ['rate_limit'];

const { models } = readSchema(join(projectRoot, 'prisma', 'schema'));

function tag(model: SchemaModel, name: string): string | undefined {
  return model.documentation.find((line) => line.startsWith(`@${name} `))?.slice(name.length + 2);
}

function ownerOf(name: string): string | undefined {
  const model = models.find((one) => one.name === name);
  return model && tag(model, 'owner');
}

const writtenByBoth = models.filter((model) => ['append_only_both', 'own_row'].includes(tag(model, 'owner') ?? ''));

describe('the data model, on two servers that replicate each other', () => {
  it('has models', () => {
    expect(models.length).toBeGreaterThan(0);
  });

  it('declares for each table which server writes it', () => {
    expect(models.filter((model) => !OWNERS.includes(tag(model, 'owner') ?? '')).map(({ name }) => name)).toEqual([]);
  });

  it('declares for each table how long its rows live', () => {
    expect(models.filter((model) => !tag(model, 'retention')).map(({ name }) => name)).toEqual([]);
  });

  it('never deletes or changes rows of another owner by cascade', () => {
    const crossing = models.flatMap((model) =>
      model.foreignKeys
        .filter((key) => ['Cascade', 'SetNull', 'SetDefault'].includes(key.onDelete))
        .filter((key) => ownerOf(key.model) !== tag(model, 'owner'))
        .map((key) => `${model.name} → ${key.model}`),
    );
    expect(crossing).toEqual([]);
  });

  it('keeps unique keys of tables that both servers write apart by server', () => {
    const shared = writtenByBoth.flatMap((model) =>
      model.indexes
        .filter(({ kind }) => kind === 'unique' || kind === 'primary')
        .filter(({ columns }) => columns[0] !== 'site' && columns.join() !== 'id')
        .filter(() => !KEY_HOLDS_THE_SITE.includes(model.table))
        .map(({ columns }) => `${model.name} (${columns.join(', ')})`),
    );
    expect(shared).toEqual([]);
  });

  it('gives no table a counter of its own: two servers would count to the same number', () => {
    const counters = models.flatMap((model) =>
      model.fields
        .filter((field) => field.defaultValue === 'autoincrement()')
        .map(({ name }) => `${model.name}.${name}`),
    );
    expect(counters).toEqual([]);
  });

  it('names tables and columns in snake_case', () => {
    const snake = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
    const modelNames = new Set(models.map(({ name }) => name));
    const wrong = models.flatMap((model) => [
      ...(snake.test(model.table) ? [] : [model.table]),
      ...model.fields
        .filter((field) => !modelNames.has(field.type) && !snake.test(field.column))
        .map((field) => `${model.table}.${field.column}`),
    ]);
    expect(wrong).toEqual([]);
  });
});
