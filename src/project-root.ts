import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Walks up from a folder to the first one that holds a package.json. */
function findProjectRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json above ${from}`);
    folder = parent;
  }
  return folder;
}

/**
 * Absolute path of the project folder, the same from `src/` (tsx, vitest) and from the bundle in `dist/`:
 * views, translations and public files are read from there at run time and are not bundled.
 */
export const projectRoot = findProjectRoot(import.meta.dirname);
