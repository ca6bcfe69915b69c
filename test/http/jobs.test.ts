/** What the server does by itself, on the real engine: when it is due, by whom it is asked for, and what is said of it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createServices } from '../../src/container.ts';
import type { Job, JobRun } from '../../src/jobs/job.ts';
import { createLeases } from '../../src/jobs/leases.ts';
import { createScheduler } from '../../src/jobs/scheduler.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { aCompany } from '../support/builders.ts';
import { legacyPath } from '../support/golden-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'crm-jobs-'));
const studentFile = join(folder, 'referentiel.xls');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = useTestApp({ environment: { STUDENT_FILE: studentFile } });
const { jobs } = app.services;
const clock = systemActor('import-students');

const runOf = (job: string) => jobs.run(job, clock);
const students = async (): Promise<number> =>
  Number((await app.database.query<{ n: number }>('SELECT COUNT(*) AS n FROM student'))[0]?.n);
const history = async (person: SignedInAgent, query = ''): Promise<string> =>
  (await person.agent.get(`/traitements${query}`)).text;

describe('the daily import', () => {
  it('reads the workbook of the day once, and again when it changed', async () => {
    copyFileSync(legacyPath('referentiel-etudiants.xls'), studentFile);
    const first = await runOf('import-students');
    expect(first).toMatchObject({ result: 'done', trigger: 'schedule', startedBy: null });
    expect(await students()).toBe(first?.detail?.totals?.created);
    expect(await runOf('import-students')).toMatchObject({ result: 'skipped', detail: { reason: 'unchanged' } });
    copyFileSync(legacyPath('referentiel-etudiants-j2.xls'), studentFile);
    expect(await runOf('import-students')).toMatchObject({ result: 'done' });
    expect(await runOf('import-students')).toMatchObject({ result: 'skipped' });
  });

  it('leaves a suspicious workbook to a person, told on the home page and by mail', async () => {
    const person = await app.signInAs('scolarite');
    copyFileSync(legacyPath('referentiel-etudiants.xls'), studentFile);
    await runOf('import-students');
    const before = await students();
    copyFileSync(legacyPath('referentiel-suspect.xls'), studentFile);
    const run = await runOf('import-students');
    expect(run).toMatchObject({ result: 'needs_confirmation' });
    expect(await students()).toBe(before);
    const home = await person.agent.get('/');
    expect(home.text).toContain(`/imports/${run?.detail?.batchId ?? ''}`);
    const mails = await app.database.query<{ purpose: string }>('SELECT dedupe_key AS purpose FROM outbox_message');
    // An address stands in the sealed message alone.
    expect(mails).toEqual([{ purpose: `import-waits:${run?.detail?.batchId ?? ''}:${person.userId}` }]);
    expect(await runOf('import-students')).toMatchObject({ result: 'skipped' });
  });

  it('says what is wrong with a workbook that cannot be read', async () => {
    copyFileSync(legacyPath('referentiel-illisible.xls'), studentFile);
    const run = await runOf('import-students');
    expect(run).toMatchObject({ result: 'failed' });
    const it = await app.signInAs('informatique');
    expect(await history(it)).toContain('En échec');
  });
});

describe('the clock', () => {
  /** A job due every minute that only counts. */
  function counting(over: Partial<Job> = {}): { job: Job; runs: JobRun[] } {
    const runs: JobRun[] = [];
    const job: Job = {
      key: 'cleanup',
      isSet: true,
      cron: () => Promise.resolve('* * * * *'),
      run: (run) => {
        runs.push(run);
        return Promise.resolve({ result: 'done' });
      },
      ...over,
    };
    return { job, runs };
  }
  const schedulerOf = (jobs: readonly Job[], owner: string) => {
    const { database, clock, log, config } = app.services;
    const leases = createLeases({ database, site: config.site, owner });
    return { scheduler: createScheduler({ database, site: config.site, clock, log, leases, jobs }), leases };
  };

  it('runs a job in one process at a time', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const begun: string[] = [];
    const slow = (name: string): Job => ({
      ...counting().job,
      run: async () => {
        begun.push(name);
        await held;
        return { result: 'done' };
      },
    });
    const one = schedulerOf([slow('one')], 'one').scheduler;
    const two = schedulerOf([slow('two')], 'two').scheduler;
    const first = one.run('cleanup', clock);
    await expect.poll(() => begun).toEqual(['one']);
    await two.run('cleanup', clock);
    expect(begun).toEqual(['one']);
    release();
    expect(await first).toMatchObject({ result: 'done' });
  });

  it('runs what was due while no process ran, once', async () => {
    const { job, runs } = counting();
    await schedulerOf([job], 'one').scheduler.run('cleanup', clock);
    app.clock.advance(3 * 60_000);
    const { scheduler } = schedulerOf([job], 'two');
    scheduler.start();
    await expect.poll(() => runs.length).toBe(2);
    await scheduler.stop();
    expect(runs).toHaveLength(2);
  });

  it('runs a job that the database kept from beginning as soon as it is back', async () => {
    const { job, runs } = counting();
    const { scheduler, leases } = schedulerOf([job], 'one');
    await scheduler.onMinute();
    app.clock.advance(60_000);
    vi.spyOn(leases, 'take').mockRejectedValueOnce(new Error('ECONNREFUSED'));
    await scheduler.onMinute();
    expect(runs).toHaveLength(0);
    await scheduler.onMinute();
    expect(runs).toHaveLength(1);
    await scheduler.onMinute();
    expect(runs).toHaveLength(1);
  });

  it('closes the run of a process that died', async () => {
    const it = await app.signInAs('informatique');
    await app.database.query(
      `INSERT INTO job_run (id, site, job, \`trigger\`, result, started_at) VALUES ('019aa000-0000-7000-8000-000000000001', 'srvcrm1', 'cleanup', 'schedule', 'running', NOW(3))`,
    );
    expect((await it.post('/traitements/cleanup/lancement')).status).toBe(409);
    const { scheduler } = schedulerOf([counting().job], 'one');
    scheduler.start();
    await expect.poll(() => history(it)).toContain('interrupted');
    await scheduler.stop();
  });

  it('tells the job to stop when the process stops, and waits for it', async () => {
    let ended = false;
    const { job } = counting({
      run: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        ended = true;
        return { result: 'done' };
      },
    });
    const { scheduler } = schedulerOf([job], 'one');
    const running = scheduler.run('cleanup', clock);
    await expect
      .poll(async () => (await app.database.query(`SELECT id FROM job_run WHERE result = 'running'`)).length)
      .toBe(1);
    await scheduler.stop();
    expect(ended).toBe(true);
    await running;
  });

  it('keeps the history of a job that failed, without what it held', async () => {
    app.logs.expectError(/job failed/);
    const { job } = counting({ run: () => Promise.reject(new RangeError('2750375123456')) });
    const { scheduler } = schedulerOf([job], 'one');
    expect(await scheduler.run('cleanup', clock)).toMatchObject({
      result: 'failed',
      detail: { reason: 'RangeError' },
    });
  });
});

describe('the page of the jobs', () => {
  it('is for those who run them', async () => {
    const person = await app.signInAs('recherche');
    expect((await person.agent.get('/traitements')).status).toBe(403);
    expect((await person.post('/traitements/cleanup/lancement')).status).toBe(403);
  });

  it('starts a job now, says who asked, and refuses a second time', async () => {
    const it = await app.signInAs('informatique');
    expect((await it.post('/traitements/cleanup/lancement')).status).toBe(303);
    expect((await it.post('/traitements/cleanup/lancement')).status).toBe(409);
    await jobs.workOnRequests();
    const page = await history(it);
    expect(page).toContain('Réussie');
    expect(page).toContain('Personne Numéro');
    expect((await it.post('/traitements/cleanup/lancement')).status).toBe(303);
  });

  it('counts the duplicates found for those who may examine them: students, companies, or both', async () => {
    for (const name of ['Étoile du Nord', 'ETOILE DU NORD']) await aCompany(app.services, { name, postcode: '59000' });
    const it = await app.signInAs('informatique');
    await it.post('/traitements/duplicates.scan/lancement');
    await jobs.workOnRequests();
    const told = async (...roles: string[]) => history(await app.signInAs(...roles));
    const both = 'Aucun nouveau doublon parmi les étudiants · 1 nouveau doublon parmi les entreprises';
    const scolarite = await told('scolarite');
    expect(scolarite).toContain('Aucun nouveau doublon parmi les étudiants');
    for (const hidden of ['parmi les entreprises', 'Voir les doublons']) expect(scolarite).not.toContain(hidden);
    const informatique = await told('informatique');
    expect(informatique).toContain(both);
    expect(informatique).not.toContain('Voir les doublons');
    const merging = await told('scolarite', 'relations-exterieures');
    for (const shown of [both, 'Voir les doublons']) expect(merging).toContain(shown);
  });

  it('refuses what is not set, and what is no job', async () => {
    const it = await app.signInAs('informatique');
    expect((await it.post('/traitements/import-companies/lancement')).status).toBe(409);
    expect((await it.post('/traitements/nothing/lancement')).status).toBe(404);
  });

  it('moves the daily import to the hour that the settings say', async () => {
    const it = await app.signInAs('informatique');
    expect(await history(it)).toContain('tous les jours à 6 h 00');
    expect((await it.post('/parametres/horaires', { dailyImport: '25:00', version: '0' })).status).toBe(422);
    expect((await it.post('/parametres/horaires', { dailyImport: '22:15', version: '0' })).status).toBe(303);
    app.clock.advance(10_000);
    await it.agent.get('/parametres');
    expect(await history(it)).toContain('tous les jours à 22 h 15');
  });
});

describe('the clean-up', () => {
  it('deletes sessions, counters and links past their time, and nothing else', async () => {
    const person = await app.signInAs('scolarite');
    await app.database.query(
      `INSERT INTO rate_limit (\`key\`, points, expire) VALUES ('srvcrm1:admin:old', 1, 1000), ('srvcrm1:admin:new', 1, 99999999999999)`,
    );
    await app.database.query(`UPDATE staff_session SET expires_at = NOW(3) - INTERVAL 1 HOUR WHERE user_id IS NULL`);
    expect(await runOf('cleanup')).toMatchObject({ result: 'done' });
    const left = await app.database.query<{ key: string }>(
      `SELECT \`key\` FROM rate_limit WHERE \`key\` LIKE '%:old' OR \`key\` LIKE '%:new'`,
    );
    expect(left.map(({ key }) => key)).toEqual(['srvcrm1:admin:new']);
    expect((await person.agent.get('/')).status).toBe(200);
  });

  it('forgets what it takes to undo a merge that is too old to be undone', async () => {
    const { database } = app;
    await database.query(
      `INSERT INTO \`merge\` (id, subject_type, survivor_id, merged_id, before_image, merged_by_id, merged_at) VALUES
        ('019aa000-0000-7000-8000-00000000000a', 'student', 'a', 'b', 'old', 'x', NOW(3) - INTERVAL 31 DAY),
        ('019aa000-0000-7000-8000-00000000000b', 'student', 'a', 'b', 'new', 'x', NOW(3) - INTERVAL 29 DAY)`,
    );
    await runOf('cleanup');
    const kept = await database.query<{ image: string }>(
      'SELECT CONVERT(before_image USING ascii) AS image FROM `merge` WHERE before_image IS NOT NULL',
    );
    expect(kept).toEqual([{ image: 'new' }]);
  });
});

describe('the other server', () => {
  it('works on its own rows only: nothing of the staff is imported, compared or purged there', async () => {
    const other = createServices({ ...app.config, site: 'srvcrm2' }, { clock: app.clock, log: app.services.log });
    expect((await other.jobs.list(clock)).map(({ key }) => key)).toEqual(['cleanup']);
    await app.database.query(
      `INSERT INTO \`merge\` (id, subject_type, survivor_id, merged_id, before_image, merged_by_id, merged_at) VALUES
        ('019aa000-0000-7000-8000-00000000000a', 'student', 'a', 'b', 'old', 'x', NOW(3) - INTERVAL 31 DAY)`,
    );
    expect(await other.jobs.run('cleanup', clock)).toMatchObject({ result: 'done' });
    expect(await app.database.query('SELECT id FROM `merge` WHERE before_image IS NULL')).toEqual([]);
    // What it did is in its own history, not in the one of the staff.
    expect((await app.services.jobs.history(clock, { job: null, after: null, before: null })).rows).toEqual([]);
    await other.close();
  });
});
