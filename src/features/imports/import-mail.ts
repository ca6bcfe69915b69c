/** Tells by mail whoever may decide that a batch of the daily work needs a person. */
import { Prisma, type Reader } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import { translator } from '../../i18n/index.ts';
import type { Outbox } from '../../jobs/outbox.ts';
import type { Batch, ImportSource } from './batch-store.ts';
import { codeTitle } from './import-words.ts';
import { importUrl } from './urls.ts';

interface Decider {
  readonly id: string;
  readonly email: string;
  readonly language: 'fr' | 'en';
}

const PERMISSIONS = { students: 'imports.decide_students', companies: 'imports.decide_companies' } as const;

/** The permission that decides about a source. */
export function decidingPermission(source: ImportSource): (typeof PERMISSIONS)[ImportSource] {
  return PERMISSIONS[source];
}

function findDeciders(reader: Pick<Reader, 'query'>, source: ImportSource): Promise<Decider[]> {
  return reader.query<Decider>(
    Prisma.sql`SELECT DISTINCT u.id, u.email, u.language FROM staff_user u JOIN user_role ur ON ur.user_id = u.id JOIN role_grant g ON g.role_id = ur.role_id WHERE g.permission = ${PERMISSIONS[source]} AND u.disabled_at IS NULL`,
  );
}

interface MailContext {
  readonly tx: Transaction;
  readonly outbox: Outbox;
  readonly publicAdminUrl: string;
}

/** A batch waits for a decision: says why. */
export async function mailWaitingBatch({ tx, outbox, publicAdminUrl }: MailContext, batch: Batch): Promise<void> {
  for (const { id: userId, email, language } of await findDeciders(tx, batch.source))
    await outbox.enqueue(
      tx,
      {
        channel: 'mail',
        to: email,
        language,
        template: 'import-needs-person',
        params: {
          batchUrl: `${publicAdminUrl}${importUrl(batch.id)}`,
          fileName: batch.fileName,
          reason: batch.suspicions[0]?.kind ?? '',
          rows: batch.totals?.rows ?? 0,
          rejected: batch.totals?.rejected ?? 0,
        },
      },
      `import-waits:${batch.id}:${userId}`,
    );
}

/** A source could not be read: says why. */
export async function mailRefusedBatch({ tx, outbox, publicAdminUrl }: MailContext, batch: Batch): Promise<void> {
  for (const { id: userId, email, language } of await findDeciders(tx, batch.source)) {
    const t = translator(language);
    await outbox.enqueue(
      tx,
      {
        channel: 'mail',
        to: email,
        language,
        template: 'import-refused',
        params: {
          batchUrl: `${publicAdminUrl}${importUrl(batch.id)}`,
          fileName: batch.fileName,
          reason: batch.errorCode ? codeTitle(batch.errorCode, t) : t('emails.import_refused.interrupted'),
        },
      },
      `import-refused:${batch.id}:${userId}`,
    );
  }
}
