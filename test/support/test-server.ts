import type { ConnectionConfig } from 'mariadb';

/** Parts of `mysql://user:password@host:port/database`, for a connection that has chosen no database yet. */
export function connectionOptions(url: string): { options: ConnectionConfig; database: string } {
  const address = new URL(url);
  return {
    database: decodeURIComponent(address.pathname.slice(1)),
    options: {
      host: address.hostname,
      port: address.port === '' ? 3306 : Number(address.port),
      user: decodeURIComponent(address.username),
      password: decodeURIComponent(address.password),
      timezone: 'Z',
      bigIntAsNumber: true,
    },
  };
}
