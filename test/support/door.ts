/** What people do at the door of the administrative site, as a browser does it. */
import type { Express } from 'express';
import supertest from 'supertest';
import { Secret, TOTP } from 'otpauth';
import type { MailMessage } from '../../src/jobs/outbox.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { csrfIn, TEST_PASSWORD, type Agent, type TestApp } from './app.ts';

export interface Door {
  readonly agent: Agent;
  /** Posts to an address with the token of the page that stands at `from` (the door itself by default). */
  send(path: string, fields: Record<string, string>, from?: string): Promise<supertest.Response>;
  /** Posts to /connexion. */
  knock(fields: Record<string, string>): Promise<supertest.Response>;
}

/** A browser that has never been here. */
export function openDoor(site: Express): Door {
  const agent = supertest.agent(site);
  const send: Door['send'] = async (path, fields, from = '/connexion') => {
    const page = await agent.get(from).redirects(2);
    return agent
      .post(path)
      .type('form')
      .send({ ...fields, _csrf: csrfIn(page.text) });
  };
  return { agent, send, knock: (fields) => send('/connexion', fields) };
}

let accounts = 0;

/** An account that nobody has signed in to yet. */
export async function anAccount(app: TestApp, ...roleKeys: string[]): Promise<{ id: string; email: string }> {
  accounts += 1;
  const email = `compte${accounts}@acme.example`;
  const { id } = await app.services.accounts.createUser(systemActor('test', 'cli'), {
    email,
    name: `Compte Numéro ${accounts}`,
    roleKeys,
    password: TEST_PASSWORD,
  });
  return { id, email };
}

/** The application on a telephone: the code of a secret at the time of the tests' clock, or some seconds later. */
export function codeOf(app: TestApp, secret: string, secondsLater = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replace(/\s/g, '')) });
  return totp.generate({ timestamp: app.clock.now().getTime() + secondsLater * 1000 });
}

/** Takes what waits in the outbox instead of sending it. */
export async function takeMails(app: TestApp): Promise<MailMessage[]> {
  const mails: MailMessage[] = [];
  await app.services.outbox.deliverDue((message) => {
    mails.push(message);
    return Promise.resolve();
  }, 'test');
  return mails;
}

/** Path of the link that a mail holds. */
export function linkIn(mail: MailMessage | undefined): string {
  return new URL(String(mail?.params['link'])).pathname;
}

/** Actions of the journal about a subject, in the order they were written. */
export async function journalOf(app: TestApp, subjectId: string): Promise<string[]> {
  const rows = await app.database.query<{ action: string }>(
    'SELECT action FROM audit_event WHERE subject_id = ? ORDER BY sequence',
    [subjectId],
  );
  return rows.map(({ action }) => action);
}
