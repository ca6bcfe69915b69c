/** One measure: so many connections asking as fast as they are answered, for so many seconds. Loopback only. */
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { summarise, type Measure } from './figures.ts';

/** A request as one connection sends it. */
export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What one connection sends, one request after the other. */
export interface Caller {
  /** Made just before it is sent. */
  next(): BenchRequest;
  /** Told of each answer, so that the next request can build on it. */
  answered?(status: number): void;
}

export interface Target {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly expectedStatus: number;
  /** The caller of a connection, from 0. */
  readonly caller: (connection: number) => Caller;
  /** Awaited before each series of requests: what the callers build on may have moved with the last one. */
  readonly prepare?: (connections: number) => Promise<void>;
}

/** Answers after this many seconds count as lost. */
const PATIENCE_SECONDS = 10;

/** Lets the answers that nobody waits for any more come to their end. */
const SETTLE_MS = 300;

/** Measures a target; a first second warms it up and is not counted. */
export async function measure(target: Target, connections: number, seconds: number): Promise<Measure> {
  await warmUp(target, connections, 1);
  const figures = await shoot(target, connections, seconds);
  await sleep(SETTLE_MS);
  return figures;
}

/** Asks without measuring. */
export async function warmUp(target: Target, connections: number, seconds: number): Promise<void> {
  await shoot(target, connections, seconds);
  await sleep(SETTLE_MS);
}

async function shoot(target: Target, connections: number, seconds: number): Promise<Measure> {
  if (new URL(target.origin).hostname !== '127.0.0.1') throw new Error('The bench only loads this machine');
  await target.prepare?.(connections);
  const times: number[] = [];
  let wrong = 0;
  let connection = 0;
  return new Promise((resolve, reject) => {
    const options: autocannon.Options = {
      url: target.origin,
      connections,
      duration: seconds,
      timeout: PATIENCE_SECONDS,
      setupClient(client) {
        const caller = target.caller(connection);
        connection += 1;
        const request: autocannon.Request = {
          setupRequest(previous) {
            const { headers, ...request } = caller.next();
            // A copy: the length of the body is written into it.
            return { ...previous, ...request, headers: { ...headers } };
          },
          onResponse: (status) => caller.answered?.(status),
        };
        client.setRequests([request]);
      },
    };
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) reject(error);
      else resolve(summarise(times, result.duration, wrong + result.errors));
    });
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      times.push(milliseconds);
      if (status !== target.expectedStatus) wrong += 1;
    });
  });
}
