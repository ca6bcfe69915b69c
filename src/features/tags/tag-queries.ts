import { Prisma, type Reader, type SqlFragment } from '../../db/client.ts';
import { isId } from '../../shared/ids.ts';
import { cleanText, foldText } from '../../shared/text.ts';

/** Kinds of record that carry tags. */
export type TagSubject = 'student' | 'company' | 'contact';

export interface TagRow {
  readonly id: string;
  readonly label: string;
  readonly labelKey: string;
  readonly colour: string;
}

/** Characters of a label at most. */
export const LONGEST_TAG = 60;

/** Key under which two spellings of a tag meet; a label of signs alone is its own key. */
export function tagKey(label: string): string {
  const clean = cleanText(label).toLowerCase();
  return (foldText(clean) || clean).slice(0, LONGEST_TAG);
}

/** SQL of the id of a tag that an address names by its id or, typed by hand, by its label. */
export function tagIdOf(value: string): SqlFragment {
  return isId(value) ? Prisma.sql`${value}` : Prisma.sql`(SELECT id FROM tag WHERE label_key = ${tagKey(value)})`;
}

/** SQL of the labels of the tags of a record, one a line. @param id SQL of its id */
export function tagLabels(subjectType: TagSubject, id: SqlFragment): SqlFragment {
  return Prisma.sql`(SELECT GROUP_CONCAT(t.label ORDER BY t.label_key SEPARATOR ${LINE_END}) FROM tagging g JOIN tag t ON t.id = g.tag_id WHERE g.subject_type = ${subjectType} AND g.subject_id = ${id})`;
}

const LINE_END = Prisma.raw(`'\\n'`);

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
