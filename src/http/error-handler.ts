/** The last stop of a request that failed: a designed error says what to do, anything else is logged and shows only its id. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { isDatabaseDown, isOutOfRoom } from '../db/errors.ts';
import { AppError, NotFoundError, ThrottledError } from '../shared/errors.ts';
import { renderPage, type PageContext } from './render.ts';

const PAGES = new Set([400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507]);

/** What body parsers and Express itself throw carries a status. */
function asAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (isDatabaseDown(error)) return new AppError('DATABASE_DOWN', 503, 'errors.unavailable.message');
  if (isOutOfRoom(error)) return new AppError('DISK_FULL', 507, 'errors.diskFull.message');
  const status = (error as { status?: unknown; expose?: unknown }).status;
  if (status === 413) return new AppError('TOO_LARGE', 413, 'errors.tooLargeForm.message');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('BAD_REQUEST', 400, 'errors.badRequest.message');
  if (error instanceof URIError) return new AppError('BAD_REQUEST', 400, 'errors.badRequest.message');
  return null;
}

function wantsJson(path: string, accepts: string | false): boolean {
  return path.endsWith('.json') || path.startsWith('/api/') || accepts === 'json';
}

/** Unknown addresses. */
export function notFound(): RequestHandler {
  return (_req, _res, next) => next(new NotFoundError());
}

/** @param contextFor builds a page context that needs neither session nor database */
export function errorHandler(
  contextFor: (req: Parameters<ErrorRequestHandler>[1], res: Response) => PageContext,
): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const known = asAppError(error);
    if (!known || known.status === 507) req.log.error({ err: error }, 'request failed');
    else if (known.status === 503) req.log.warn({ code: known.code }, 'service unavailable');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const status = known?.status ?? 500;
    if (known instanceof ThrottledError) res.set('Retry-After', String(known.retryAfterSeconds));
    if (status === 503) res.set('Retry-After', '10');
    res.set('Cache-Control', 'no-store');
    // A file was announced that does not come.
    res.removeHeader('Content-Disposition');
    res.locals['page'] ??= contextFor(req, res);
    const page = res.locals.page;
    const message = page.t(known?.messageKey ?? 'errors.unexpected.message', known?.params);
    if (wantsJson(req.path, req.accepts(['html', 'json']))) {
      res.status(status).json({ error: { code: known?.code ?? 'UNEXPECTED', message, requestId: page.requestId } });
      return;
    }
    const waitSeconds = known instanceof ThrottledError ? known.retryAfterSeconds : null;
    renderPage(res, {
      view: 'errors/error',
      title: message,
      status,
      layout: page.actor && status !== 503 ? 'app' : 'bare',
      locals: {
        status: PAGES.has(status) ? status : 500,
        // The page says the wait in minutes, in words of its own.
        message: waitSeconds === null ? message : '',
        waitSeconds,
        requestId: page.requestId,
      },
    });
  };
}
