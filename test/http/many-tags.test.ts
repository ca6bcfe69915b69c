/** A record with more tags than MySQL puts into one text by itself: every label is there. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createServices } from '../../src/container.ts';
import { Prisma } from '../../src/db/client.ts';
import { tagLabels } from '../../src/features/tags/index.ts';
import { createLogger } from '../../src/log.ts';
import { newId } from '../../src/shared/ids.ts';
import { testEnvironment } from '../support/app.ts';
import { aStudent } from '../support/builders.ts';
import { usePrivateMariaDb } from '../support/private-mariadb.ts';
import { aDataFolder } from '../support/server-process.ts';

const mariadb = usePrivateMariaDb();
const dataDir = aDataFolder();
/** What MySQL starts with, in bytes. */
const OF_MYSQL = 1024;

describe('the tags of a record', { timeout: 60_000 }, () => {
  it('are all there, whatever length the server cuts texts at', async () => {
    const open = () =>
      createServices(readConfig(testEnvironment(mariadb.url(), dataDir)), { log: createLogger('silent') });
    const earlier = open();
    await earlier.database.pool.query(`SET GLOBAL group_concat_max_len = ${OF_MYSQL}`);
    await earlier.close();

    const services = open();
    const { database } = services;
    const { id: studentId } = await aStudent(services, { lastName: 'ETIQUETTE' });
    const labels = Array.from({ length: 60 }, (_, index) => `${String(index).padStart(2, '0')} ${'é'.repeat(57)}`);
    const tags = labels.map((label) => ({ id: newId(), label, labelKey: label, colour: 'blue' }));
    await database.prisma.tag.createMany({ data: tags });
    await database.prisma.tagging.createMany({
      data: tags.map(({ id }) => ({ tagId: id, subjectType: 'student', subjectId: studentId })),
    });
    expect(labels.join('\n').length).toBeGreaterThan(2 * OF_MYSQL);
    const [row] = await database.query<{ labels: string }>(
      Prisma.sql`SELECT ${tagLabels('student', Prisma.sql`s.id`)} AS labels FROM student s WHERE s.id = ${studentId}`,
    );
    await services.close();
    expect(row?.labels.split('\n')).toEqual(labels);
  });
});
