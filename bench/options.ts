import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** People of the world `volume`. */
  readonly people: number;
  readonly companies: number;
  /** Seconds of each measure. */
  readonly seconds: number;
  /** Connections held at the same time, one series of measures for each number. */
  readonly connections: readonly number[];
  /** Only the scenarios whose name holds this (`import` and `memory` are names too); null: all. */
  readonly only: string | null;
  /** Rows of the workbook to import; 0 skips the import. */
  readonly importRows: number;
}

/** Thrown for an option that cannot be used; its message is for the person who typed it. */
export class OptionError extends Error {}

/** A whole number within bounds: nobody loads a machine for an hour by a slip of the finger. */
function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || value < least || value > most)
    throw new OptionError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}

/**
 * Reads `npm run bench -- …`.
 * @throws OptionError on an unknown option or a value out of bounds
 */
export function readOptions(args: readonly string[]): BenchOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        people: { type: 'string', default: '1000000' },
        seconds: { type: 'string', default: '5' },
        connections: { type: 'string', default: '1,20,50' },
        only: { type: 'string' },
        'import-rows': { type: 'string', default: '100000' },
      },
    }));
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
  const people = whole('people', values.people, 1_000, 2_000_000);
  return {
    people,
    companies: Math.max(50, Math.round(people / 20)),
    seconds: whole('seconds', values.seconds, 1, 60),
    connections: values.connections.split(',').map((text) => whole('connections', text, 1, 100)),
    only: values.only ?? null,
    importRows: whole('import-rows', values['import-rows'], 0, 190_000),
  };
}

/** Whether a scenario is asked for. */
export function isChosen({ only }: Pick<BenchOptions, 'only'>, name: string): boolean {
  return only === null || name.toLowerCase().includes(only.toLowerCase());
}
