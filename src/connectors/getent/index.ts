import { createHash } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2';
import { z } from 'zod';
import { SourceError } from '../../shared/source-error.ts';
import { decodeWindows1252 } from '../../shared/windows-1252.ts';

/**
 * A text column. The server turns the character set of the table (latin1 or not) into UTF-8; a column of raw bytes is read as
 * UTF-8 when it is valid, else as Windows-1252.
 */
const textColumn = z
  .union([z.string(), z.number().transform(String), z.instanceof(Buffer).transform(decodeBytes)])
  .nullable();

/** A row of `entreprise`. The table has no primary key: the id may be missing or stand twice. */
const getentCompanySchema = z.object({
  id_entreprise: z
    .union([
      z.number().int(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
      z.literal('').transform(() => null),
    ])
    .nullable(),
  nom: textColumn,
  adresse: textColumn,
  mail: textColumn,
  telephone: textColumn,
});

export type GetentCompany = z.infer<typeof getentCompanySchema>;

export interface GetentReading {
  /** In table order: the place in the table, from 1, is the row number of reports. */
  companies: GetentCompany[];
  /** Of the rows in canonical form, in table order: 64 hexadecimal digits. */
  sha256: string;
}

export interface ReadGetentOptions {
  /** `mysql://user:password@host:port/database`; reading rights are enough. */
  url: string;
  /** To connect, and between two answers of the server. */
  timeoutSeconds?: number;
  /** Stops the reading; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal;
}

const TIMEOUT_SECONDS = 10;

const COMPANIES = 'SELECT id_entreprise, nom, adresse, mail, telephone FROM entreprise';

/**
 * Reads the companies of GetEnt, once and in table order. Nothing is ever written there.
 * @throws SourceError `SOURCE_UNREACHABLE` when the server does not answer in time, refuses the account, or has no such table
 * @see import rules §3 and §5
 */
export async function readGetentCompanies(options: ReadGetentOptions): Promise<GetentReading> {
  options.signal?.throwIfAborted();
  const timeout = (options.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000;
  const connection = connect(options.url, timeout);
  const hash = createHash('sha256');
  const companies: GetentCompany[] = [];
  try {
    await readRows(connection, timeout, options.signal, (row) => {
      const company = getentCompanySchema.parse(row);
      hash.update(canonicalRow(company));
      companies.push(company);
    });
  } catch (error) {
    if (options.signal?.aborted === true || error instanceof SourceError) throw error;
    throw unreachable(error);
  } finally {
    connection.destroy();
  }
  return { companies, sha256: hash.digest('hex') };
}

function connect(url: string, timeout: number): Connection {
  let address: URL;
  try {
    address = new URL(url);
  } catch (error) {
    throw new SourceError('SOURCE_UNREACHABLE', { reason: 'address' }, { cause: error });
  }
  return createConnection({
    host: address.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: address.port === '' ? 3306 : Number(address.port),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database: decodeURIComponent(address.pathname.slice(1)),
    connectTimeout: timeout,
    charset: 'utf8mb4',
    supportBigNumbers: true,
  });
}

/** Streams the table, so that the driver holds no more than a row; gives up when nothing comes for `timeout` milliseconds. */
function readRows(
  connection: Connection,
  timeout: number,
  signal: AbortSignal | undefined,
  onRow: (row: unknown) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown): void => {
      clearTimeout(patience);
      signal?.removeEventListener('abort', abort);
      if (error === null) resolve();
      else reject(error instanceof Error ? error : new Error(String(error)));
    };
    const patience = setTimeout(() => settle(new SourceError('SOURCE_UNREACHABLE', { reason: 'ETIMEDOUT' })), timeout);
    const abort = (): void => settle(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    connection.on('error', settle);
    // A server older than 5.5 knows only the three-byte form, which holds all that latin1 can.
    connection.query('SET NAMES utf8mb4', (refused) => {
      const start = (): void => {
        connection
          .query(COMPANIES)
          .on('error', settle)
          .on('result', (row: unknown) => {
            patience.refresh();
            try {
              onRow(row);
            } catch (error) {
              settle(error);
            }
          })
          .on('end', () => settle(null));
      };
      if (refused === null) start();
      else if (refused.code === 'ER_UNKNOWN_CHARACTER_SET') {
        connection.query('SET NAMES utf8', (error) => (error === null ? start() : settle(error)));
      } else settle(refused);
    });
  });
}

function canonicalRow(company: GetentCompany): string {
  return `${JSON.stringify([company.id_entreprise, company.nom, company.adresse, company.mail, company.telephone])}\n`;
}

function decodeBytes(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decodeWindows1252(bytes).text;
  }
}

function unreachable(error: unknown): SourceError {
  const code = error instanceof z.ZodError ? 'unexpected column' : ((error as NodeJS.ErrnoException).code ?? 'unknown');
  return new SourceError('SOURCE_UNREACHABLE', { reason: code }, { cause: error });
}
