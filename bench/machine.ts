/** What the figures were measured on. */
import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { Prisma, type Database } from '../src/db/client.ts';

function commit(): string {
  const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const id = git('rev-parse', '--short', 'HEAD');
  if (id === '') return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? id : `${id} with changes`;
}

/** Lines of a Markdown list. */
export async function machineFacts(database: Database): Promise<string[]> {
  const [server] = await database.query<{ version: string; pool: number; flush: number }>(
    Prisma.sql`SELECT VERSION() AS version, @@innodb_buffer_pool_size AS pool, @@innodb_flush_log_at_trx_commit AS flush`,
  );
  const processors = cpus();
  const gigabytes = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GB`;
  return [
    `- Machine: ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${gigabytes(totalmem())} of memory, ${type()} ${release()} ${arch()}`,
    `- Node ${process.versions.node}, ${server?.version ?? 'unknown database'}, buffer pool ${gigabytes(server?.pool ?? 0)}, innodb_flush_log_at_trx_commit ${server?.flush ?? '?'}`,
    `- Product ${commit()}; load average before the run ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}`,
    '- The product, the floor, the database and the load share this machine.',
  ];
}
