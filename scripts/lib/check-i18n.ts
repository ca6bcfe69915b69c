/** Step of `npm run check`: the texts of the screens in every language. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES, readTexts } from '../../src/i18n/index.ts';
import { projectRoot } from '../../src/project-root.ts';
import { checkTexts, flattenTexts } from './i18n.ts';

const sources = [
  ...filesUnder('src', '.ts').filter((path) => !path.startsWith('src/db/generated/')),
  ...filesUnder('views', '.ejs'),
  ...filesUnder('scripts', '.ts'),
].map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));

const faults = checkTexts(
  Object.fromEntries(LANGUAGES.map((language) => [language, flattenTexts(readTexts(language))])),
  sources,
);
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}
