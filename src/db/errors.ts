/** What a database error means to a caller, whichever layer raised it. */

interface DriverError {
  code?: string;
  errno?: number;
  message?: string;
  meta?: {
    target?: string | string[];
    driverAdapterError?: {
      cause?: { kind?: string; constraint?: { index?: string; fields?: string[] }; originalMessage?: string };
    };
  };
  cause?: unknown;
}

function chain(error: unknown): DriverError[] {
  const links: DriverError[] = [];
  for (
    let link = error as DriverError | undefined;
    link && links.length < 5;
    link = link.cause as DriverError | undefined
  )
    links.push(link);
  return links;
}

/** Name of the unique index that a write ran into, or null when the error is something else. */
export function violatedUniqueIndex(error: unknown): string | null {
  for (const link of chain(error)) {
    if (link.code !== 'P2002' && link.code !== 'P2010' && link.errno !== 1062) continue;
    const cause = link.meta?.driverAdapterError?.cause;
    const named = cause?.constraint?.index ?? (typeof link.meta?.target === 'string' ? link.meta.target : undefined);
    if (named) return named.replace(/^.*\./, '');
    const text = `${cause?.originalMessage ?? ''} ${link.message ?? ''}`;
    const match = /for key '(?:[^'.]+\.)?([^']+)'/.exec(text);
    if (match?.[1]) return match[1];
  }
  return null;
}

const NO_ROOM = /\b(?:ENOSPC|EDQUOT|EFBIG|ER_DISK_FULL|ER_RECORD_FILE_FULL|1021|1114)\b/;

/** True when a disk is full: the database's, or the one of this server's files. */
export function isOutOfRoom(error: unknown): boolean {
  return chain(error).some((link) => NO_ROOM.test(`${link.code ?? ''} ${link.errno ?? ''}`) || isFullTable(link));
}

/** Prisma says the driver's error in its own words. */
function isFullTable(link: DriverError): boolean {
  return /The table '.*' is full|Disk full/.test(
    `${link.message ?? ''} ${link.meta?.driverAdapterError?.cause?.originalMessage ?? ''}`,
  );
}

const CONNECTION_ERRORS =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|PROTOCOL_CONNECTION_LOST|ER_GET_CONNECTION_TIMEOUT|ER_SOCKET_UNEXPECTED_CLOSE|ER_CONNECTION_TIMEOUT|ER_CMD_CONNECTION_CLOSED|ER_SERVER_SHUTDOWN|ER_ACCESS_DENIED_ERROR|\b(?:1040|1042|1043|1053|45009|45012|45028)\b|pool timeout|socket has unexpectedly been closed|P1001|P1002|P1017|P2024|DatabaseNotReachable|SocketTimeout|ConnectionClosed/;

/** True when the database cannot be reached: the page is a 503 and the next request may work. */
export function isDatabaseDown(error: unknown): boolean {
  return chain(error).some((link) =>
    CONNECTION_ERRORS.test(
      `${link.code ?? ''} ${link.errno ?? ''} ${link.message ?? ''} ${link.meta?.driverAdapterError?.cause?.kind ?? ''}`,
    ),
  );
}
