/** A mail server that speaks SMTP on loopback, keeps what it receives, and refuses when told to. */
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export interface ReceivedMail extends ParsedMail {
  readonly raw: string;
}

export interface SmtpSimulator {
  /** SMTP_URL of the server; known once the tests run. */
  url(): string;
  /** What was accepted since the test began. */
  readonly received: readonly ReceivedMail[];
  /** Recipients tried since the test began, accepted or not. */
  readonly tried: readonly string[];
  /** Refuses the next `times` recipients with an SMTP code. */
  refuseNext(times: number, code: number): void;
  /** Milliseconds the server takes to accept a message. */
  delay: number;
}

/** Call at the top of a test file. */
export function useSmtpServer(): SmtpSimulator {
  const received: ReceivedMail[] = [];
  const tried: string[] = [];
  let refusals = { times: 0, code: 451 };
  const simulator: SmtpSimulator = {
    url: () => `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    tried,
    refuseNext: (times, code) => {
      refusals = { times, code };
    },
    delay: 0,
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(address, _session, done) {
      tried.push(address.address);
      if (refusals.times === 0) {
        done();
        return;
      }
      refusals.times -= 1;
      done(Object.assign(new Error(`Mailbox ${address.address} says no`), { responseCode: refusals.code }));
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        setTimeout(() => {
          simpleParser(raw).then(
            (mail) => {
              received.push({ ...mail, raw });
              done();
            },
            (error: unknown) => done(error as Error),
          );
        }, simulator.delay);
      });
    },
  });

  beforeAll(
    () =>
      new Promise<void>((resolve, reject) => {
        server.on('error', reject);
        server.listen(0, '127.0.0.1', () => resolve());
      }),
  );
  beforeEach(() => {
    received.length = 0;
    tried.length = 0;
    refusals = { times: 0, code: 451 };
    simulator.delay = 0;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return simulator;
}
