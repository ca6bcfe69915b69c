/**
 * The command line: `npm run -s crm -- <command>`.
 * Exit codes: 0 done · 1 failed or refused · 2 wrong usage · 3 needs confirmation.
 */
import { ConfigError, readConfig, type Config } from '../src/config.ts';
import { createServices } from '../src/container.ts';
import { configureTranslations } from '../src/i18n/index.ts';
import { createLogger } from '../src/log.ts';
import { UsageError, type Command, type CommandContext } from './commands/command.ts';
import { auditVerify } from './commands/audit.ts';
import { demo } from './commands/demo.ts';
import { importCompanies, importStudents } from './commands/import.ts';
import { migrateCommand } from './commands/migrate.ts';
import { studentsList } from './commands/students.ts';
import { userAdd } from './commands/user.ts';
import { userConfirm } from './commands/user-confirm.ts';

const commands: readonly Command[] = [
  migrateCommand,
  demo,
  importStudents,
  importCompanies,
  studentsList,
  userAdd,
  userConfirm,
  auditVerify,
];

function findCommand(words: readonly string[]): Command | undefined {
  return commands.find((command) => command.name.split(' ').every((word, index) => words[index] === word));
}

function usage(): string {
  const width = Math.max(...commands.map((command) => command.usage.length));
  return [
    'Usage: npm run -s crm -- <command>',
    '',
    ...commands.map((command) => `  ${command.usage.padEnd(width)}  ${command.summary}`),
  ].join('\n');
}

async function run(words: readonly string[]): Promise<number> {
  const command = findCommand(words);
  if (!command) {
    process.stderr.write(`${usage()}\n`);
    return words.length === 0 || words[0] === 'help' || words[0] === '--help' ? 0 : 2;
  }
  const config: Config = readConfig({
    ...process.env,
    CRM_SITES: 'worker',
    LOG_LEVEL: process.env['LOG_LEVEL'] || 'error',
  });
  configureTranslations({ missingKey: 'show' });
  const services = createServices(config, { log: createLogger(config.logLevel, process.stderr) });
  const context: CommandContext = {
    args: words.slice(command.name.split(' ').length),
    config,
    services,
    print: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
  };
  try {
    return await command.run(context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nUsage: npm run -s crm -- ${command.usage}\n`);
    return 2;
  } finally {
    await services.close();
  }
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exitCode = 1;
  },
);
