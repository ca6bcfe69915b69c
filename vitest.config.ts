import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Journeys in a browser take minutes: begun last, one would run alone while the other worker has nothing left to do. */
class BrowserFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isJourney = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/browser/');
    const sorted = await super.sort(files);
    return [...sorted.filter(isJourney), ...sorted.filter((file) => !isJourney(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Each worker has its own database; more workers than that only wait for the disk.
    maxWorkers: 2,
    sequence: { sequencer: BrowserFirst },
    globalSetup: ['test/support/global-setup.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // A browser journey on a loaded machine is slow without being wrong.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
