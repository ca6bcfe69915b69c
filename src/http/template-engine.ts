import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve, sep } from 'node:path';
import ejs from 'ejs';
import { projectRoot } from '../project-root.ts';
import { SafeHtml, toMarkup } from './safe-html.ts';

/** Values every template of a page sees (`page`, `t`, `ui`…), whatever it was included from. */
export type SharedLocals = Record<string, unknown>;
type Locals = Record<string, unknown>;
type CompiledTemplate = (locals: Locals) => string;

const viewsFolder = join(projectRoot, 'views');
const compiled = new Map<string, { template: CompiledTemplate; modifiedAt: number }>();
const resolved = new Map<string, string>();
let followChanges = false;

/** In development a changed template is compiled again; elsewhere each is compiled once. */
export function configureTemplates(options: { followChanges: boolean }): void {
  followChanges = options.followChanges;
  compiled.clear();
  resolved.clear();
}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof var void while with yield locals include'
  ).split(' '),
);

function isVariableName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && !RESERVED.has(name);
}

/**
 * EJS usually finds variables through `with`, which runs in sloppy mode and looks every name up at run time: too slow for
 * lists. Here a template is compiled for the set of names it is given, which become constants of a strict function.
 * The inner block lets a template shadow them: `const { hint = '' } = locals`.
 */
function compile(file: string, names: readonly string[]): CompiledTemplate {
  const source = readFileSync(file, 'utf8');
  const opening = `<% { const { ${['include', ...names].join(', ')} } = locals; { -%>`;
  return ejs.compile(`${opening}${source}<% } } %>`, {
    filename: file,
    strict: true,
    // The text form of a mail is not HTML: nothing to escape in it.
    escape: file.endsWith('.text.ejs') ? String : toMarkup,
    compileDebug: followChanges,
  });
}

function templateFor(file: string, locals: Locals): CompiledTemplate {
  const given = Object.keys(locals);
  const key = `${file}\0${given.join()}`;
  const known = compiled.get(key);
  if (known && !followChanges) return known.template;
  const modifiedAt = statSync(file).mtimeMs;
  if (known?.modifiedAt === modifiedAt) return known.template;
  const template = compile(file, given.filter(isVariableName));
  compiled.set(key, { template, modifiedAt });
  return template;
}

/** A name is looked up beside the including template first, then from `views/`; it never leaves `views/`. */
function resolveView(name: string, from: string): string {
  const key = `${from}\0${name}`;
  const known = resolved.get(key);
  if (known) return known;
  const fileName = extname(name) === '.ejs' ? name : `${name}.ejs`;
  const file = [resolve(from, fileName), resolve(viewsFolder, fileName)].find(
    (candidate) => candidate.startsWith(viewsFolder + sep) && existsSync(candidate),
  );
  if (!file) throw new Error(`No template "${name}" in ${from} nor in ${viewsFolder}`);
  resolved.set(key, file);
  return file;
}

function renderFile(file: string, shared: SharedLocals, given: Locals): SafeHtml {
  const locals: Locals = { ...given, ...shared };
  const template = templateFor(file, locals);
  const folder = dirname(file);
  locals['include'] = (name: string, own: Locals = {}) => renderFile(resolveView(name, folder), shared, own);
  return new SafeHtml(template(locals));
}

/**
 * Renders `views/<view>.ejs`. Included templates get the shared values and what the `include` gives them, nothing of
 * the including template: a component is never changed by a name that happens to exist around it.
 * @throws when the template does not exist or fails
 */
export function renderTemplate(view: string, shared: SharedLocals, locals: object = {}): SafeHtml {
  return renderFile(resolveView(view, viewsFolder), shared, { ...locals });
}
