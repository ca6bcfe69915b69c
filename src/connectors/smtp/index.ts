/** Sends mail through SMTP_URL; without one (the demo), or in the test environment, writes each message to a folder instead. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

export interface MailOptions {
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** `test`: nothing is sent outside. */
  readonly crmEnv: 'production' | 'test';
  readonly dataDir: string;
}

export interface RenderedMail {
  /** The same mail sent twice keeps its id: receivers show one. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail server that says nothing for this long is not there; well under the lease of a message. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/** Nobody answers this mailbox, and nothing should answer it by itself. @see RFC 3834 */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/**
 * True when a mail server refused for good (5xx) the address or the message: sending the same again ends the same. A refused
 * sign-in is the configuration's fault, which people repair.
 */
export function isPermanentRefusal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500;
}

/** @returns a function that sends one message, or throws what the mail server answered */
export function createMailTransport(options: MailOptions): (mail: RenderedMail) => Promise<void> {
  const domain = /@([\w.-]+)/.exec(options.mailFrom)?.[1] ?? 'localhost';
  const compose = ({ id, ...mail }: RenderedMail) => ({
    ...mail,
    messageId: `<${id}@${domain}>`,
    headers: AUTOMATIC,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  if (options.smtpUrl && options.crmEnv === 'production') {
    const transport = createTransport({ url: options.smtpUrl, ...TIMEOUTS }, { from: options.mailFrom });
    return async (mail) => {
      await transport.sendMail(compose(mail));
    };
  }
  const folder = join(options.dataDir, 'mail');
  const transport = createTransport(
    { streamTransport: true, buffer: true, newline: 'unix' },
    { from: options.mailFrom },
  );
  return async (mail) => {
    const built = await transport.sendMail(compose(mail));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${mail.to.replace(/[^\w.@-]/g, '_')}-${mail.id.slice(-6)}.eml`;
    await writeFile(join(folder, name), built.message as Buffer, { mode: 0o600 });
  };
}
