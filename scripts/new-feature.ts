/**
 * Writes the boring files of a feature: `npm run new-feature -- placements`. The result passes the check and, once mounted as is printed,
 * shows an empty page to whoever is signed in and passes its test. Its texts and its address are to be put in French.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { projectRoot } from '../src/project-root.ts';

const pascal = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase());
const camel = (name: string): string => pascal(name).replace(/^./, (letter) => letter.toLowerCase());

/** Path → content, from the project's root. */
function filesOf(name: string): Record<string, string> {
  const type = pascal(name);
  const value = camel(name);
  const folder = `src/features/${name}`;
  const texts = (title: string) =>
    `${JSON.stringify({ title, empty: { title, text: `${title} will be listed here.` } }, null, 2)}\n`;
  return {
    [`${folder}/index.ts`]: `
export { ${value}Routes } from './${name}-routes.ts';
export { create${type}Service, type ${type}Service } from './${name}-service.ts';
`,
    [`${folder}/urls.ts`]: `
/** Address of the list. */
export const ${value}Url = (): string => '/${name}';
`,
    [`${folder}/${name}-schemas.ts`]: `
import { z } from 'zod';

export const ${value}Query = z.object({ q: z.string().max(200).catch('').default('') });
`,
    [`${folder}/${name}-queries.ts`]: `
import { Prisma, type Reader } from '../../db/client.ts';

export interface ${type}Row {
  readonly id: string;
}

/** Rows the actor may see: replace the statement, keep an explicit list of columns. */
export function find${type}(reader: Pick<Reader, 'query'>): Promise<${type}Row[]> {
  return reader.query<${type}Row>(Prisma.sql\`SELECT '' AS id FROM DUAL WHERE FALSE\`);
}
`,
    [`${folder}/${name}-service.ts`]: `
/** What this feature is for, in one sentence. */
import type { Database } from '../../db/client.ts';
import type { Actor } from '../../shared/actor.ts';
import { find${type}, type ${type}Row } from './${name}-queries.ts';

export type ${type}Service = ReturnType<typeof create${type}Service>;

export function create${type}Service({ database }: { database: Database }) {
  return {
    /** Everything the actor may see. */
    async list(_actor: Actor): Promise<${type}Row[]> {
      return find${type}(database);
    },
  };
}
`,
    [`${folder}/${name}-presenter.ts`]: `
import type { ${type}Row } from './${name}-queries.ts';

/** Plain values for views/${name}/list.ejs. */
export function present${type}(rows: readonly ${type}Row[]) {
  return { rows: rows.map(({ id }) => ({ id })) };
}
`,
    [`${folder}/${name}-routes.ts`]: `
import type { Router } from 'express';
import { createRouter, page } from '../../http/declared-routes.ts';
import { renderPage } from '../../http/render.ts';
import { present${type} } from './${name}-presenter.ts';
import { ${value}Query } from './${name}-schemas.ts';
import type { ${type}Service } from './${name}-service.ts';
import { ${value}Url } from './urls.ts';

export function ${value}Routes({ ${value} }: { ${value}: ${type}Service }): Router {
  const router = createRouter();
  page(router, {
    path: ${value}Url(),
    permission: 'signed-in',
    query: ${value}Query,
    handler: async ({ res, actor }) => {
      const rows = await ${value}.list(actor);
      renderPage(res, { view: '${name}/list', title: res.locals.page.t('${name}.title'), locals: present${type}(rows) });
    },
  });
  return router;
}
`,
    [`views/${name}/list.ejs`]: `<%# Locals: rows (src/features/${name}/${name}-presenter.ts). -%>
<% const { rows } = locals; -%>
<%- include('components/_page-header', { title: t('${name}.title') }) %>
<% if (rows.length === 0) { -%>
<section class="card">
<%- include('components/_empty-state', { title: t('${name}.empty.title'), text: t('${name}.empty.text') }) %>
</section>
<% } -%>
`,
    [`src/i18n/fr/${name}.json`]: texts(type),
    [`src/i18n/en/${name}.json`]: texts(type),
    [`test/http/${name}.test.ts`]: `
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();

describe('${name}', () => {
  it('opens to a signed-in member of staff', async () => {
    const { agent } = await app.signInAs('scolarite');
    expect((await agent.get('/${name}')).status).toBe(200);
  });

  it('sends anonymous visitors to sign in', async () => {
    expect((await supertest(app.admin).get('/${name}').set('Accept', 'text/html')).status).toBe(303);
  });
});
`,
  };
}

const name = process.argv[2] ?? '';
if (!/^[a-z]+(-[a-z]+)*$/.test(name)) {
  process.stderr.write('Usage: npm run new-feature -- <name>   (kebab-case, plural: placements)\n');
  process.exit(2);
}
const files = filesOf(name);
const existing = Object.keys(files).filter((path) => existsSync(join(projectRoot, path)));
if (existing.length > 0) {
  process.stderr.write(
    `Nothing was written, these exist already:\n${existing.map((path) => `  ${path}`).join('\n')}\n`,
  );
  process.exit(1);
}
for (const [path, content] of Object.entries(files)) {
  const target = join(projectRoot, path);
  mkdirSync(dirname(target), { recursive: true });
  const config = await resolveConfig(target);
  writeFileSync(target, path.endsWith('.ts') ? await format(content, { ...config, filepath: target }) : content);
  process.stdout.write(`  ${path}\n`);
}
process.stdout.write(`
Now:
  - src/container.ts: const ${camel(name)} = create${pascal(name)}Service({ database }); and add it to the services
  - src/sites/admin.ts: app.use(${camel(name)}Routes(services));
  - src/sites/admin-navigation.ts: an entry, with common.nav.<key> in both languages
  - src/shared/permissions.ts: its permissions, instead of 'signed-in'
`);
