import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/transaction.ts';
import { createSender } from '../../src/features/messages/index.ts';
import { RETRY_DELAYS, type MailMessage, type Sender } from '../../src/jobs/outbox.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { startWorker } from '../../src/worker.ts';
import { useSmtpServer } from '../simulators/smtp.ts';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();
const smtp = useSmtpServer();
const dataDir = mkdtempSync(join(tmpdir(), 'crm-mail-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const options = (over: { crmEnv?: 'production' | 'test'; smtpUrl?: string | undefined } = {}) => ({
  smtpUrl: smtp.url() as string | undefined,
  mailFrom: 'ACME School <crm@acme.example>',
  crmEnv: 'production' as 'production' | 'test',
  dataDir,
  ...over,
});
const brand = () => app.services.settings.get('brand');
const smtpSender = (): Sender => createSender(options(), brand);

const mailTo = (to: string): MailMessage => ({
  channel: 'mail',
  to,
  language: 'fr',
  template: 'import-needs-person',
  params: {
    batchUrl: 'https://crm.acme.example/imports/1',
    fileName: 'référentiel <b>.xls',
    reason: 'rejected_share',
    rows: 1200,
    rejected: 300,
  },
});

const queue = (to: string, purpose = to) =>
  inTransaction(app.services.database, (tx) => app.services.outbox.enqueue(tx, mailTo(to), purpose));

interface Row {
  state: string;
  attempts: number;
  lastError: string | null;
  payload: Buffer;
}
const rows = () =>
  app.database.query<Row>(
    'SELECT state, attempts, last_error AS lastError, payload FROM outbox_message ORDER BY dedupe_key',
  );

describe('the outbox', () => {
  it('sends a queued mail once, with its plain text, and nothing to fetch', async () => {
    await queue('scolarite@acme.example');
    const { outbox } = app.services;
    expect(await outbox.deliverDue(smtpSender(), 'a')).toEqual({ sent: 1, postponed: 0, failed: 0 });
    expect(await outbox.deliverDue(smtpSender(), 'a')).toEqual({ sent: 0, postponed: 0, failed: 0 });
    const [mail] = smtp.received;
    expect(smtp.received).toHaveLength(1);
    expect(mail?.subject).toBe('Un import attend votre décision\u202f: référentiel <b>.xls');
    expect(mail?.from?.value).toEqual([{ address: 'crm@acme.example', name: 'ACME School' }]);
    expect(mail?.text).toContain('Fichier\u202f: référentiel <b>.xls');
    expect(mail?.text).toContain('Lignes lues\u202f: 1\u202f200');
    expect(mail?.text).not.toContain('&');
    expect(String(mail?.html)).toContain('référentiel &lt;b&gt;.xls');
    expect(String(mail?.html)).not.toMatch(/<img|<script|<link|url\(/i);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.messageId).toMatch(/^<[0-9a-f-]{36}@acme\.example>$/);
  });

  it('queues a purpose once', async () => {
    await queue('scolarite@acme.example', 'batch 1');
    await queue('scolarite@acme.example', 'batch 1');
    await queue('scolarite@acme.example', 'batch 2');
    expect(await rows()).toHaveLength(2);
  });

  it('queues nothing when the transaction is given up', async () => {
    const work = inTransaction(app.services.database, async (tx) => {
      await app.services.outbox.enqueue(tx, mailTo('a@acme.example'), 'given up');
      throw new Error('given up');
    });
    await expect(work).rejects.toThrow('given up');
    expect(await rows()).toEqual([]);
  });

  it('keeps addresses and contents unreadable in the database', async () => {
    await queue('scolarite@acme.example');
    const [row] = await rows();
    expect(row?.payload.toString('latin1')).not.toMatch(/acme\.example|imports/);
  });

  it('empties a message six months after its end, forgets it after twelve, and keeps what waits', async () => {
    const { database, services } = app;
    for (const purpose of ['a new', 'b old', 'c given up', 'd waits', 'e older'])
      await queue('scolarite@acme.example', purpose);
    const ended = (purpose: string, state: string, months: number) =>
      database.query(
        "UPDATE outbox_message SET state = ?, sent_at = IF(? = 'sent', NOW(3) - INTERVAL ? MONTH - INTERVAL 1 DAY, NULL), next_attempt_at = NOW(3) - INTERVAL ? MONTH - INTERVAL 1 DAY, attempts = 1 WHERE dedupe_key = ?",
        [state, state, months, months, purpose],
      );
    await ended('a new', 'sent', 5);
    await ended('b old', 'sent', 6);
    await ended('c given up', 'failed', 6);
    await ended('d waits', 'pending', 6);
    await ended('e older', 'sent', 12);
    await services.jobs.run('cleanup', systemActor('cleanup'));
    const left = await database.query<{ purpose: string; state: string; bytes: number; sent: number }>(
      'SELECT dedupe_key AS purpose, state, LENGTH(payload) AS bytes, sent_at IS NOT NULL AS sent FROM outbox_message ORDER BY dedupe_key',
    );
    expect(left.map(({ purpose, state, bytes, sent }) => [purpose, state, Number(bytes) > 0, Number(sent)])).toEqual([
      ['a new', 'sent', true, 1],
      ['b old', 'sent', false, 1],
      ['c given up', 'failed', false, 0],
      ['d waits', 'pending', true, 0],
    ]);
    // What is left of a message still keeps its purpose from being sent a second time.
    await queue('scolarite@acme.example', 'b old');
    expect(await services.outbox.deliverDue(smtpSender(), 'a')).toMatchObject({ sent: 1 });
    expect(smtp.received).toHaveLength(1);
  });

  it('tries again after 30 seconds, then after longer and longer, and gives up after the last attempt', async () => {
    await queue('plein@acme.example');
    smtp.refuseNext(99, 451);
    const { outbox } = app.services;
    for (const [index, delay] of RETRY_DELAYS.entries()) {
      expect(await outbox.deliverDue(smtpSender(), 'a')).toEqual({ sent: 0, postponed: 1, failed: 0 });
      app.clock.advance(delay * 1000 - 1);
      expect(await outbox.deliverDue(smtpSender(), 'a'), `before delay ${index}`).toMatchObject({ postponed: 0 });
      app.clock.advance(1);
    }
    expect(await outbox.deliverDue(smtpSender(), 'a')).toEqual({ sent: 0, postponed: 0, failed: 1 });
    expect(smtp.tried).toHaveLength(RETRY_DELAYS.length + 1);
    expect(await rows()).toMatchObject([{ state: 'failed', attempts: RETRY_DELAYS.length + 1 }]);
    app.clock.advance(86_400_000);
    expect(await outbox.deliverDue(smtpSender(), 'a')).toEqual({ sent: 0, postponed: 0, failed: 0 });
  });

  it('sends after a refusal that passed', async () => {
    await queue('plein@acme.example');
    smtp.refuseNext(1, 451);
    await app.services.outbox.deliverDue(smtpSender(), 'a');
    app.clock.advance(30_000);
    await app.services.outbox.deliverDue(smtpSender(), 'a');
    expect(smtp.received).toHaveLength(1);
    expect(await rows()).toMatchObject([{ state: 'sent', attempts: 2, lastError: null }]);
  });

  it('gives up at once when the mailbox does not exist, and keeps no address in the reason', async () => {
    await queue('personne@acme.example');
    smtp.refuseNext(1, 550);
    expect(await app.services.outbox.deliverDue(smtpSender(), 'a')).toMatchObject({ failed: 1 });
    expect(await rows()).toMatchObject([
      { state: 'failed', attempts: 1, lastError: 'UndeliverableError EENVELOPE 550' },
    ]);
  });

  it('waits for a mail server that is away', async () => {
    await queue('scolarite@acme.example');
    const nowhere = createSender(options({ smtpUrl: 'smtp://127.0.0.1:9' }), brand);
    expect(await app.services.outbox.deliverDue(nowhere, 'a')).toMatchObject({ postponed: 1 });
    app.clock.advance(30_000);
    expect(await app.services.outbox.deliverDue(smtpSender(), 'a')).toMatchObject({ sent: 1 });
  });

  it('sends each mail once when two workers look at the same time', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `personne${index}@acme.example`);
    for (const address of addresses) await queue(address);
    const deliveries = await Promise.all(
      ['a', 'b'].map((owner) => app.services.outbox.deliverDue(smtpSender(), owner)),
    );
    expect(deliveries.reduce((sum, { sent }) => sum + sent, 0)).toBe(20);
    expect(Math.min(...deliveries.map(({ sent }) => sent))).toBeGreaterThan(0);
    expect(smtp.tried.toSorted()).toEqual(addresses.toSorted());
  });

  it('takes a message over once the lease of a worker that died runs out, not before', async () => {
    await queue('scolarite@acme.example');
    let died: () => void = () => undefined;
    const never = new Promise<void>((resolve) => {
      died = resolve;
    });
    const first = app.services.outbox.deliverDue(() => never, 'died');
    await expect.poll(async () => (await rows())[0]?.state).toBe('sending');
    expect(await app.services.outbox.deliverDue(smtpSender(), 'heir')).toMatchObject({ sent: 0 });
    app.clock.advance(60_000);
    expect(await app.services.outbox.deliverDue(smtpSender(), 'heir')).toMatchObject({ sent: 1 });
    // What the first one says afterwards changes nothing.
    died();
    await first;
    expect(await rows()).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it('leaves the rest for later when it is stopping', async () => {
    for (const name of ['a', 'b', 'c']) await queue(`${name}@acme.example`);
    let asked = 0;
    const isStopping = () => (asked += 1) > 1;
    expect(await app.services.outbox.deliverDue(smtpSender(), 'a', { isStopping })).toMatchObject({ sent: 1 });
    expect((await rows()).map((row) => row.state).toSorted()).toEqual(['pending', 'pending', 'sent']);
  });
});

describe('mail that stays inside', () => {
  const written = () => readdirSync(join(dataDir, 'mail'));

  it.each([
    ['in the test environment, whatever SMTP_URL says', { crmEnv: 'test' as const }],
    ['without SMTP_URL', { smtpUrl: undefined }],
  ])('is written to a folder %s', async (_case, over) => {
    rmSync(join(dataDir, 'mail'), { recursive: true, force: true });
    await queue('scolarite@acme.example');
    await app.services.outbox.deliverDue(createSender(options(over), brand), 'a');
    expect(smtp.tried).toEqual([]);
    const [file] = written();
    expect(file).toMatch(/scolarite@acme\.example.*\.eml$/);
    const mail = await simpleParser(readFileSync(join(dataDir, 'mail', file ?? '')));
    expect(mail.text).toContain('https://crm.acme.example/imports/1');
  });
});

describe('the worker', () => {
  it('sends what is queued here without waiting, and stops with the message under way sent', async () => {
    const config = { ...app.config, smtpUrl: smtp.url() };
    smtp.delay = 300;
    const stop = startWorker({ ...app.services, config });
    await queue('scolarite@acme.example');
    await expect.poll(() => smtp.tried.length, { timeout: 10_000 }).toBe(1);
    await stop();
    expect(smtp.received).toHaveLength(1);
    expect(await rows()).toMatchObject([{ state: 'sent' }]);
  });
});
