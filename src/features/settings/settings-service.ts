/** What the school sets for itself, read often and changed rarely: kept in memory and looked at again every few seconds. */
import { createHash } from 'node:crypto';
import type { Database } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import type { Clock } from '../../shared/clock.ts';
import { ConflictError } from '../../shared/errors.ts';
import type { AuditService, FieldChanges } from '../audit/index.ts';
import { settingsSchema, type SettingName, type SettingValue } from './settings-schema.ts';

/** How long a value may be old in a process that did not change it. */
const FRESH_MS = 5_000;

type Values = { [Name in SettingName]: SettingValue<Name> };

const defaults = Object.fromEntries(
  Object.entries(settingsSchema).map(([name, schema]) => [name, schema.parse({})]),
) as Values;

export type SettingsService = ReturnType<typeof createSettingsService>;

export function createSettingsService({
  database,
  audit,
  clock,
}: {
  database: Database;
  audit: AuditService;
  clock: Clock;
}) {
  let values: Values = defaults;
  let versions = new Map<string, number>();
  let readAt = 0;
  let reading: Promise<void> | null = null;
  let brandVersion = '';

  function remember(next: Values, nextVersions: Map<string, number>): void {
    values = next;
    versions = nextVersions;
    readAt = clock.now().getTime();
    brandVersion = createHash('sha256').update(JSON.stringify(next.brand)).digest('hex').slice(0, 10);
  }

  async function refresh(): Promise<void> {
    const rows = await database.prisma.setting.findMany({ select: { name: true, value: true, version: true } });
    const next: Record<string, unknown> = { ...defaults };
    for (const row of rows) {
      const schema = settingsSchema[row.name as SettingName];
      const parsed = schema?.safeParse(JSON.parse(row.value));
      if (parsed?.success) next[row.name] = parsed.data;
    }
    remember(next as Values, new Map(rows.map((row) => [row.name, row.version])));
  }

  async function fresh(): Promise<Values> {
    if (clock.now().getTime() - readAt < FRESH_MS) return values;
    reading ??= refresh().finally(() => {
      reading = null;
    });
    await reading;
    return values;
  }

  return {
    /** The value as it stands, at most a few seconds old. */
    async get<Name extends SettingName>(name: Name): Promise<SettingValue<Name>> {
      return (await fresh())[name];
    },

    /** Version of a setting for its form; 0 while it has its default. */
    async version(name: SettingName): Promise<number> {
      await fresh();
      return versions.get(name) ?? 0;
    },

    /** Every value and version as the database holds them now, for the page that changes them. */
    async all(): Promise<{ values: Values; versions: Record<SettingName, number> }> {
      await refresh();
      const versionOf = (name: SettingName): [SettingName, number] => [name, versions.get(name) ?? 0];
      const names = Object.keys(settingsSchema) as SettingName[];
      return { values, versions: Object.fromEntries(names.map(versionOf)) as Record<SettingName, number> };
    },

    /** What a setting is before anyone changes it. */
    defaultOf<Name extends SettingName>(name: Name): SettingValue<Name> {
      return defaults[name];
    },

    /** The brand for a page, without waiting: the last value read, refreshed behind. */
    brandNow(): { brand: SettingValue<'brand'>; version: string } {
      if (clock.now().getTime() - readAt >= FRESH_MS) fresh().catch(() => undefined);
      return { brand: values.brand, version: brandVersion };
    },

    /**
     * Changes a setting and journals it.
     * @throws ConflictError when someone changed it since `version` was read
     */
    async set<Name extends SettingName>(
      actor: Actor,
      name: Name,
      value: SettingValue<Name>,
      version: number,
    ): Promise<void> {
      await refresh();
      const before = values[name] as Record<string, unknown>;
      if ((versions.get(name) ?? 0) !== version) throw new ConflictError(before);
      await inTransaction(database, async (tx) => {
        const serialised = JSON.stringify(value);
        const { count } =
          version === 0
            ? await tx.prisma.setting.createMany({
                data: { name, value: serialised, updatedById: actor.id },
                skipDuplicates: true,
              })
            : await tx.prisma.setting.updateMany({
                where: { name, version },
                data: { value: serialised, updatedById: actor.id, version: version + 1 },
              });
        if (count === 0) throw new ConflictError(before);
        const changes: FieldChanges = Object.fromEntries(
          Object.entries(value as Record<string, unknown>)
            .filter(([field, after]) => JSON.stringify(before[field]) !== JSON.stringify(after))
            .map(([field, after]) =>
              field === 'logo'
                ? [field, [before[field] ? 'oui' : 'non', after ? 'oui' : 'non']]
                : [field, [before[field], after]],
            ),
        );
        audit.record(tx, actor, { action: 'setting.updated', subjectType: 'setting', subjectId: name, changes });
      });
      await refresh();
    },
  };
}
