import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../log.ts';

/** Gives each request an id, answered in X-Request-Id, and one log line when it ends. */
export function requestLog(log: Logger): RequestHandler {
  const handler = pinoHttp({
    logger: log,
    genReqId: (_req, res) => {
      const id = randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: () => 'debug',
    wrapSerializers: false,
  });
  return handler;
}
