/**
 * Attempts are counted in the database, by account and by network address: a restart forgets nothing. An attempt is counted
 * before it is made, so that a hundred sent at once are not a hundred tries.
 * @see CNIL, délibération 2022-100: access restriction after failed attempts
 */
import { createHash } from 'node:crypto';
import mysql from 'mysql2';
import { RateLimiterMySQL, RateLimiterRes } from 'rate-limiter-flexible';

/** So many attempts within so many seconds; one too many waits as long again. */
export interface Limit {
  readonly attempts: number;
  readonly seconds: number;
}

/** Counts attempts of one kind. */
export interface Counter {
  /** Counts an attempt about to be made. @returns seconds to wait; 0 when it may be made */
  take(key: string): Promise<number>;
  /** Says that the attempt failed. @returns seconds to wait when it was the last one allowed, else 0 */
  fail(key: string): Promise<number>;
  /** Forgets every attempt. */
  forget(key: string): Promise<void>;
  /** Takes one attempt back. */
  giveBack(key: string): Promise<void>;
}

/** Attempts to sign in, by account and by address together; seconds as in {@link Counter}. */
export interface SignInCounter {
  take(account: string, ip: string): Promise<number>;
  fail(account: string, ip: string): Promise<number>;
  succeed(account: string, ip: string): Promise<void>;
  /** Lets an account try again at once: its owner has just proved who they are. */
  forget(account: string): Promise<void>;
}

export interface Throttle {
  readonly signIn: SignInCounter;
  /** A counter of its own for another kind of attempt. */
  counter(kind: string, limit: Limit): Counter;
  close(): Promise<void>;
}

const QUARTER_OF_AN_HOUR = 900;
const ACCOUNT: Limit = { attempts: 5, seconds: QUARTER_OF_AN_HOUR };
const ADDRESS: Limit = { attempts: 50, seconds: QUARTER_OF_AN_HOUR };

/** A home or an office owns the first half of an IPv6 address: changing the second half changes nobody. */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip.replace(/^::ffff:/i, '');
  const [head = '', tail] = ip.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** @param realm names the server and the site, so that the counters of each are its own */
export function createThrottle(databaseUrl: string, realm: string): Throttle {
  const url = new URL(databaseUrl);
  const pool = mysql.createPool({
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    connectionLimit: 2,
    connectTimeout: 3_000,
    timezone: 'Z',
    ...(url.searchParams.has('ssl') ? { ssl: {} } : {}),
  });

  function counter(kind: string, { attempts, seconds }: Limit): Counter {
    const limiter = new RateLimiterMySQL({
      storeClient: pool,
      dbName: url.pathname.slice(1),
      tableName: 'rate_limit',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: `${realm}:${kind}`,
      points: attempts,
      duration: seconds,
      blockDuration: seconds,
    });
    // What was typed may be anything, at any length, and is nobody's business.
    const hashed = (key: string): string => createHash('sha256').update(key).digest('hex');
    const wait = (result: RateLimiterRes): number => Math.max(1, Math.ceil(result.msBeforeNext / 1000));
    return {
      async take(key) {
        try {
          await limiter.consume(hashed(key));
          return 0;
        } catch (error) {
          if (error instanceof RateLimiterRes) return wait(error);
          throw error;
        }
      },
      async fail(key) {
        const result = await limiter.get(hashed(key));
        if (!result || result.consumedPoints < attempts) return 0;
        return wait(await limiter.block(hashed(key), seconds));
      },
      async forget(key) {
        await limiter.delete(hashed(key));
      },
      async giveBack(key) {
        await limiter.reward(hashed(key));
      },
    };
  }

  const byAccount = counter('account', ACCOUNT);
  const byAddress = counter('address', ADDRESS);
  return {
    signIn: {
      async take(account, ip) {
        return Math.max(await byAddress.take(networkOf(ip)), await byAccount.take(account));
      },
      async fail(account, ip) {
        return Math.max(await byAddress.fail(networkOf(ip)), await byAccount.fail(account));
      },
      async succeed(account, ip) {
        await byAddress.giveBack(networkOf(ip));
        await byAccount.forget(account);
      },
      forget: (account) => byAccount.forget(account),
    },
    counter,
    close: () =>
      new Promise((resolve, reject) => {
        pool.end((error) => (error ? reject(error) : resolve()));
      }),
  };
}
