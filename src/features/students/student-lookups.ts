/** Names that the lists of students choose from: programmes, cohorts, tags. Few, read at nearly every page, kept some seconds. */
import { Prisma, type Database } from '../../db/client.ts';
import type { FilterOption, ListPhase } from '../../db/list-definition.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { keepReading } from '../../shared/kept-reading.ts';

type Kind = 'programme' | 'cohort' | 'tag';

interface Lookup {
  readonly kind: Kind;
  readonly id: string;
  readonly label: string;
  /** Programme of a cohort. */
  readonly programmeId: string | null;
  readonly programmeLabel: string | null;
  readonly archived: number;
}

/** A programme or a tag made elsewhere shows after this long at most. */
const FRESH_MS = 2_000;

export type StudentLookups = ReturnType<typeof createStudentLookups>;

export function createStudentLookups({ database, clock }: { database: Pick<Database, 'query'>; clock: Clock }) {
  const read = keepReading(clock, FRESH_MS, () =>
    database.query<Lookup>(
      Prisma.sql`SELECT 'programme' AS kind, p.id, p.label, NULL AS programmeId, NULL AS programmeLabel, p.archived_at IS NOT NULL AS archived, p.label_key AS labelKey FROM programme p
        UNION ALL SELECT 'cohort', c.id, c.label, c.programme_id, p.label, c.archived_at IS NOT NULL, c.label_key FROM cohort c JOIN programme p ON p.id = c.programme_id
        UNION ALL SELECT 'tag', t.id, t.label, NULL, NULL, 0, t.label_key FROM tag t
        ORDER BY kind, programmeLabel, labelKey`,
    ),
  );

  return {
    /** Choices of a filter: programmes and cohorts within the actor's limits, those no longer used left out. */
    async options(kind: Kind, actor: Actor): Promise<FilterOption[]> {
      const limits = actor.programmeIds;
      return (await read())
        .filter((one) => one.kind === kind && !one.archived)
        .filter(({ id, programmeId }) => kind === 'tag' || !limits || limits.includes(programmeId ?? id))
        .map(({ id, label, programmeLabel }) => ({
          value: id,
          label: programmeLabel ? `${programmeLabel} · ${label}` : label,
        }));
    },

    async companyName(id: string): Promise<string | null> {
      const [row] = await database.query<{ name: string }>(Prisma.sql`SELECT name FROM company WHERE id = ${id}`);
      return row?.name ?? null;
    },

    /** Stretches of the order by programme: each in the order of labels, then people of none (or of one just made). */
    async programmePhases(descending: boolean): Promise<readonly ListPhase[]> {
      const ids = (await read()).filter(({ kind }) => kind === 'programme').map(({ id }) => id);
      if (descending) ids.reverse();
      const others =
        ids.length > 0 ? Prisma.sql`(s.programme_id IS NULL OR s.programme_id NOT IN (${Prisma.join(ids)}))` : null;
      return [...ids.map((id) => ({ condition: Prisma.sql`s.programme_id = ${id}` })), { condition: others }];
    },
  };
}
