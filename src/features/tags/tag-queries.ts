import { Prisma, type Reader } from '../../db/client.ts';

/** Kinds of record that carry tags. */
export type TagSubject = 'student' | 'company' | 'contact';

export interface TagRow {
  readonly id: string;
  readonly label: string;
  readonly labelKey: string;
  readonly colour: string;
}

/** Every tag, in the order people read. */
export async function findTags(reader: Pick<Reader, 'query'>): Promise<TagRow[]> {
  return reader.query<TagRow>(
    Prisma.sql`SELECT id, label, label_key AS labelKey, colour FROM tag ORDER BY label_key, id`,
  );
}

/** Tags of records: subject id → its tags; a record without any is absent. */
export async function findTagsOf(
  reader: Pick<Reader, 'query'>,
  subjectType: TagSubject,
  subjectIds: readonly string[],
): Promise<Map<string, TagRow[]>> {
  if (subjectIds.length === 0) return new Map();
  const rows = await reader.query<TagRow & { subjectId: string }>(
    Prisma.sql`SELECT g.subject_id AS subjectId, t.id, t.label, t.label_key AS labelKey, t.colour FROM tagging g JOIN tag t ON t.id = g.tag_id
      WHERE g.subject_type = ${subjectType} AND g.subject_id IN (${Prisma.join([...subjectIds])}) ORDER BY t.label_key, t.id`,
  );
  const tags = new Map<string, TagRow[]>();
  for (const { subjectId, ...tag } of rows) tags.set(subjectId, [...(tags.get(subjectId) ?? []), tag]);
  return tags;
}
