/**
 * Configuration of a process: the only reader of process.env.
 * A bad value stops the boot with a sentence that names the variable; values themselves are never printed.
 * @see README.md, "Configuration"
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';

/** A versioned key ring: `v1:BASE64,v2:BASE64`, 32 bytes each; every key reads, the last one writes. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

const siteNames = ['admin', 'portal', 'worker'] as const;
export type SiteName = (typeof siteNames)[number];

const emptyToUndefined = (value: unknown): unknown => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(emptyToUndefined, schema.optional());
const withDefault = <T extends z.ZodType>(schema: T, value: z.output<T>) =>
  z.preprocess((raw) => emptyToUndefined(raw) ?? value, schema);

const port = z.coerce.number('must be a port number').int().min(0).max(65535);

/** True when the parts of an address can be taken apart: a port that exists, escapes that mean something. */
function isReadableUrl(value: string): boolean {
  try {
    const { username, password } = new URL(value);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

const databaseUrl = z
  .string('is required: mysql://user:password@host:port/database')
  .refine(
    (value) => /^(mysql|mariadb):\/\/[^/]+\/[A-Za-z0-9_]+/.test(value) && isReadableUrl(value),
    'must look like mysql://user:password@host:port/database',
  );
const publicUrl = z
  .string()
  .refine(
    (value) => /^https?:\/\/[^/]+\/?$/.test(value),
    'must be an address without a path, like https://crm.acme.example',
  );
const sites = z.string().transform((value, context) => {
  const names = value.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!siteNames.includes(name as SiteName)) {
      context.addIssue({ code: 'custom', message: 'must list admin, portal or worker, separated by commas' });
      return z.NEVER;
    }
  }
  return new Set(names as SiteName[]);
});
/** An address, a network (`10.0.0.0/8`), or a word of Express for several. */
function isProxy(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true;
  const [address = '', bits, ...rest] = value.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  if (most === undefined || rest.length > 0) return false;
  // A network of everyone would let anyone say who they are.
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
}

const proxies = z.string().transform((value, context): readonly string[] => {
  const list = value.split(',').map((part) => part.trim());
  if (list.every(isProxy)) return list;
  context.addIssue({ code: 'custom', message: 'must list loopback, linklocal, uniquelocal, addresses or networks' });
  return z.NEVER;
});
const keyRing = z.string().transform((value, context): KeyRing => {
  const keys = new Map<string, Buffer>();
  let current = '';
  for (const part of value.split(',')) {
    const [name, encoded] = part.trim().split(':');
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (!name || !/^v\d+$/.test(name) || bytes.length !== 32) {
      context.addIssue({ code: 'custom', message: 'must be v1:BASE64 (32 bytes), several separated by commas' });
      return z.NEVER;
    }
    keys.set(name, bytes);
    current = name;
  }
  return { current, keys };
});

const schema = z.object({
  NODE_ENV: withDefault(z.enum(['development', 'production', 'test']), 'development'),
  CRM_ENV: withDefault(z.enum(['production', 'test']), 'production'),
  DATABASE_URL: databaseUrl,
  PORTAL_DATABASE_URL: optional(databaseUrl),
  HOST: withDefault(z.string(), '127.0.0.1'),
  ADMIN_PORT: withDefault(port, 3000),
  PORTAL_PORT: withDefault(port, 3001),
  TRUSTED_PROXIES: withDefault(proxies, 'loopback' as never),
  CRM_SITES: withDefault(sites, 'admin,portal,worker' as never),
  CRM_NODE: withDefault(z.enum(['srvcrm1', 'srvcrm2']), 'srvcrm1'),
  CRM_DATA_DIR: withDefault(z.string(), '.data'),
  LOG_LEVEL: withDefault(z.enum(['silent', 'error', 'warn', 'info', 'debug']), 'info'),
  SESSION_SECRET: z.string('is required (at least 32 characters)').min(32, 'must have at least 32 characters'),
  NIR_KEY: optional(keyRing),
  NIR_INDEX_KEY: optional(keyRing),
  FIELD_KEY: z.preprocess(emptyToUndefined, z.string('is required: v1:BASE64 (32 bytes)').pipe(keyRing)),
  PUBLIC_ADMIN_URL: optional(publicUrl),
  PUBLIC_PORTAL_URL: optional(publicUrl),
  STUDENT_FILE: optional(z.string()),
  GETENT_URL: optional(databaseUrl),
  GETETU_URL: optional(databaseUrl),
  GETETU_FILES_DIR: optional(z.string()),
  BTOB_URL: optional(z.url()),
  ALUMNET_URL: optional(z.url()),
  ALUMNET_CLIENT_ID: optional(z.string()),
  ALUMNET_CLIENT_SECRET: optional(z.string()),
  ALUMNET_WEBHOOK_SECRET: optional(z.string()),
  TWILIO_ACCOUNT_SID: optional(z.string()),
  TWILIO_AUTH_TOKEN: optional(z.string()),
  TWILIO_MESSAGING_SERVICE_SID: optional(z.string()),
  TWILIO_API_URL: optional(z.url()),
  SMTP_URL: optional(z.string().regex(/^smtps?:\/\//, 'must look like smtp://host:port')),
  MAIL_FROM: withDefault(z.string(), 'ACME School <crm@acme.example>'),
  OIDC_ISSUER: optional(z.url()),
  OIDC_CLIENT_ID: optional(z.string()),
  OIDC_CLIENT_SECRET: optional(z.string()),
  PEER_URL: optional(z.url()),
  PEER_KEY: optional(z.string()),
});

/** Names of every variable the product reads, in the order of .env.example. */
export const configVariables: readonly string[] = Object.keys(schema.shape);

/** Thrown when the environment cannot be used; `problems` holds one sentence a variable. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Config = ReturnType<typeof readConfig>;

/**
 * Reads the configuration.
 * @param environment defaults to process.env
 * @throws ConfigError naming each variable that is missing or wrong
 */
export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  }
  const value = parsed.data;
  const problems: string[] = [];
  const activeSites = value.CRM_SITES;
  const handlesNir = activeSites.has('admin') || activeSites.has('worker');
  for (const name of ['NIR_KEY', 'NIR_INDEX_KEY'] as const) {
    if (handlesNir && !value[name])
      problems.push(`${name} is required by a process that runs admin or worker: v1:BASE64 (32 bytes)`);
    if (!handlesNir && value[name])
      problems.push(`${name} must not be given to a process that runs the student site alone`);
  }
  if (value.NODE_ENV === 'production') {
    if (activeSites.has('admin') && !value.PUBLIC_ADMIN_URL)
      problems.push('PUBLIC_ADMIN_URL is required in production');
    if (activeSites.has('portal') && !value.PUBLIC_PORTAL_URL)
      problems.push('PUBLIC_PORTAL_URL is required in production');
  }
  if (problems.length > 0) throw new ConfigError(problems);

  const database = new URL(value.DATABASE_URL);
  const databaseName = database.pathname.slice(1);
  return {
    nodeEnv: value.NODE_ENV,
    /** `test`: a banner on every page, and nothing is sent outside. */
    crmEnv: value.CRM_ENV,
    site: value.CRM_NODE,
    sites: activeSites,
    host: value.HOST,
    /** Proxies that are believed when they say who asks, and over TLS. */
    trustedProxies: value.TRUSTED_PROXIES,
    adminPort: value.ADMIN_PORT,
    portalPort: value.PORTAL_PORT,
    logLevel: value.LOG_LEVEL,
    databaseUrl: value.DATABASE_URL,
    databaseName,
    /** Schema of the NIR, on the same server. */
    nirDatabaseName: `${databaseName}_nir`,
    /** Account of the student site; the main one where none is given. */
    portalDatabaseUrl: value.PORTAL_DATABASE_URL ?? value.DATABASE_URL,
    /** Absolute folder for stored files, mail of the demo and keys. */
    dataDir: resolve(value.CRM_DATA_DIR),
    sessionSecret: value.SESSION_SECRET,
    keys: { nir: value.NIR_KEY, nirIndex: value.NIR_INDEX_KEY, field: value.FIELD_KEY },
    publicAdminUrl: (value.PUBLIC_ADMIN_URL ?? `http://localhost:${value.ADMIN_PORT}`).replace(/\/$/, ''),
    publicPortalUrl: (value.PUBLIC_PORTAL_URL ?? `http://localhost:${value.PORTAL_PORT}`).replace(/\/$/, ''),
    /** Path of the daily workbook. */
    studentFile: value.STUDENT_FILE,
    getentUrl: value.GETENT_URL,
    getetuUrl: value.GETETU_URL,
    smtpUrl: value.SMTP_URL,
    mailFrom: value.MAIL_FROM,
  };
}
