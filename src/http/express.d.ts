import type { Logger } from 'pino';
import type { PageContext } from './render.ts';

declare global {
  namespace Express {
    interface Locals {
      page: PageContext;
    }
    interface Request {
      log: Logger;
    }
  }
}
