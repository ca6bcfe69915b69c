/** The product as it runs: the server that `npm test` has built, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { projectRoot } from '../../src/project-root.ts';
import type { LogEntry } from './log-capture.ts';
import { testEnvironment } from './app.ts';

export interface ServerProcess {
  readonly child: ChildProcess;
  /** What it logged, in order. */
  readonly logs: readonly LogEntry[];
  /** What it wrote beside its log. */
  readonly errors: () => string;
  /** `http://127.0.0.1:<port>` of the administrative site; empty for a worker alone. */
  readonly url: string;
  /** The code it ended with; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

export interface ServerOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly environment?: Record<string, string>;
  /** A command to run it under, with its arguments. */
  readonly under?: readonly string[];
}

/** A folder for CRM_DATA_DIR, deleted with the process of the test. */
export function aDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crm-server-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts the administrative site and the worker, or what `CRM_SITES` says; resolves once its first site listens, or, without any,
 * its worker works. Call it inside a test, with which it is killed.
 */
export async function startServer({
  databaseUrl,
  dataDir,
  environment,
  under = [],
}: ServerOptions): Promise<ServerProcess> {
  const [program = '', ...args] = [...under, process.execPath, '--enable-source-maps', 'dist/server.js'];
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      ...testEnvironment(databaseUrl, dataDir),
      CRM_SITES: 'admin,worker',
      ADMIN_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const logs: LogEntry[] = [];
  let errors = '';
  let rest = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entry = JSON.parse(line) as LogEntry;
        logs.push(entry);
        if (entry.msg === 'listening') resolve(`http://127.0.0.1:${Number(entry['port'])}`);
        if (entry.msg === 'worker started' && environment?.['CRM_SITES'] === 'worker') resolve('');
      }
    });
    void ended.then((code) => reject(new Error(`The server ended with ${code}: ${errors}`)));
  });
  return { child, logs, errors: () => errors, url, ended };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A browser that keeps its cookie and follows nothing. */
export class Visitor {
  #cookie = '';
  readonly #url: string;
  readonly #language: string;

  constructor(url: string, language = 'fr') {
    this.#url = url;
    this.#language = language;
  }

  async ask(path: string, fields?: Record<string, string> | FormData): Promise<Answer> {
    const answer = await fetch(`${this.#url}${path}`, {
      redirect: 'manual',
      headers: { accept: 'text/html', 'accept-language': this.#language, cookie: this.#cookie },
      ...(fields ? { method: 'POST', body: fields instanceof FormData ? fields : new URLSearchParams(fields) } : {}),
    });
    const [given] = answer.headers.getSetCookie();
    if (given) this.#cookie = given.split(';')[0] ?? '';
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  /** Sends a form with the token of a page. */
  async post(path: string, fields: Record<string, string>, from = '/'): Promise<Answer> {
    const token = /name="_csrf" value="([^"]+)"/.exec((await this.ask(from)).text)?.[1] ?? '';
    return this.ask(path, { ...fields, _csrf: token });
  }

  /** Sends a multipart form with a file. */
  async sendFile(
    path: string,
    fields: Record<string, string>,
    name: string,
    content: Uint8Array<ArrayBuffer>,
  ): Promise<Answer> {
    const body = new FormData();
    const token = /name="_csrf" value="([^"]+)"/.exec((await this.ask('/')).text)?.[1] ?? '';
    for (const [field, value] of Object.entries({ _csrf: token, ...fields })) body.append(field, value);
    body.append(name, new Blob([content]), 'essai.csv');
    return this.ask(path, body);
  }

  async signIn(email: string, password: string): Promise<void> {
    const { status } = await this.post('/connexion', { email, password }, '/connexion');
    if (status !== 303) throw new Error(`The sign-in answered ${status}`);
  }
}
