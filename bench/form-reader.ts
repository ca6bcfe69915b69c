/** Reads a form out of a page as a browser would send it. For the pages of the product alone: no HTML of strangers. */

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'", nbsp: ' ' };

function decode(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** Attributes of a tag; one without a value is an empty text. */
function attributesOf(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of tag.matchAll(/\s([\w:-]+)(?:="([^"]*)")?/g))
    if (!found.has(name)) found.set(name, decode(value));
  return found;
}

export interface PageForm {
  readonly action: string;
  /** Name and value of every field a browser would send, in the order of the page. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const UNSENT_TYPES = new Set(['submit', 'button', 'reset', 'image', 'file']);

/**
 * Reads the form that holds a field of this name.
 * @throws when the page has none
 */
export function readForm(page: string, fieldName: string): PageForm {
  for (const [form = '', opening = '', content = ''] of page.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
    if (!form.includes(`name="${fieldName}"`)) continue;
    return { action: attributesOf(opening).get('action') ?? '', fields: fieldsOf(content) };
  }
  throw new Error(`No form with a field "${fieldName}" on the page`);
}

function fieldsOf(content: string): [string, string][] {
  const fields: [string, string][] = [];
  const tags = /<input(\s[^>]*)>|<textarea(\s[^>]*)>([\s\S]*?)<\/textarea>|<select(\s[^>]*)>([\s\S]*?)<\/select>/g;
  for (const [, input, area, text = '', select, options = ''] of content.matchAll(tags)) {
    const attributes = attributesOf(input ?? area ?? select ?? '');
    const name = attributes.get('name');
    if (name === undefined || name === '' || attributes.has('disabled')) continue;
    if (area !== undefined) fields.push([name, decode(text.replace(/^\r?\n/, ''))]);
    else if (select !== undefined) fields.push(...chosenOptions(options, attributes.has('multiple')).map(named(name)));
    else if (isSent(attributes)) fields.push([name, attributes.get('value') ?? '']);
  }
  return fields;
}

const named =
  (name: string) =>
  (value: string): [string, string] => [name, value];

function isSent(attributes: Map<string, string>): boolean {
  const type = attributes.get('type') ?? 'text';
  if (UNSENT_TYPES.has(type)) return false;
  return (type !== 'checkbox' && type !== 'radio') || attributes.has('checked');
}

function chosenOptions(options: string, isMultiple: boolean): string[] {
  const all = [...options.matchAll(/<option(\s[^>]*|)>([^<]*)/g)].map(([, tag = '', label = '']) => {
    const attributes = attributesOf(tag);
    return { value: attributes.get('value') ?? decode(label.trim()), isSelected: attributes.has('selected') };
  });
  const selected = all.filter(({ isSelected }) => isSelected);
  const first = all[0];
  if (selected.length === 0 && !isMultiple && first) return [first.value];
  return (isMultiple ? selected : selected.slice(-1)).map(({ value }) => value);
}
