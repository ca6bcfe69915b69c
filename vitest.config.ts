import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Each worker has its own database; more workers than that only wait for the disk.
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // A browser journey on a loaded machine is slow without being wrong.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
