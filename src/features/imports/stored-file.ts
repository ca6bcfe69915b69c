/** Uploaded workbooks: encrypted like the NIR they hold, in a folder of this server. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NirVault } from '../students/index.ts';

const purpose = (batchId: string): string => `import-file:${batchId}`;

/** @returns the name under which the file is kept */
export async function storeFile(vault: NirVault, dataDir: string, batchId: string, path: string): Promise<string> {
  const folder = join(dataDir, 'imports');
  const name = `${batchId}.sealed`;
  const target = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sealed = vault.seal(await readFile(path), purpose(batchId));
  try {
    await writeFile(target, sealed, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // A full disk leaves a part of the file behind.
    await rm(target, { force: true });
    throw error;
  }
  return name;
}

/** @throws Error when it is gone, or is not what was stored */
export async function openStoredFile(vault: NirVault, dataDir: string, batchId: string, name: string): Promise<Buffer> {
  return vault.open(await readFile(join(dataDir, 'imports', name)), purpose(batchId));
}

export async function removeStoredFile(dataDir: string, name: string): Promise<void> {
  await rm(join(dataDir, 'imports', name), { force: true });
}
