import { Router } from 'express';

/** What /readyz says is missing; empty when the process can serve. */
export type ReadinessCheck = () => Promise<readonly string[]>;

/** `/healthz`: the process lives. `/readyz`: it can serve, or 503 naming what is missing. Both before sessions and without cookies. */
export function healthRoutes(missing: ReadinessCheck): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    const parts = await missing();
    res
      .set('Cache-Control', 'no-store')
      .status(parts.length === 0 ? 200 : 503)
      .json(parts.length === 0 ? { status: 'ok' } : { status: 'unavailable', missing: parts });
  });
  return router;
}
