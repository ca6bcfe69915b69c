/** What the filters of companies and contacts choose from: tags and sectors. Few, read at nearly every page, kept some seconds. */
import { Prisma, type Database } from '../../db/client.ts';
import type { FilterOption } from '../../db/list-definition.ts';
import type { Clock } from '../../shared/clock.ts';
import { keepReading } from '../../shared/kept-reading.ts';

type Kind = 'tag' | 'sector';

interface Lookup {
  readonly kind: Kind;
  readonly value: string;
  readonly label: string;
}

/** A tag or a sector made elsewhere shows after this long at most. */
const FRESH_MS = 2_000;
/** Sectors are typed freely: beyond these, people type theirs in the search. */
const MOST_SECTORS = 200;

export type CompanyLookups = ReturnType<typeof createCompanyLookups>;

export function createCompanyLookups({ database, clock }: { database: Pick<Database, 'query'>; clock: Clock }) {
  const read = keepReading(clock, FRESH_MS, () =>
    database.query<Lookup>(
      Prisma.sql`SELECT 'tag' AS kind, t.id AS value, t.label, t.label_key AS labelKey FROM tag t
        UNION ALL (SELECT 'sector', c.sector, c.sector, c.sector FROM company c WHERE c.sector IS NOT NULL GROUP BY c.sector LIMIT ${MOST_SECTORS})
        ORDER BY kind, labelKey`,
    ),
  );

  return {
    /** Choices of a filter. */
    async options(kind: Kind): Promise<FilterOption[]> {
      return (await read()).filter((one) => one.kind === kind).map(({ value, label }) => ({ value, label }));
    },

    async companyName(id: string): Promise<string | null> {
      const [row] = await database.query<{ name: string }>(Prisma.sql`SELECT name FROM company WHERE id = ${id}`);
      return row?.name ?? null;
    },
  };
}
