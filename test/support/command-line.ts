/** The command line as a person runs it: a process of its own, on the database of the test. */
import { spawn } from 'node:child_process';
import { projectRoot } from '../../src/project-root.ts';
import { testEnvironment, type TestApp } from './app.ts';

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

/**
 * @param input what is typed into the command
 * @param onStart given a function that interrupts the command, as Ctrl-C does
 */
export function runCommand(
  app: TestApp,
  words: readonly string[],
  input = '',
  onStart?: (interrupt: () => void) => void,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/crm.ts', ...words], {
      cwd: projectRoot,
      env: { PATH: process.env['PATH'], ...testEnvironment(app.database.url, app.config.dataDir) },
    });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, complaint }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    onStart?.(() => void child.kill('SIGINT'));
  });
}
