import { SourceError } from '../../shared/source-error.ts';

/** What a part of a workbook is made of, in order. Names come without their prefix. */
export interface XmlHandlers {
  /** `attributes` is the raw text: see {@link xmlAttribute}. A tag that closes itself is followed by `close`. */
  open(name: string, attributes: string): void;
  close(name: string): void;
  /** Text as it stands between two tags, entities decoded; may come in several pieces. */
  text(text: string): void;
}

/** Longest single text or tag: far above the 32 767 characters of a cell. */
const LONGEST_PIECE = 8 * 1024 * 1024;

/**
 * Reads XML piece by piece, only as far as workbooks use it: no document type, hence no entity to expand and nothing to fetch.
 * Several times faster than a general parser, which is what reading 100 000 rows asks for.
 */
export class XmlScanner {
  readonly #handlers: XmlHandlers;
  #pending = '';

  constructor(handlers: XmlHandlers) {
    this.#handlers = handlers;
  }

  /** @throws SourceError `FILE_UNREADABLE` on a document type, `FILE_TOO_LARGE` on endless text */
  write(chunk: string): void {
    const text = this.#pending + chunk;
    let position = 0;
    for (;;) {
      const start = text.indexOf('<', position);
      if (start === -1) break;
      if (start > position) this.#handlers.text(decodeEntities(text.slice(position, start)));
      const end = this.#readMarkup(text, start);
      position = start;
      if (end === -1) break;
      position = end;
    }
    this.#pending = position === 0 ? text : text.slice(position);
    if (this.#pending.length > LONGEST_PIECE)
      throw new SourceError('FILE_TOO_LARGE', { limit: 'bytes', allowed: LONGEST_PIECE });
  }

  /** @throws SourceError `FILE_UNREADABLE` when the part breaks off inside a tag */
  end(): void {
    if (this.#pending.includes('<')) throw new SourceError('FILE_UNREADABLE', { reason: 'xml end' });
  }

  /** Reads one tag, comment or section; gives the position after it, or -1 when it is not complete yet. */
  #readMarkup(text: string, start: number): number {
    const sign = text.charCodeAt(start + 1);
    if (sign === EXCLAMATION) return this.#readSection(text, start);
    if (sign === QUESTION) return after(text, '?>', start);
    const end = endOfTag(text, start);
    if (end === -1) return -1;
    if (sign === SLASH) {
      this.#handlers.close(localName(text.slice(start + 2, end).trimEnd()));
      return end + 1;
    }
    const selfClosing = text.charCodeAt(end - 1) === SLASH;
    const inside = text.slice(start + 1, selfClosing ? end - 1 : end);
    const space = inside.search(/\s/);
    const name = localName(space === -1 ? inside : inside.slice(0, space));
    this.#handlers.open(name, space === -1 ? '' : inside.slice(space + 1));
    if (selfClosing) this.#handlers.close(name);
    return end + 1;
  }

  #readSection(text: string, start: number): number {
    if (text.startsWith('<!--', start)) return after(text, '-->', start);
    if (text.startsWith('<![CDATA[', start)) {
      const end = text.indexOf(']]>', start);
      if (end === -1) return -1;
      this.#handlers.text(text.slice(start + 9, end));
      return end + 3;
    }
    if (text.length - start < 9) return -1;
    throw new SourceError('FILE_UNREADABLE', { reason: 'xml document type' });
  }
}

const SLASH = 47;
const QUESTION = 63;
const EXCLAMATION = 33;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const GREATER = 62;

function after(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? -1 : end + mark.length;
}

/** The `>` that ends a tag: one inside a quoted value does not count. */
function endOfTag(text: string, start: number): number {
  let quote = 0;
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === GREATER) {
      return index;
    } else if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      quote = code;
    }
  }
  return -1;
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

/** The value of an attribute by its name without prefix, entities decoded; undefined when the tag does not have it. */
export function xmlAttribute(attributes: string, wanted: string): string | undefined {
  for (let position = 0; ;) {
    const equals = attributes.indexOf('=', position);
    if (equals === -1) return undefined;
    const name = attributes.slice(position, equals).trim();
    let open = equals + 1;
    while (open < attributes.length && /\s/.test(attributes.charAt(open))) open += 1;
    const close = attributes.indexOf(attributes.charAt(open), open + 1);
    if (close === -1) return undefined;
    if (localName(name) === wanted) return decodeEntities(attributes.slice(open + 1, close));
    position = close + 1;
  }
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,8}));/gi,
    (entity, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED_ENTITIES[name] ?? entity;
      const codePoint = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : entity;
    },
  );
}
