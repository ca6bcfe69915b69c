/**
 * Edits made in the CRM between two imports: each field keeps the value last read from its source (the base), and the three
 * values decide.
 *
 * | file against base | CRM against base | result |
 * |---|---|---|
 * | same | any | the CRM's value stays |
 * | changed | same | the file's value is applied (null empties the field) |
 * | changed | changed, to the same value | nothing to do |
 * | changed | changed, differently | the CRM's value stays, `EDIT_CONFLICT` |
 *
 * @see import rules §6
 */

export type FieldValue = string | number | boolean | null;

export interface FieldConflict {
  field: string;
  base: FieldValue;
  file: FieldValue;
  crm: FieldValue;
}

export interface FieldMerge {
  value: FieldValue;
  /** The file's value goes into the CRM. */
  applied: boolean;
  conflict: boolean;
}

/**
 * Merges one field.
 * @param base the value last read from the source; undefined when none was ever read (a record made by hand): then the file
 * fills an empty field, and a different value is a conflict
 */
export function mergeField(file: FieldValue, base: FieldValue | undefined, crm: FieldValue): FieldMerge {
  const stays: FieldMerge = { value: crm, applied: false, conflict: false };
  if (file === crm || file === base) return stays;
  if (crm === base || (base === undefined && crm === null)) return { value: file, applied: true, conflict: false };
  if (base === undefined && file === null) return stays;
  return { value: crm, applied: false, conflict: true };
}

export interface RecordMerge<Field extends string> {
  /** Every field as the CRM holds it after the merge. */
  values: Record<Field, FieldValue>;
  /** Fields that change in the CRM. */
  applied: Field[];
  /** For the review queue; each gives `EDIT_CONFLICT`. */
  conflicts: (FieldConflict & { field: Field })[];
}

export interface MergeInput<Field extends string> {
  file: Readonly<Record<Field, FieldValue>>;
  /** Null when nothing was ever read from the source for this record. */
  base: Readonly<Record<Field, FieldValue>> | null;
  crm: Readonly<Record<Field, FieldValue>>;
  /** Fields that make sense only together (street, postcode, city): they change or stay as one value. */
  together?: readonly (readonly Field[])[];
}

/** Merges all the fields of a record. The new base is the file's values, whatever the result. */
export function mergeRecord<Field extends string>({
  file,
  base,
  crm,
  together = [],
}: MergeInput<Field>): RecordMerge<Field> {
  const fields = Object.keys(file) as Field[];
  const grouped = new Set(together.flat());
  const groups = [...together, ...fields.filter((field) => !grouped.has(field)).map((field) => [field])];
  const result: RecordMerge<Field> = { values: { ...crm }, applied: [], conflicts: [] };
  for (const group of groups) {
    const decision = mergeGroup(group, file, base, crm);
    for (const field of group) {
      if (file[field] === crm[field]) continue;
      if (decision === 'applied') {
        result.values[field] = file[field];
        result.applied.push(field);
      } else if (decision === 'conflict') {
        result.conflicts.push({ field, base: base?.[field] ?? null, file: file[field], crm: crm[field] });
      }
    }
  }
  return result;
}

function mergeGroup<Field extends string>(
  group: readonly Field[],
  file: Readonly<Record<Field, FieldValue>>,
  base: Readonly<Record<Field, FieldValue>> | null,
  crm: Readonly<Record<Field, FieldValue>>,
): 'stays' | 'applied' | 'conflict' {
  const asOne = (values: Readonly<Record<Field, FieldValue>>): string | null => {
    const list = group.map((field) => values[field]);
    return list.every((value) => value === null) ? null : JSON.stringify(list);
  };
  const merged = mergeField(asOne(file), base === null ? undefined : asOne(base), asOne(crm));
  if (merged.conflict) return 'conflict';
  return merged.applied ? 'applied' : 'stays';
}
