/** Several processes of a server ask for the same thing at the same moment: one gets it, nobody is told of a deadlock. */
import { describe, expect, it } from 'vitest';
import { createJobHistory } from '../../src/jobs/job-history.ts';
import { createLeases } from '../../src/jobs/leases.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();
const { database, config } = app.services;
const actor = systemActor('test');
const AT_ONCE = 10;
const ROUNDS = 20;

const atOnce = <Result>(work: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));

describe('at the same moment', { timeout: 60_000 }, () => {
  it('a run is asked for once, whoever asks', async () => {
    const history = createJobHistory({ database, site: config.site });
    for (let round = 0; round < ROUNDS; round += 1) {
      const job = `cleanup-${round}`;
      const answers = await atOnce(() => history.request(job, actor, app.clock.now()));
      expect([round, answers.filter(Boolean).length]).toEqual([round, 1]);
      // A run under way keeps the next one out as well.
      const [asked] = await history.requested();
      await history.begin(job, { runId: asked?.id ?? '', actor, now: app.clock.now() });
      expect(await history.request(job, actor, app.clock.now())).toBe(false);
    }
    expect(await app.database.query('SELECT job FROM job_run')).toHaveLength(ROUNDS);
  });

  it('a lease taken and given back again and again is held by one, and nobody fails', async () => {
    let holders = 0;
    let held = 0;
    await atOnce(async (index) => {
      const leases = createLeases({ database, site: config.site, owner: `process-${index}` });
      for (let round = 0; round < ROUNDS; round += 1) {
        if (!(await leases.take('work', 60))) continue;
        holders += 1;
        held += 1;
        await new Promise(setImmediate);
        expect(holders).toBe(1);
        holders -= 1;
        await leases.release('work');
      }
    });
    expect(held).toBeGreaterThan(0);
  });
});
