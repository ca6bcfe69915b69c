/**
 * Failures of sign-in are counted in the database by account and by network address: a restart forgets nothing.
 * @see CNIL délibération 2022-100: access restriction after failed attempts
 */
import mysql from 'mysql2';
import { RateLimiterMySQL, RateLimiterRes } from 'rate-limiter-flexible';

export interface Throttle {
  /** Seconds before the next attempt is allowed; 0 when it is. */
  secondsToWait(account: string, ip: string): Promise<number>;
  /** Counts a failure; returns the seconds to wait if it was one too many. */
  fail(account: string, ip: string): Promise<number>;
  /** Forgets the failures of an account. */
  succeed(account: string): Promise<void>;
  close(): Promise<void>;
}

/** Five failures of one account within 15 minutes lock it for 15; fifty from one address lock the address. */
const ACCOUNT = { points: 5, duration: 900, blockDuration: 900 };
const ADDRESS = { points: 50, duration: 900, blockDuration: 900 };

/** @param realm names the site, so that its counters are its own */
export function createThrottle(databaseUrl: string, realm: string): Throttle {
  const url = new URL(databaseUrl);
  const pool = mysql.createPool({
    uri: `mysql://${url.host}${url.pathname}`,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    connectionLimit: 2,
    timezone: 'Z',
  });
  const limiter = (kind: string, options: typeof ACCOUNT) =>
    new RateLimiterMySQL({
      storeClient: pool,
      dbName: url.pathname.slice(1),
      tableName: 'rate_limit',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: `${realm}:${kind}`,
      ...options,
    });
  const byAccount = limiter('account', ACCOUNT);
  const byAddress = limiter('address', ADDRESS);
  const key = (account: string): string => account.slice(0, 191);
  const seconds = (result: RateLimiterRes | null): number =>
    Math.max(1, Math.ceil((result?.msBeforeNext ?? 1000) / 1000));

  async function waitOf(limit: RateLimiterMySQL, name: string, points: number): Promise<number> {
    const result = await limit.get(name);
    return result && result.consumedPoints >= points && result.msBeforeNext > 0 ? seconds(result) : 0;
  }

  async function consume(limit: RateLimiterMySQL, name: string, points: number): Promise<number> {
    try {
      const result = await limit.consume(name);
      if (result.consumedPoints < points) return 0;
      return seconds(await limit.block(name, ACCOUNT.blockDuration));
    } catch (error) {
      if (error instanceof RateLimiterRes) return seconds(error);
      throw error;
    }
  }

  return {
    async secondsToWait(account, ip) {
      return Math.max(
        await waitOf(byAccount, key(account), ACCOUNT.points),
        await waitOf(byAddress, ip, ADDRESS.points),
      );
    },
    async fail(account, ip) {
      return Math.max(
        await consume(byAccount, key(account), ACCOUNT.points),
        await consume(byAddress, ip, ADDRESS.points),
      );
    },
    async succeed(account) {
      await byAccount.delete(key(account));
    },
    close: () =>
      new Promise((resolve, reject) => {
        pool.end((error) => (error ? reject(error) : resolve()));
      }),
  };
}
