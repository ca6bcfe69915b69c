/**
 * Tags (étiquettes): short labels staff stick on students, companies and contacts. Two spellings that differ by case, accents
 * or punctuation are one tag; a tag is made the first time it is used.
 */
import { Prisma, type Database } from '../../db/client.ts';
import { inTransaction, type Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { cleanText } from '../../shared/text.ts';
import type { AuditService } from '../audit/index.ts';
import { findTags, findTagsOf, LONGEST_TAG, tagKey, type TagRow, type TagSubject } from './tag-queries.ts';

/** Up to this many records at once, the journal names each of them; beyond, it tells the tag and the number. */
const NAMED_IN_JOURNAL = 100;

export type TagService = ReturnType<typeof createTagService>;

export function createTagService({ database, audit }: { database: Database; audit: AuditService }) {
  async function tagIn(tx: Transaction, label: string): Promise<TagRow | null> {
    const [tag] = await tx.query<TagRow>(
      Prisma.sql`SELECT id, label, label_key AS labelKey, colour FROM tag WHERE label_key = ${tagKey(label)}`,
    );
    return tag ?? null;
  }

  async function ensureTag(tx: Transaction, actor: Actor, label: string): Promise<TagRow> {
    const known = await tagIn(tx, label);
    if (known) return known;
    const text = cleanText(label);
    if (text === '' || text.length > LONGEST_TAG)
      throw new RuleViolation('TAG_LABEL', 'tags.label', { fields: { etiquette: 'tags.label' } });
    await tx.execute(
      Prisma.sql`INSERT INTO tag (id, label, label_key) VALUES (${newId()}, ${text}, ${tagKey(text)}) ON DUPLICATE KEY UPDATE id = id`,
    );
    const made = await tagIn(tx, label);
    if (!made) throw new Error('The tag just made is gone');
    audit.record(tx, actor, { action: 'tag.created', subjectType: 'tag', subjectId: made.id, detail: { label: text } });
    return made;
  }

  function journal(
    tx: Transaction,
    actor: Actor,
    verb: 'tagged' | 'untagged',
    tag: TagRow,
    subjectType: TagSubject,
    subjectIds: readonly string[],
  ): void {
    if (subjectIds.length > NAMED_IN_JOURNAL) {
      const detail = { label: tag.label, subjectType, count: subjectIds.length };
      audit.record(tx, actor, { action: `tag.${verb}`, subjectType: 'tag', subjectId: tag.id, detail });
      return;
    }
    for (const subjectId of subjectIds)
      audit.record(tx, actor, {
        action: `${subjectType}.${verb}`,
        subjectType,
        subjectId,
        personId: subjectType === 'company' ? null : subjectId,
        detail: { tag: tag.label },
      });
  }

  /** Those of the records that carry the tag. */
  async function carriers(
    tx: Transaction,
    tagId: string,
    subjectType: TagSubject,
    ids: readonly string[],
  ): Promise<Set<string>> {
    const rows = await tx.query<{ subjectId: string }>(
      Prisma.sql`SELECT subject_id AS subjectId FROM tagging WHERE tag_id = ${tagId} AND subject_type = ${subjectType} AND subject_id IN (${Prisma.join([...ids])})`,
    );
    return new Set(rows.map(({ subjectId }) => subjectId));
  }

  return {
    /** Every tag. */
    all: (): Promise<readonly TagRow[]> => findTags(database),

    /** Tags of records: id → tags. */
    of: (subjectType: TagSubject, ids: readonly string[]): Promise<Map<string, TagRow[]>> =>
      findTagsOf(database, subjectType, ids),

    /** A tag by any spelling of its label. */
    async find(label: string): Promise<TagRow | null> {
      const [tag] = await database.query<TagRow>(
        Prisma.sql`SELECT id, label, label_key AS labelKey, colour FROM tag WHERE label_key = ${tagKey(label)}`,
      );
      return tag ?? null;
    },

    /**
     * Sticks a tag on records the caller knows the actor may reach; journalled for those that did not carry it.
     * @param subjectIds some thousands at most: one transaction
     * @returns how many records carry it that did not before
     * @throws RuleViolation `TAG_LABEL` when the label is empty or longer than 60 characters
     */
    async add(actor: Actor, label: string, subjectType: TagSubject, subjectIds: readonly string[]): Promise<number> {
      if (subjectIds.length === 0) return 0;
      return inTransaction(database, async (tx) => {
        const tag = await ensureTag(tx, actor, label);
        const known = await carriers(tx, tag.id, subjectType, subjectIds);
        const added = [...new Set(subjectIds)].filter((id) => !known.has(id));
        if (added.length === 0) return 0;
        const rows = added.map((id) => Prisma.sql`(${tag.id}, ${subjectType}, ${id}, ${actor.id})`);
        await tx.execute(
          Prisma.sql`INSERT IGNORE INTO tagging (tag_id, subject_type, subject_id, created_by_id) VALUES ${Prisma.join(rows)}`,
        );
        journal(tx, actor, 'tagged', tag, subjectType, added);
        return added.length;
      });
    },

    /**
     * Takes a tag off records.
     * @returns how many records carried it; 0 too when no tag has this label
     */
    async remove(actor: Actor, label: string, subjectType: TagSubject, subjectIds: readonly string[]): Promise<number> {
      if (subjectIds.length === 0) return 0;
      return inTransaction(database, async (tx) => {
        const tag = await tagIn(tx, label);
        if (!tag) return 0;
        const removed = [...(await carriers(tx, tag.id, subjectType, subjectIds))];
        if (removed.length === 0) return 0;
        await tx.execute(
          Prisma.sql`DELETE FROM tagging WHERE tag_id = ${tag.id} AND subject_type = ${subjectType} AND subject_id IN (${Prisma.join(removed)})`,
        );
        journal(tx, actor, 'untagged', tag, subjectType, removed);
        return removed.length;
      });
    },
  };
}
