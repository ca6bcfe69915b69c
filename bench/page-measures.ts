/** Measures the pages: for each scenario and each number of connections, the product, then at once the floor. */
import { somePeople, pageScenarios, type PageScenario, type ScenarioWorld, type Turn } from './scenarios.ts';
import { floorSaves, productSaves, SAVE_SCENARIO } from './save-scenario.ts';
import { measure, warmUp, type BenchRequest, type Target } from './load-test.ts';
import { isChosen, type BenchOptions } from './options.ts';
import { signIn, type Visitor } from './visitor.ts';
import { startFloor, type Site } from './site.ts';
import type { Comparison } from './report.ts';
import type { FloorPage } from './floor.ts';

export interface PageMeasuresInput {
  readonly options: BenchOptions;
  readonly world: ScenarioWorld;
  readonly site: Site;
  readonly account: { readonly email: string; readonly password: string };
  readonly databaseUrl: string;
  readonly scratch: string;
  readonly say: (text: string) => void;
}

interface PreparedPage {
  readonly scenario: PageScenario;
  readonly turns: readonly Turn[];
  readonly floor: FloorPage;
}

/** Asks every turn once: the answers must be right before they are timed. @returns mean size of an answer, in bytes */
async function checkAnswers(visitor: Visitor, { name }: PageScenario, turns: readonly Turn[]): Promise<number> {
  let bytes = 0;
  for (const { path, mustContain } of turns) {
    const page = await visitor.read(path);
    if (!page.includes(mustContain)) throw new Error(`${name}: ${path} does not show "${mustContain}"`);
    bytes += Buffer.byteLength(page);
  }
  return Math.round(bytes / turns.length);
}

/** Why a scenario could not be measured. */
export interface Failure {
  readonly scenario: string;
  readonly reason: string;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function preparePages(
  visitor: Visitor,
  scenarios: readonly PageScenario[],
  failures: Failure[],
): Promise<PreparedPage[]> {
  const prepared: PreparedPage[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    try {
      const turns = await scenario.turns(visitor);
      const bytes = await checkAnswers(visitor, scenario, turns);
      const floor = { path: `/floor/${index}`, turns: turns.map(({ statements }) => statements), bytes };
      prepared.push({ scenario, turns, floor });
    } catch (error) {
      failures.push({ scenario: scenario.name, reason: reasonOf(error) });
    }
  }
  return prepared;
}

/** Callers that go through the same requests, each from a place of its own. */
function readers(origin: string, requests: readonly BenchRequest[]): Target {
  return {
    origin,
    expectedStatus: 200,
    caller(connection) {
      let turn = connection * 7;
      return {
        next() {
          const request = requests[turn % requests.length];
          turn += 1;
          if (!request) throw new Error('A scenario without requests');
          return request;
        },
      };
    },
  };
}

/** One scenario on both sides. */
interface Pair {
  readonly name: string;
  readonly hasFloorTarget: boolean;
  readonly product: Target;
  readonly floor: Target;
}

async function savePair(
  { options, world, site, account }: PageMeasuresInput,
  visitors: Visitor[],
  floor: Site,
): Promise<Pair> {
  const most = Math.max(10, ...options.connections);
  while (visitors.length < most) visitors.push(await signIn(site.origin, account));
  const people = somePeople(world.shape, world.people, 2 * most, ({ status }) => status === 'en_fonction');
  return {
    name: SAVE_SCENARIO,
    hasFloorTarget: false,
    product: productSaves(site.origin, visitors, people.slice(0, most)),
    floor: floorSaves(floor.origin, people.slice(most)),
  };
}

/** Some two thousand requests of each page. */
const PRODUCT_WARM_UP_SECONDS = 6;

async function measurePair(pair: Pair, { options, say }: PageMeasuresInput): Promise<Comparison[]> {
  const { name, hasFloorTarget, product, floor } = pair;
  const comparisons: Comparison[] = [];
  for (const connections of options.connections) {
    say(`${name}, ${connections} connections`);
    comparisons.push({
      scenario: name,
      connections,
      hasFloorTarget,
      product: await measure(product, connections, options.seconds),
      floor: await measure(floor, connections, options.seconds),
    });
  }
  return comparisons;
}

/** Measures every scenario that is asked for; one that does not answer as it should is told, and the others go on. */
export async function measurePages(
  input: PageMeasuresInput,
): Promise<{ comparisons: Comparison[]; failures: Failure[] }> {
  const { options, world, site, account, databaseUrl, scratch, say } = input;
  const comparisons: Comparison[] = [];
  const failures: Failure[] = [];
  const scenarios = pageScenarios(world).filter(({ name }) => isChosen(options, name));
  const saves = isChosen(options, SAVE_SCENARIO);
  if (scenarios.length === 0 && !saves) return { comparisons, failures };

  const visitor = await signIn(site.origin, account);
  const pages = await preparePages(visitor, scenarios, failures);
  const floor = await startFloor({ databaseUrl, pages: pages.map((page) => page.floor) }, scratch);
  const get = (path: string, headers: BenchRequest['headers']): BenchRequest => ({ method: 'GET', path, headers });
  const pairs: Pair[] = pages.map(({ scenario, turns, floor: { path } }) => ({
    name: scenario.name,
    hasFloorTarget: scenario.hasFloorTarget,
    product: readers(
      site.origin,
      turns.map((turn) => get(turn.path, visitor.headers)),
    ),
    floor: readers(floor.origin, [get(path, {})]),
  }));
  if (saves) pairs.push(await savePair(input, [visitor], floor));

  // What runs for the first time is compiled while it runs, and a server runs for weeks: neither side is timed cold, and no page is
  // timed colder than those that come after it. The product answers fewer requests a second, so it takes longer.
  say('Warming up…');
  for (const { product, floor } of pairs) {
    await warmUp(product, 10, PRODUCT_WARM_UP_SECONDS);
    await warmUp(floor, 10, 2);
  }

  for (const pair of pairs) {
    try {
      comparisons.push(...(await measurePair(pair, input)));
    } catch (error) {
      failures.push({ scenario: pair.name, reason: reasonOf(error) });
    }
  }
  await floor.child.stop();
  return { comparisons, failures };
}
