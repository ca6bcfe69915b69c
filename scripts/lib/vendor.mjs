// Fills public/vendor/ (not in the repository) from node_modules: the style sheet of Tabler, htmx, Chart.js and one
// SVG sprite of the icons named in src/http/icon-names.json. Running it again changes nothing that is up to date.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = join(projectRoot, 'public', 'vendor');
const packageFolder = (name) => join(projectRoot, 'node_modules', name);

const COPIES = [
  ['@tabler/core', 'dist/css/tabler.min.css', 'tabler.min.css'],
  ['htmx.org', 'dist/htmx.min.js', 'htmx.min.js'],
  ['chart.js', 'dist/chart.umd.min.js', 'chart.umd.min.js'],
];

// Source maps are not served: a reference to one would be a 404 in the console of every page.
const withoutSourceMap = (text) => text.replace(/\n?\/[*/]# sourceMappingURL=[^\n]*/g, '');

async function writeIfChanged(path, content) {
  const current = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (current === content) return false;
  await writeFile(path, content);
  return true;
}

const markup = ([element, attributes]) =>
  `<${element} ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ')}/>`;

async function iconSprite() {
  const names = JSON.parse(await readFile(join(projectRoot, 'src', 'http', 'icon-names.json'), 'utf8'));
  const nodes = JSON.parse(await readFile(join(packageFolder('@tabler/icons'), 'tabler-nodes-outline.json'), 'utf8'));
  const symbols = names.map((name) => {
    if (!nodes[name]) throw new Error(`src/http/icon-names.json names an icon that Tabler does not have: ${name}`);
    return `<symbol id="${name}" viewBox="0 0 24 24">${nodes[name].map(markup).join('')}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`;
}

/** Copies what browsers need; returns the names of the files that changed. */
export default async function vendorAssets() {
  await mkdir(target, { recursive: true });
  const contents = await Promise.all(
    COPIES.map(async ([name, from, to]) => [
      to,
      withoutSourceMap(await readFile(join(packageFolder(name), from), 'utf8')),
    ]),
  );
  contents.push(['icons.svg', await iconSprite()]);
  const changed = [];
  for (const [file, content] of contents) {
    if (await writeIfChanged(join(target, file), content)) changed.push(file);
  }
  return changed;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const changed = await vendorAssets();
  console.log(changed.length > 0 ? `public/vendor: ${changed.join(', ')}` : 'public/vendor: up to date');
}
