import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../log.ts';

function nameRequest(res: Pick<Response, 'setHeader'>): string {
  const id = randomUUID();
  res.setHeader('X-Request-Id', id);
  return id;
}

/**
 * Gives each request an id, answered in X-Request-Id, a logger of its own, and at the level `debug` one line when it ends. At other
 * levels no such line is prepared, and the logger is only made for a request that has something to say.
 */
export function requestLog(log: Logger): RequestHandler {
  if (log.isLevelEnabled('debug')) {
    return pinoHttp({
      logger: log,
      genReqId: (_req, res) => nameRequest(res as Response),
      customLogLevel: () => 'debug',
      wrapSerializers: false,
    });
  }
  return (req, res, next) => {
    let own: Logger | undefined;
    req.id = nameRequest(res);
    Object.defineProperty(req, 'log', { get: () => (own ??= log.child({ req })), configurable: true });
    next();
  };
}
