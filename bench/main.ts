/**
 * `npm run bench`: loads the world `volume` once, then measures the built product as production runs it beside a floor that does only
 * what it must. Prints Markdown on standard output, progress on standard error. Ends with 1 when answers were wrong; a missed
 * target is told, and is no failure.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/db/client.ts';
import { createAccount } from './account.ts';
import { measureImport, type ImportFigures } from './import.ts';
import { machineFacts } from './machine.ts';
import { isChosen, OptionError, readOptions, type BenchOptions } from './options.ts';
import { measurePages, reasonOf, type Failure } from './page-measures.ts';
import { endAll, logTail } from './process.ts';
import {
  comparisonTable,
  IDLE_MEMORY_TARGET,
  IMPORT_MEMORY_TARGET,
  IMPORT_RATIO_TARGET,
  missedTargets,
  verdictTable,
  wrongAnswerLines,
  type Comparison,
  type Verdict,
} from './report.ts';
import { productionEnvironment, startSite } from './site.ts';
import { ensureWorld, volumeShape, worldDatabaseUrl } from './world.ts';

/** A process that has just started stands still after this long, in milliseconds. */
const SETTLING_MS = 5_000;
/** One that worked hard is idle after a minute without a request, in milliseconds: V8 gives back what it no longer needs after some forty seconds. */
const IDLE_MS = 60_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function memoryVerdict(name: string, megabytes: number): Verdict {
  return {
    name,
    figure: megabytes > 0 ? `${megabytes.toFixed(0)} MB` : 'not known on this system',
    target: `< ${IDLE_MEMORY_TARGET} MB`,
    isMet: megabytes > 0 && megabytes < IDLE_MEMORY_TARGET,
  };
}

function importVerdicts({ reading, importing, created }: ImportFigures, rows: number): Verdict[] {
  const ratio = importing.seconds / reading.seconds;
  return [
    {
      name: 'import: people created',
      figure: `${created} (exit code ${importing.code})`,
      target: String(rows),
      isMet: created === rows,
    },
    {
      name: 'import: time',
      figure: `${importing.seconds.toFixed(1)} s, ${ratio.toFixed(1)} × the ${reading.seconds.toFixed(1)} s of reading`,
      target: `≤ ${IMPORT_RATIO_TARGET} ×`,
      isMet: ratio <= IMPORT_RATIO_TARGET,
    },
    {
      name: 'import: peak memory',
      figure: `${importing.peakMegabytes.toFixed(0)} MB (reading alone ${reading.peakMegabytes.toFixed(0)} MB)`,
      target: `< ${IMPORT_MEMORY_TARGET} MB`,
      isMet: importing.peakMegabytes > 0 && importing.peakMegabytes < IMPORT_MEMORY_TARGET,
    },
  ];
}

async function measureSite(
  options: BenchOptions,
  databaseUrl: string,
  scratch: string,
): Promise<{ comparisons: Comparison[]; failures: Failure[]; verdicts: Verdict[] }> {
  const account = await createAccount(productionEnvironment(databaseUrl, scratch));
  try {
    const site = await startSite(databaseUrl, scratch);
    await sleep(SETTLING_MS);
    const atRest = site.child.residentMegabytes();
    const { comparisons, failures } = await measurePages({
      options,
      world: {
        shape: volumeShape(options),
        people: options.people,
        nirSchema: `\`${new URL(databaseUrl).pathname.slice(1)}_nir\``,
      },
      site,
      account,
      databaseUrl,
      scratch,
      say,
    });
    if (comparisons.length > 0) await sleep(IDLE_MS);
    const afterWork = site.child.residentMegabytes();
    await site.child.stop();
    const verdicts = [memoryVerdict('idle memory after start', atRest)];
    if (comparisons.length > 0) verdicts.push(memoryVerdict('idle memory a minute after the measures', afterWork));
    return { comparisons, failures, verdicts };
  } finally {
    await account.remove();
  }
}

async function measureImportOf(options: BenchOptions, databaseUrl: string, scratch: string): Promise<Verdict[]> {
  const figures = await measureImport({
    databaseUrl,
    shape: volumeShape(options),
    people: options.people,
    rows: options.importRows,
    environment: productionEnvironment(databaseUrl, scratch),
    scratch,
    say,
  });
  if (figures.importing.code !== 0) say(logTail(join(scratch, 'import.log')));
  return importVerdicts(figures, options.importRows);
}

async function run(options: BenchOptions, scratch: string): Promise<number> {
  const config = readConfig();
  const databaseUrl = worldDatabaseUrl(config.databaseUrl, options.people);
  const loading = await ensureWorld(databaseUrl, options, config.keys, say);
  const database = openDatabase(databaseUrl, { connectionLimit: 1 });
  const facts = await machineFacts(database).finally(() => database.close());

  const { comparisons, failures, verdicts } = await measureSite(options, databaseUrl, scratch);
  if (options.importRows > 0 && isChosen(options, 'import')) {
    try {
      verdicts.push(...(await measureImportOf(options, databaseUrl, scratch)));
    } catch (error) {
      failures.push({ scenario: 'import', reason: reasonOf(error) });
    }
  }

  print(`\n# Bench, ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC\n`);
  print(facts.join('\n'));
  const world = `${options.people.toLocaleString('en')} people, ${options.companies.toLocaleString('en')} companies`;
  print(`- World: ${world}, ${loading === null ? 'kept from an earlier run' : `loaded in ${loading.toFixed(0)} s`}`);
  print(
    `- Each measure: ${options.seconds} s after a second of warming up (and six for each page before the first measure); the product, then at once the floor\n`,
  );
  if (comparisons.length > 0) print(`${comparisonTable(comparisons)}\n`);
  print(`${verdictTable(verdicts)}\n`);
  const missed = missedTargets(comparisons, verdicts);
  print(
    missed.length === 0
      ? 'Every target that was measured is met.'
      : `Targets missed:\n${missed.map((line) => `- ${line}`).join('\n')}`,
  );

  const wrong = wrongAnswerLines(comparisons);
  if (wrong.length + failures.length === 0) return 0;
  if (wrong.length > 0)
    print(
      `\n**WRONG ANSWERS: these figures do not measure the product.**\n${wrong.map((line) => `- ${line}`).join('\n')}`,
    );
  if (failures.length > 0)
    print(`\n**NOT MEASURED**\n${failures.map(({ scenario, reason }) => `- ${scenario}: ${reason}`).join('\n')}`);
  say(logTail(join(scratch, 'site.log')));
  return 1;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const scratch = mkdtempSync(join(tmpdir(), 'crm-bench-'));
  const leave = async (): Promise<void> => {
    await endAll();
    rmSync(scratch, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      say('Stopping…');
      void leave().finally(() => process.exit(130));
    });
  try {
    return await run(options, scratch);
  } finally {
    await leave();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    say(error instanceof OptionError ? error.message : ((error as Error).stack ?? String(error)));
    process.exitCode = error instanceof OptionError ? 2 : 1;
  },
);
