import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/tree.ts';

/** What may be printed as it stands: pieces that were escaped when they were made. */
const PRINTED_RAW = [/^include\(/, /^body$/];

const views = projectFiles('views').filter((path) => path.endsWith('.ejs'));
/** Modules that make markup with the `html` tag. */
const markupModules = projectFiles('src').filter((path) => path.endsWith('.ts') && textOf(path).includes('html`'));

/** Markup without what the template computes: attributes stay, their computed values go. */
function withoutCode(text: string): string {
  return text.replace(/<%[\s\S]*?%>/g, '').replace(/\$\{[^}]*\}/g, '');
}

function offending(paths: string[], pattern: RegExp, read: (text: string) => string = withoutCode): string[] {
  return paths.flatMap((path) =>
    [...read(textOf(path)).matchAll(pattern)].map(([found]) => `${path}: ${found.trim()}`),
  );
}

describe('views', () => {
  it('exist', () => {
    expect(views.length).toBeGreaterThan(0);
  });

  it('escape everything but other templates and the body of a layout', () => {
    const raw = views.flatMap((path) =>
      [...textOf(path).matchAll(/<%-([\s\S]*?)[-_]?%>/g)]
        .map(([, code = '']) => code.trim())
        .filter((code) => !PRINTED_RAW.some((allowed) => allowed.test(code)))
        .map((code) => `${path}: <%- ${code}`),
    );
    expect(raw).toEqual([]);
  });

  it('hold no script', () => {
    expect(offending([...views, ...markupModules], /<script\b(?![^>]*\ssrc=)[^>]*>/gi)).toEqual([]);
    expect(offending([...views, ...markupModules], /\shref=["']?\s*javascript:/gi)).toEqual([]);
  });

  it('hold no event attribute', () => {
    expect(offending(views, /<[^>]*?\son[a-z]+\s*=[^>]*/gi)).toEqual([]);
    expect(
      offending(markupModules, /\son(click|change|submit|input|load|error|key\w+|focus|blur)\s*=\s*["']/gi),
    ).toEqual([]);
  });

  it('hold no style, except mails, whose readers know no style sheet', () => {
    const pages = views.filter((path) => !path.startsWith('views/emails/'));
    expect(offending([...pages, ...markupModules], /<style\b[^>]*>|<[^>]*?\sstyle\s*=[^>]*/gi)).toEqual([]);
  });
});
