/** Importing a workbook of new people into the world, beside merely reading that workbook. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import exceljs from 'exceljs';
import { openDatabase } from '../src/db/client.ts';
import { projectRoot } from '../src/project-root.ts';
import { formatPhone } from '../src/shared/phone.ts';
import { inventPerson, type WorldPerson, type WorldShape } from '../scripts/worlds/people.ts';
import { firmName } from '../scripts/worlds/vocabulary.ts';
import { logTail, runToEnd, type Finished } from './process.ts';
import { WORKBOOK_HEADINGS } from './workbook-headings.ts';
import { markWorld } from './world.ts';

const STATUS_WORDS = { prospect: 'Prospect', en_fonction: 'En fonction', alumni: 'Alumni' } as const;

function cellsOf(person: WorldPerson): Record<keyof typeof WORKBOOK_HEADINGS, string | null> {
  const phones = [person.personalPhone, person.professionalPhone].filter((phone) => phone !== null);
  return {
    name: `${person.lastName} ${person.firstName}`,
    nir: person.nir,
    status: STATUS_WORDS[person.status],
    address: `${person.street}, ${person.postcode}, ${person.city}`,
    company: person.companyRank === null ? null : firmName(person.companyRank),
    phones: phones.map(formatPhone).join(' / ') || null,
    cursus: person.cursus,
    email: person.email,
  };
}

/** Writes people whom the world does not hold: they follow its last one. */
async function writeWorkbook(file: string, shape: WorldShape, firstRank: number, rows: number): Promise<void> {
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: true });
  const sheet = workbook.addWorksheet('Étudiants');
  sheet.addRow(Object.values(WORKBOOK_HEADINGS)).commit();
  for (let index = 0; index < rows; index += 1)
    sheet.addRow(Object.values(cellsOf(inventPerson(shape, firstRank + index)))).commit();
  sheet.commit();
  await workbook.commit();
}

/** The reader is built as the product is: what it takes to read is compared, not what it takes to load TypeScript. */
async function buildReader(): Promise<{ program: string; folder: string }> {
  // Inside the project, where its packages are found.
  const folder = join(projectRoot, 'node_modules', '.cache', 'crm', `bench-reader-${process.pid}`);
  await build({
    absWorkingDir: projectRoot,
    entryPoints: {
      'read-workbook': 'bench/read-workbook.ts',
      'workbook-worker': 'src/connectors/workbook/workbook-worker.ts',
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return { program: join(folder, 'read-workbook.js'), folder };
}

/** Takes the imported people out again, so that the world is as it was loaded (the journal keeps its events). */
async function removeImported(databaseUrl: string): Promise<void> {
  const database = openDatabase(databaseUrl, { connectionLimit: 1 });
  try {
    const nir = database.nirSchema;
    for (;;) {
      const rows = await database.pool.query<{ id: string }[]>(
        "SELECT id FROM student WHERE origin = 'import' LIMIT 5000",
      );
      if (rows.length === 0) break;
      const ids = [rows.map(({ id }) => id)];
      await database.pool.query(`DELETE FROM ${nir}.student_nir WHERE student_id IN (?)`, ids);
      await database.pool.query('DELETE FROM person_key WHERE person_id IN (?)', ids);
      await database.pool.query('DELETE FROM student WHERE id IN (?)', ids);
    }
    await database.pool.query('DELETE FROM import_batch');
  } finally {
    await database.close();
  }
}

export interface ImportFigures {
  readonly reading: Finished;
  readonly importing: Finished;
  /** People created, as the import's own report says. */
  readonly created: number;
}

export interface ImportOptions {
  readonly databaseUrl: string;
  readonly shape: WorldShape;
  /** People of the world. */
  readonly people: number;
  readonly rows: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for the workbook, the report and what the programs print. */
  readonly scratch: string;
  readonly say: (text: string) => void;
}

/**
 * Reads, then imports, and leaves the world as it found it.
 * @throws when the reading fails; an import that fails is told by its figures
 */
export async function measureImport(options: ImportOptions): Promise<ImportFigures> {
  const { databaseUrl, shape, people, rows, environment, scratch, say } = options;
  const workbook = join(scratch, 'new-students.xlsx');
  const report = join(scratch, 'report.json');
  say(`Writing a workbook of ${rows.toLocaleString('en')} people…`);
  await writeWorkbook(workbook, shape, people, rows);

  const reader = await buildReader();
  let reading: Finished;
  try {
    say('Reading it…');
    reading = await runToEnd({
      args: [reader.program, workbook, String(rows)],
      environment,
      logFile: join(scratch, 'reading.log'),
    });
  } finally {
    rmSync(reader.folder, { recursive: true, force: true });
  }
  if (reading.code !== 0) throw new Error(`The workbook could not be read:\n${logTail(join(scratch, 'reading.log'))}`);

  say('Importing it…');
  await markWorld(databaseUrl, 'changing');
  const importing = await runToEnd({
    args: [join(projectRoot, 'dist', 'crm.js'), 'import', 'students', workbook, '--report', report],
    environment,
    logFile: join(scratch, 'import.log'),
  });
  const created =
    importing.code === 0
      ? (JSON.parse(readFileSync(report, 'utf8')) as { totals: { created: number } }).totals.created
      : 0;
  say('Taking them out again…');
  await removeImported(databaseUrl);
  await markWorld(databaseUrl, 'ready');
  return { reading, importing, created };
}
