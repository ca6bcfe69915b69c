import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardJournal } from '../../src/db/journal-guard.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { linkHash } from '../../src/features/audit/audit-chain.ts';
import { verifyChains } from '../../src/features/audit/index.ts';
import { systemActor } from '../../src/shared/actor.ts';
import { newId } from '../../src/shared/ids.ts';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();
const actor = systemActor('test');

/** Writes events, each in a transaction of its own, and gives back the ids of their subjects. */
async function happen(count: number, personId: string | null = null): Promise<string[]> {
  const subjects: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const subjectId = personId ?? newId();
    subjects.push(subjectId);
    await inTransaction(app.services.database, async (tx) => {
      app.services.audit.record(tx, actor, {
        action: 'student.updated',
        subjectType: 'student',
        subjectId,
        personId,
        changes: { city: [`Ville ${index}`, `Ville ${index + 1}`] },
      });
    });
  }
  return subjects;
}

const verify = () => app.services.verifyJournal();
const sequenceOf = async (subjectId: string): Promise<number> => {
  const [row] = await app.database.query<{ sequence: number }>(
    'SELECT sequence FROM audit_event WHERE subject_id = ?',
    [subjectId],
  );
  return Number(row?.sequence);
};

describe('the chain of the journal, when someone got past the database', () => {
  beforeAll(() => app.database.query('DROP TRIGGER audit_event_unchanged'));
  afterAll(() => guardJournal(app.services.database.pool));

  it('holds as it is written', async () => {
    await happen(5);
    expect(await verify()).toEqual({ events: 5, broken: null });
  });

  it.each([
    ['the action', "UPDATE audit_event SET action = 'student.created' WHERE subject_id = ?"],
    ['the actor', "UPDATE audit_event SET actor_type = 'cli' WHERE subject_id = ?"],
    ['the time', 'UPDATE audit_event SET occurred_at = occurred_at - INTERVAL 1 SECOND WHERE subject_id = ?'],
    ['the address', "UPDATE audit_event SET ip = '192.0.2.1' WHERE subject_id = ?"],
    ['the values', "UPDATE audit_event SET payload = CONCAT(payload, 'x') WHERE subject_id = ?"],
    ['its own hash', "UPDATE audit_event SET hash = REPEAT('0', 32) WHERE subject_id = ?"],
  ])('names the event of which %s was altered', async (_what, sql) => {
    const subjects = await happen(4);
    const [, altered = ''] = subjects;
    const sequence = await sequenceOf(altered);
    await app.database.query(sql, [altered]);
    const { events, broken } = await verify();
    expect(broken).toMatchObject({ kind: 'altered', sequence: BigInt(sequence) });
    expect(events).toBe(sequence - 1);
    const [event] = await app.database.query<{ id: string }>('SELECT id FROM audit_event WHERE subject_id = ?', [
      altered,
    ]);
    expect(broken?.eventId).toBe(event?.id);
  });

  it('names the link that a deleted event leaves open', async () => {
    const [, , deleted = ''] = await happen(5);
    const sequence = await sequenceOf(deleted);
    await app.database.query('DELETE FROM audit_event WHERE subject_id = ?', [deleted]);
    expect((await verify()).broken).toMatchObject({ kind: 'missing', sequence: BigInt(sequence), eventId: null });
  });

  it('names the end of a chain that was cut short', async () => {
    const subjects = await happen(4);
    const last = subjects.at(-1) ?? '';
    const sequence = await sequenceOf(last);
    await app.database.query('DELETE FROM audit_event WHERE subject_id = ?', [last]);
    expect((await verify()).broken).toMatchObject({ kind: 'head', sequence: BigInt(sequence) });
  });

  it('names the head that was moved with it: the hash no longer answers', async () => {
    const subjects = await happen(4);
    await app.database.query('DELETE FROM audit_event WHERE subject_id = ?', [subjects.at(-1)]);
    await app.database.query('UPDATE audit_chain SET last_sequence = last_sequence - 1');
    expect((await verify()).broken).toMatchObject({ kind: 'head' });
  });

  it('names the end of a chain that was cut short by someone who moved its end along, whatever is written after', async () => {
    const subjects = await happen(4);
    await app.database.query('DELETE FROM audit_event WHERE subject_id = ?', [subjects.at(-1)]);
    await app.database.query(
      'UPDATE audit_chain SET last_sequence = 3, last_hash = (SELECT hash FROM audit_event WHERE sequence = 3)',
    );
    expect((await verify()).broken).toMatchObject({ kind: 'head', sequence: 4n });
    await happen(2);
    expect((await verify()).broken).toMatchObject({ kind: 'head', sequence: 6n });
  });

  it('names the end of a chain that was written anew from its first event', async () => {
    await happen(3);
    await app.database.query('DELETE FROM audit_event WHERE sequence > 1');
    const [event] = await app.services.database.prisma.auditEvent.findMany();
    if (!event) throw new Error('The first event is gone');
    const forged = { ...event, action: 'student.consulted' };
    const hash = linkHash(event.previousHash, forged);
    await app.services.database.prisma.auditEvent.updateMany({ data: { action: forged.action, hash } });
    await app.database.query('UPDATE audit_chain SET last_sequence = 1, last_hash = ?', [hash]);
    expect(await verify()).toMatchObject({ events: 1, broken: { kind: 'head' } });
  });

  it.each([
    ['whose end was taken away', 'DELETE FROM audit_chain'],
    ['of a server that never wrote one', "UPDATE audit_event SET site = 'ghost' WHERE sequence = 2"],
  ])('names a chain %s', async (_what, sql) => {
    await happen(2);
    await app.database.query(sql);
    expect((await verify()).broken).not.toBeNull();
  });

  it('holds under an earlier key of the ring, until the next event is sealed with the new one', async () => {
    await happen(2);
    const former = app.config.keys.field;
    const ring = (current: string, keys: [string, Buffer][]) => ({ current, keys: new Map(keys) });
    const old = former.keys.get(former.current) ?? Buffer.alloc(0);
    const both = ring('v9', [
      [former.current, old],
      ['v9', Buffer.alloc(32, 'z')],
    ]);
    expect(await verifyChains(app.services.database, both)).toEqual({ events: 2, broken: null });
    expect(
      (await verifyChains(app.services.database, ring('v9', [['v9', Buffer.alloc(32, 'z')]]))).broken,
    ).toMatchObject({
      kind: 'head',
    });
  });

  it('holds after the key of a person is destroyed, and their values can no longer be read', async () => {
    const personId = newId();
    await happen(3, personId);
    const before = await app.services.journal.recordHistory(actor, { subjectType: 'student', subjectId: personId });
    expect(before.events[0]).toMatchObject({ values: 'readable', changes: { city: ['Ville 2', 'Ville 3'] } });
    await app.database.query('UPDATE person_key SET wrapped_key = NULL, destroyed_at = NOW(3) WHERE person_id = ?', [
      personId,
    ]);
    expect(await verify()).toEqual({ events: 3, broken: null });
    const after = await app.services.journal.recordHistory(actor, { subjectType: 'student', subjectId: personId });
    expect(after.events).toHaveLength(3);
    expect(after.events.map(({ values, changes }) => ({ values, changes }))).toEqual(
      Array.from({ length: 3 }, () => ({ values: 'erased', changes: {} })),
    );
    await happen(1, personId);
    expect(await verify()).toEqual({ events: 4, broken: null });
  });

  it('holds when transactions write at the same time', async () => {
    let arrived = 0;
    let open: () => void = () => undefined;
    const together = new Promise<void>((resolve) => (open = resolve));
    const write = () =>
      inTransaction(app.services.database, async (tx) => {
        for (let index = 0; index < 3; index += 1)
          app.services.audit.record(tx, actor, { action: 'tag.added', subjectType: 'student', subjectId: newId() });
        arrived += 1;
        if (arrived === 2) open();
        await together;
      });
    await Promise.all([write(), write()]);
    expect(await verify()).toEqual({ events: 6, broken: null });
  });

  it('lets many write at once without one being turned away', async () => {
    await happen(1);
    await Promise.all(Array.from({ length: 10 }, () => happen(8, newId())));
    expect(await verify()).toEqual({ events: 81, broken: null });
  });

  it('keeps nothing of a transaction that was given up', async () => {
    await happen(1);
    const refused = inTransaction(app.services.database, async (tx) => {
      app.services.audit.record(tx, actor, { action: 'tag.added', subjectType: 'student', subjectId: newId() });
      throw new Error('changed my mind');
    });
    await expect(refused).rejects.toThrow('changed my mind');
    expect(await verify()).toEqual({ events: 1, broken: null });
  });

  it('holds no value in the clear', async () => {
    await happen(1, newId());
    const [row] = await app.database.query<{ payload: Buffer }>('SELECT payload FROM audit_event');
    expect(row?.payload.includes('Ville')).toBe(false);
  });
});
