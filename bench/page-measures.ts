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

async function preparePages(visitor: Visitor, scenarios: readonly PageScenario[]): Promise<PreparedPage[]> {
  const prepared: PreparedPage[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const turns = await scenario.turns(visitor);
    const bytes = await checkAnswers(visitor, scenario, turns);
    const floor = { path: `/floor/${index}`, turns: turns.map(({ statements }) => statements), bytes };
    prepared.push({ scenario, turns, floor });
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

/** @throws when a page does not answer as it should, before anything is timed */
export async function measurePages(input: PageMeasuresInput): Promise<Comparison[]> {
  const { options, world, site, account, databaseUrl, scratch, say } = input;
  const scenarios = pageScenarios(world).filter(({ name }) => isChosen(options, name));
  const saves = isChosen(options, SAVE_SCENARIO);
  if (scenarios.length === 0 && !saves) return [];

  const visitor = await signIn(site.origin, account);
  const pages = await preparePages(visitor, scenarios);
  const floor = await startFloor({ databaseUrl, pages: pages.map((page) => page.floor) }, scratch);
  const get = (path: string, headers: BenchRequest['headers']): BenchRequest => ({ method: 'GET', path, headers });
  const pairs = pages.map((page) => ({
    name: page.scenario.name,
    hasFloorTarget: page.scenario.hasFloorTarget,
    product: readers(
      site.origin,
      page.turns.map(({ path }) => get(path, visitor.headers)),
    ),
    floor: readers(floor.origin, [get(page.floor.path, {})]),
  }));
  if (saves) {
    const most = Math.max(...options.connections);
    const visitors: Visitor[] = [];
    for (let index = 0; index < most; index += 1) visitors.push(await signIn(site.origin, account));
    const people = somePeople(world.shape, world.people, 2 * most, ({ status }) => status === 'en_fonction');
    pairs.push({
      name: SAVE_SCENARIO,
      hasFloorTarget: false,
      product: productSaves(site.origin, visitors, people.slice(0, most)),
      floor: floorSaves(floor.origin, people.slice(most)),
    });
  }

  const comparisons: Comparison[] = [];
  for (const { name, hasFloorTarget, product, floor: bare } of pairs) {
    // What runs for the first time is compiled while it runs: neither side is timed cold.
    for (const target of [product, bare]) await warmUp(target, 10, 2);
    for (const connections of options.connections) {
      say(`${name}, ${connections} connections`);
      comparisons.push({
        scenario: name,
        connections,
        hasFloorTarget,
        product: await measure(product, connections, options.seconds),
        floor: await measure(bare, connections, options.seconds),
      });
    }
  }
  await floor.child.stop();
  return comparisons;
}
