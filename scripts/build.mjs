// npm run build: packages, database client, browser files and bundles, without starting anything. The image is built with it.
import { prepare } from './lib/prepare.mjs';
import { requireNode } from './lib/requirements.mjs';
import { runLauncher } from './lib/say.mjs';

await runLauncher(async () => {
  requireNode();
  await prepare();
  return 0;
});
