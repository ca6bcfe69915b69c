/** A process that imports a workbook and may be killed at any point: `import-child.ts FILE`, configuration in the environment. */
import { readConfig } from '../../src/config.ts';
import { createServices } from '../../src/container.ts';
import { createLogger } from '../../src/log.ts';
import { systemActor } from '../../src/shared/actor.ts';

const [file = ''] = process.argv.slice(2);
const services = createServices(readConfig(), {
  log: createLogger('error', process.stderr),
  // Short, so that whoever takes over need not wait; small parts, so that there are many points to be killed at.
  imports: { leaseSeconds: 2, chunkRows: 50 },
});
try {
  const batch = await services.imports.run(systemActor('test', 'cli'), {
    origin: 'cli',
    from: { source: 'students', path: file, fileName: 'personnes.csv' },
    confirm: true,
  });
  process.stdout.write(`${batch.state}\n`);
} finally {
  await services.close();
}
