// The environment the launchers give to what they start: the process's own, `.env`, and keys made for the demo.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { inProject, root } from './project.mjs';
import { Refusal, say } from './say.mjs';

const KEYS = ['SESSION_SECRET', 'NIR_KEY', 'NIR_INDEX_KEY', 'FIELD_KEY'];

/** Variables that a process which does not read NIRs must not hold. */
export const NIR_VARIABLES = ['NIR_KEY', 'NIR_INDEX_KEY'];

/**
 * The variables given by the caller and by `.env` (the caller wins), with CRM_DATA_DIR made absolute.
 * @returns {{ env: Record<string, string | undefined>, dataDir: string, production: boolean }}
 */
export function readEnvironment() {
  const file = inProject('.env');
  const env = { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env };
  const dataDir = resolve(root, env.CRM_DATA_DIR || '.data');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  env.CRM_DATA_DIR = dataDir;
  env.NODE_ENV ||= 'development';
  return { env, dataDir, production: env.NODE_ENV === 'production' };
}

/**
 * The secrets that the environment does not give: made once, then read from `keys.env`. In production they must be given,
 * since a key that only lives beside the data protects nothing.
 * @param {Record<string, string | undefined>} env
 * @param {string} dataDir
 * @param {boolean} production
 * @returns {Record<string, string>} only the variables that were missing
 * @throws {Refusal} in production when one is missing
 */
export function missingKeys(env, dataDir, production) {
  const missing = KEYS.filter((name) => !env[name]);
  if (missing.length === 0) return {};
  if (production) throw new Refusal(`Set ${missing.join(', ')}: with NODE_ENV=production no key is generated.`);

  const path = join(dataDir, 'keys.env');
  const kept = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  const made = KEYS.filter((name) => !kept[name]);
  if (made.length > 0) {
    for (const name of made) kept[name] = `v1:${randomBytes(32).toString('base64')}`;
    const lines = Object.entries(kept).map(([name, value]) => `${name}=${value}`);
    writeFileSync(
      path,
      `# Keys of this installation. Without them its encrypted data is lost.\n${lines.join('\n')}\n`,
      { mode: 0o600 },
    );
    chmodSync(path, 0o600);
    say(`Keys of this installation: ${path}`);
  }
  return Object.fromEntries(missing.map((name) => [name, kept[name] ?? '']));
}
