import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Config } from '../../src/config.ts';
import type { Services } from '../../src/container.ts';

export interface CommandContext {
  /** Words after the command's own. */
  readonly args: readonly string[];
  readonly config: Config;
  readonly services: Services;
  /** One line on standard output. */
  print(text: string): void;
  /** One line on standard error. */
  complain(text: string): void;
}

export interface Command {
  /** One or two words: `migrate`, `user add`. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** Options of a command. @throws UsageError for an unknown option or a missing value */
export function readOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A path as the person typed it: npm moves to the project's folder, INIT_CWD remembers theirs. */
export function userPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
