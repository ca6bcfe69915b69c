/**
 * An SVG drawing made harmless: read tag by tag and written again from what a drawing needs. What could run, or fetch, is not
 * taken out silently but refused, so that whoever drew it knows. Foreign elements that drawing programs leave behind are dropped.
 */

export type SvgResult =
  { readonly ok: true; readonly svg: string } | { readonly ok: false; readonly problem: 'broken' | 'active' };

/** What a drawing is made of. */
const DRAWING = new Set(
  (
    'svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath image style linearGradient ' +
    'radialGradient stop clipPath mask pattern marker filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix ' +
    'feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge ' +
    'feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence'
  ).split(' '),
);
/** What runs, moves or brings another document in, whatever the case it is written in. */
const ACTIVE = new Set(
  'script foreignobject iframe object embed audio video canvas a animate animatemotion animatetransform set handler listener feimage link meta'.split(
    ' ',
  ),
);
const HOLDS_TEXT = new Set(['text', 'tspan', 'textPath', 'title', 'desc', 'style']);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

class Refusal extends Error {
  readonly problem: 'broken' | 'active';

  constructor(problem: 'broken' | 'active') {
    super(problem);
    this.problem = problem;
  }
}

const TOKEN =
  /<!--[^]*?-->|<\?xml\s[^>]*\?>|<!DOCTYPE\s[^<>[\]]*>|<!\[CDATA\[([^]*?)\]\]>|<\/([A-Za-z_][\w:.-]*)\s*>|<([A-Za-z_][\w:.-]*)((?:\s+[A-Za-z_][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const ATTRIBUTE = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

function decoded(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);?/gi, (whole, name: string) => {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const character = name.startsWith('#') ? code <= 0x10ffff && String.fromCodePoint(code) : ENTITIES[name];
    if (!character || !whole.endsWith(';')) throw new Refusal('broken');
    return character;
  });
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);

/** A colour, a length, a reference inside the drawing: nothing that leaves it or runs. */
function refuseActiveText(text: string): void {
  const bare = text.replace(/[\s\u0000-\u001f]+/g, '').toLowerCase();
  const outside = [...bare.matchAll(/url\(["']?(.?)/g)].some(([, first]) => first !== '#');
  if (outside || /\\|@import|expression\(|javascript:|-moz-binding|behavior:|image-set\(/.test(bare))
    throw new Refusal('active');
}

function safeAttributes(element: string, source: string): string {
  let kept = '';
  for (const [, name = '', doubled, single] of source.matchAll(ATTRIBUTE)) {
    const value = decoded(doubled ?? single ?? '');
    if (/^on/i.test(name) || /:on/i.test(name)) throw new Refusal('active');
    if (/(^|:)href$/i.test(name)) {
      const inside = value.trim().startsWith('#');
      const picture =
        element === 'image' && /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/.test(value.trim());
      if (!inside && !picture) throw new Refusal('active');
      kept += ` href="${escaped(value.trim())}"`;
      continue;
    }
    refuseActiveText(value);
    // Names with a prefix belong to drawing programs; the only namespace is the one written at the root.
    if (name.includes(':') || name === 'xmlns') continue;
    kept += ` ${name}="${escaped(value)}"`;
  }
  return kept;
}

/** @param bytes of a file that claims to be an SVG */
export function readSvg(bytes: Buffer): SvgResult {
  try {
    return { ok: true, svg: rewritten(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem };
    if (error instanceof TypeError) return { ok: false, problem: 'broken' };
    throw error;
  }
}

function rewritten(text: string): string {
  const open: { name: string; kept: boolean }[] = [];
  let output = '';
  let rooted = false;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (!token) throw new Refusal('broken');
    const [, data, closing, opening, attributes = '', selfClosing, characters] = token;
    const parent = open.at(-1);
    if (opening !== undefined) {
      const local = opening.slice(opening.indexOf(':') + 1);
      if (ACTIVE.has(local.toLowerCase())) throw new Refusal('active');
      if (parent === undefined && (rooted || opening !== 'svg')) throw new Refusal('broken');
      const safe = safeAttributes(opening, attributes);
      const kept = DRAWING.has(opening) && (parent === undefined || parent.kept);
      const namespace = rooted ? '' : ' xmlns="http://www.w3.org/2000/svg"';
      if (kept) output += `<${opening}${namespace}${safe}${selfClosing}>`;
      rooted = true;
      if (!selfClosing) open.push({ name: opening, kept });
    } else if (closing !== undefined) {
      if (open.pop()?.name !== closing) throw new Refusal('broken');
      if (parent?.kept) output += `</${closing}>`;
    } else if (data !== undefined || characters !== undefined) {
      const content = data ?? decoded(characters ?? '');
      if (parent === undefined && content.trim() !== '') throw new Refusal('broken');
      if (!parent?.kept || !HOLDS_TEXT.has(parent.name)) continue;
      if (parent.name === 'style') refuseActiveText(content);
      output += escaped(content);
    }
  }
  if (!rooted || open.length > 0) throw new Refusal('broken');
  return output;
}
