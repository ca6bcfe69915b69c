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
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** @returns a function that sends one message, or throws so that it is tried again */
export function createMailTransport(options: MailOptions): (mail: RenderedMail) => Promise<void> {
  if (options.smtpUrl && options.crmEnv === 'production') {
    const transport = createTransport(options.smtpUrl, { from: options.mailFrom });
    return async (mail) => {
      await transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true });
    };
  }
  const folder = join(options.dataDir, 'mail');
  const transport = createTransport(
    { streamTransport: true, buffer: true, newline: 'unix' },
    { from: options.mailFrom },
  );
  return async (mail) => {
    const built = await transport.sendMail(mail);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${mail.to.replace(/[^\w.@-]/g, '_')}.eml`;
    await writeFile(join(folder, name), built.message as Buffer, { mode: 0o600 });
  };
}
