/**
 * The world `volume` in a database of its own, one for each size, kept between runs. A marker inside says what it was made from: other
 * migrations, another generator or other keys load it anew. A run that was cut while it wrote to the world leaves a marker
 * that says so, with the same effect.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import type { Config } from '../src/config.ts';
import { openDatabase } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import { migrationsFolder, readMigrations } from '../src/db/migration-files.ts';
import { loadWorld } from '../scripts/worlds/load.ts';
import type { WorldShape } from '../scripts/worlds/people.ts';
import type { BenchOptions } from './options.ts';

/** The demo alone has files beside these. */
const GENERATOR_FILES = ['load.ts', 'people.ts', 'random.ts', 'vocabulary.ts'];

export function volumeShape({ companies }: Pick<BenchOptions, 'companies'>): WorldShape {
  return { seed: 1, companies, distinctPhones: true, year: 2026 };
}

/** Address of the database of a world: `…/crm` gives `…/crm_bench_1000000`. Nothing else is ever written or dropped. */
export function worldDatabaseUrl(databaseUrl: string, people: number): string {
  const url = new URL(databaseUrl);
  const name = url.pathname.slice(1).replace(/_?bench$/, '');
  url.pathname = `/${name}_bench_${people}`;
  return url.href;
}

/** Changes when anything the world is made from does. */
function worldStamp(options: BenchOptions, keys: Config['keys']): string {
  const hash = createHash('sha256').update(JSON.stringify([options.people, volumeShape(options)]));
  for (const { name, checksum } of readMigrations(migrationsFolder)) hash.update(`\0${name}\0${checksum}`);
  for (const name of GENERATOR_FILES)
    hash.update(`\0${name}\0`).update(readFileSync(new URL(`../scripts/worlds/${name}`, import.meta.url)));
  for (const ring of [keys.nir, keys.nirIndex, keys.field]) {
    for (const [version, key] of ring?.keys ?? []) hash.update(`\0${version}\0`).update(key);
  }
  return hash.digest('hex');
}

async function readMarker(connection: Connection, database: string): Promise<{ stamp: string; state: string } | null> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT stamp, state FROM \`${database}\`.bench_world`);
    const row = rows[0] as { stamp: string; state: string } | undefined;
    return row ?? null;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ER_NO_SUCH_TABLE' || code === 'ER_BAD_DB_ERROR') return null;
    throw error;
  }
}

async function withConnection<Result>(
  databaseUrl: string,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const url = new URL(databaseUrl);
  const connection = await mysql.createConnection({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

const nameOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1);

/** Says that the world is (`changing`), or is no longer (`ready`), other than it was loaded. */
export function markWorld(databaseUrl: string, state: 'ready' | 'changing'): Promise<void> {
  return withConnection(databaseUrl, async (connection) => {
    await connection.query(`UPDATE \`${nameOf(databaseUrl)}\`.bench_world SET state = ?`, [state]);
  });
}

/**
 * Loads the world unless it is there.
 * @param databaseUrl as {@link worldDatabaseUrl} gives it
 * @returns seconds spent loading; null when the world was there
 */
export async function ensureWorld(
  databaseUrl: string,
  options: BenchOptions,
  keys: Config['keys'],
  say: (text: string) => void,
): Promise<number | null> {
  const name = nameOf(databaseUrl);
  const stamp = worldStamp(options, keys);
  const marker = await withConnection(databaseUrl, (connection) => readMarker(connection, name));
  if (marker?.stamp === stamp && marker.state === 'ready') return null;

  const { nir, nirIndex } = keys;
  if (!nir || !nirIndex) throw new Error('The bench needs NIR_KEY and NIR_INDEX_KEY');
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  say(`Loading ${options.people.toLocaleString('en')} people into ${name}…`);
  await withConnection(databaseUrl, async (connection) => {
    for (const schema of [name, `${name}_nir`]) await connection.query(`DROP DATABASE IF EXISTS \`${schema}\``);
  });
  await migrate({ databaseUrl });
  const database = openDatabase(databaseUrl);
  try {
    let shown = 0;
    await loadWorld({
      database,
      keys: { nir, nirIndex },
      shape: volumeShape(options),
      people: options.people,
      nowMs: Date.UTC(2026, 10, 22),
      onProgress(people) {
        if (people - shown < 100_000) return;
        shown = people;
        say(`  ${people.toLocaleString('en')} people after ${seconds().toFixed(0)} s`);
      },
    });
    await database.pool.query(
      'CREATE TABLE bench_journal (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, subject_id CHAR(36) NOT NULL, payload BLOB NOT NULL, INDEX bench_journal_by_subject (subject_id))',
    );
    await database.pool.query(
      'CREATE TABLE bench_world (stamp CHAR(64) NOT NULL PRIMARY KEY, state VARCHAR(16) NOT NULL)',
    );
    await database.pool.query('INSERT INTO bench_world (stamp, state) VALUES (?, ?)', [stamp, 'ready']);
  } finally {
    await database.close();
  }
  return seconds();
}
