/** What a member of staff needs to know when they arrive: what waits for them, where the school stands, what just changed. */
import type { Database } from '../../db/client.ts';
import { hasPermission, scopesOf, type Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { createStaleCache } from '../../shared/stale-cache.ts';
import {
  countAttention,
  countByProgramme,
  countByStatus,
  countCompanies,
  findRecentBatches,
  findRecentRecords,
  populationOf,
  type Attention,
  type ProgrammeCount,
  type RecentBatch,
  type RecentRecord,
  type StatusCount,
} from './home-queries.ts';

interface Counts {
  readonly statuses: readonly StatusCount[];
  readonly companies: number;
  readonly programmes: readonly ProgrammeCount[];
}

/** A figure that may be told; null: fewer than {@link SMALLEST_CELL}, for who may not see the people it counts. */
type Told<Row extends { people: number }> = Omit<Row, 'people'> & { readonly people: number | null };

export interface Figures {
  readonly isEmpty: boolean;
  readonly statuses: readonly Told<StatusCount>[];
  readonly companies: number;
  readonly programmes: readonly ProgrammeCount[];
}

export interface HomeOverview {
  /** Null for who may see no statistics. */
  readonly figures: Figures | null;
  /** What the actor may act upon; null for who decides nothing. */
  readonly attention: Attention | null;
  readonly batches: readonly RecentBatch[];
  readonly recent: readonly RecentRecord[];
}

const DECIDERS = [
  'imports.decide_students',
  'imports.decide_companies',
  'students.merge',
  'companies.merge',
  'students.update',
] as const;
/** Fewer people than this may be recognised. @see domain §1.7, regime A */
export const SMALLEST_CELL = 5;
/** Counting a million people takes a while and changes little: half a minute old is good enough to read, an hour is not. */
const FIGURES_AGE = { freshMs: 10_000, staleMs: 30_000 };
/** What waits is what was decided a moment ago on another page: it is counted again at nearly every visit. */
const ATTENTION_AGE = { freshMs: 2_000, staleMs: 2_000 };

export type HomeService = ReturnType<typeof createHomeService>;

export function createHomeService({ database, clock }: { database: Database; clock: Clock }) {
  const figures = createStaleCache<Counts>({ clock, ...FIGURES_AGE });
  const attention = createStaleCache<Attention>({ clock, ...ATTENTION_AGE });

  async function computeFigures(actor: Actor): Promise<Counts> {
    const [statuses, companies, programmes] = await Promise.all([
      countByStatus(database, actor),
      countCompanies(database),
      countByProgramme(database, actor, 8),
    ]);
    return { statuses, companies, programmes };
  }

  return {
    async overview(actor: Actor): Promise<HomeOverview> {
      const decides = DECIDERS.some((permission) => hasPermission(actor, permission));
      const [numbers, waiting, batches, recent] = await Promise.all([
        hasPermission(actor, 'statistics.read') ? figures.get(populationOf(actor), () => computeFigures(actor)) : null,
        decides ? attention.get(actor.id ?? actor.name, () => countAttention(database, actor)) : null,
        hasPermission(actor, 'imports.read') ? findRecentBatches(database, 5) : [],
        findRecentRecords(database, actor, 8),
      ]);
      return { figures: numbers && toldTo(actor, numbers), attention: waiting, batches, recent };
    },
  };
}

/** Figures as they may be told: exact where the actor sees the people, otherwise without a cell that could be told apart. */
function toldTo(actor: Actor, { statuses, companies, programmes }: Counts): Figures {
  const scopes = scopesOf(actor, 'students.read');
  const reads = (status: StatusCount['status']): boolean => scopes.includes('all') || scopes.includes(status);
  const enrolled = statuses.find(({ status }) => status === 'en_fonction')?.people ?? 0;
  return {
    isEmpty: statuses.every(({ people }) => people === 0),
    statuses: statuses.map(({ status, people }) => ({
      status,
      people: reads(status) || people === 0 || people >= SMALLEST_CELL ? people : null,
    })),
    companies,
    programmes: reads('en_fonction') ? programmes : withoutSmallCells(programmes, enrolled),
  };
}

/** What is left out must not be found by subtraction either: the smallest that stays goes with it. */
function withoutSmallCells(programmes: readonly ProgrammeCount[], total: number): ProgrammeCount[] {
  const shown = programmes.filter(({ people }) => people >= SMALLEST_CELL);
  const hidden = () => total - shown.reduce((sum, { people }) => sum + people, 0);
  while (shown.length > 0 && hidden() > 0 && hidden() < SMALLEST_CELL) shown.pop();
  return shown;
}
