import { pino, type DestinationStream, type Logger } from 'pino';
import { hideNirs } from './shared/nir.ts';

export type { Logger };

/**
 * The log of a process: one JSON line an event, without any person's data. Addresses keep their path but lose their query
 * (a search holds names), cookies and headers are never written.
 * @param destination where lines go; standard output by default
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['req.headers', 'res.headers', 'err.config', 'err.sql', 'err.parameters', 'err.meta'],
      remove: true,
    },
    serializers: {
      req: (req: { id: string; method: string; url: string }) => ({
        id: req.id,
        method: req.method,
        path: withoutToken(req.url.split('?')[0] ?? ''),
      }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
      err: describeError,
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The link of a mail holds what opens an account: the log keeps only where it led. */
function withoutToken(path: string): string {
  return withoutNir(path.replace(/^\/(reinitialisation|activation)\/.+/, '/$1/…'));
}

/** Nobody's number leads anywhere, but anyone may type one after the name of the site. */
function withoutNir(path: string): string {
  try {
    const readable = decodeURIComponent(path);
    const hidden = hideNirs(readable);
    return hidden === readable ? path : hidden;
  } catch {
    return hideNirs(path);
  }
}

/** Messages of database errors quote values: only what names the fault is kept. */
function describeError(error: Error & { code?: string; errno?: number }): Record<string, unknown> {
  const fromDatabase = error.errno !== undefined || error.name.startsWith('PrismaClient');
  return {
    type: error.name,
    code: error.code,
    errno: error.errno,
    message: fromDatabase ? undefined : error.message,
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.trimStart().startsWith('at '))
      .join('\n'),
  };
}
