import { html, SafeHtml, escapeText } from './safe-html.ts';

/** Letters without accents or case, one for one, so that positions in the result are positions in the text. */
function foldByCharacter(text: string): string {
  return Array.from(text, (char) => {
    const bare = char.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    return bare.length === char.length ? bare : char.toLowerCase().length === char.length ? char.toLowerCase() : char;
  }).join('');
}

function occurrences(text: string, words: readonly string[]): [from: number, to: number][] {
  const folded = foldByCharacter(text);
  const found: [number, number][] = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length)) {
      found.push([at, at + word.length]);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** The text with the words of a search marked, accents and case aside. */
export function highlight(text: string | null | undefined, query: string | null | undefined): SafeHtml {
  const value = text ?? '';
  // Most lists are read without a search.
  if (!query) return new SafeHtml(escapeText(value));
  const words = foldByCharacter(query.normalize('NFC'))
    .split(/[\s,;'’-]+/u)
    .filter((word) => word.length > 1);
  if (words.length === 0) return new SafeHtml(escapeText(value));
  let markup = '';
  let position = 0;
  for (const [from, to] of occurrences(value, words.slice(0, 8))) {
    if (to <= position) continue;
    const start = Math.max(from, position);
    markup += `${escapeText(value.slice(position, start))}<mark>${escapeText(value.slice(start, to))}</mark>`;
    position = to;
  }
  return new SafeHtml(markup + escapeText(value.slice(position)));
}

/** A value that changed: before struck through, after underlined. An absent side shows only the other. */
export function change(before: string | null, after: string | null, emptyLabel: string): SafeHtml {
  const side = (value: string | null) => value || html`<em class="text-secondary">${emptyLabel}</em>`;
  return html`<del class="diff-before">${side(before)}</del> <span class="diff-arrow" aria-hidden="true">→</span> <ins class="diff-after">${side(after)}</ins>`;
}

/** A moment: the text people read, the exact instant for machines and on hover. `iso` is ISO 8601. */
export function time(iso: string, label: string, title?: string): SafeHtml {
  return html`<time datetime="${iso}" title="${title ?? iso}">${label}</time>`;
}

/** A text kept on one line: its end is hidden where there is no room, and told on hover. `label` is the same text, marked. */
export function clip(text: string, label: string | SafeHtml = text): SafeHtml {
  return html`<span class="clip" title="${text}">${label}</span>`;
}
