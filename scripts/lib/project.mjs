// Where the project stands on disk. Plain Node: runs before any dependency is installed.
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';

/** Absolute path of the project's root folder. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** Absolute path of a file of the project. @param {...string} parts */
export const inProject = (...parts) => join(root, ...parts);
