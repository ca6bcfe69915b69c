import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/tree.ts';

const LIMIT = 300;
const ours = projectFiles('src', 'scripts', 'views', 'public', 'test', 'bench', 'docs', 'prisma/schema').filter(
  (path) => !path.startsWith('test/fixtures/'),
);

describe('files', () => {
  it('have names in kebab-case', () => {
    const kebab = /^_?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/;
    expect(ours.filter((path) => basename(path) !== 'README.md' && !kebab.test(basename(path)))).toEqual([]);
  });

  it('are named after what they hold', () => {
    const vague = /^_?([a-z0-9-]+-)?(utils?|types?|helpers?|managers?|misc|common)\.(ts|mjs|js|ejs)$/;
    expect(ours.filter((path) => vague.test(basename(path)))).toEqual([]);
  });

  it(`say in their first comment why they pass ${LIMIT} lines ("One file because…", "Long because…")`, () => {
    const code = ours.filter((path) => /\.(ts|mjs|cjs|js|ejs|css)$/.test(path));
    const unexplained = code.filter((path) => {
      const text = textOf(path);
      return text.split('\n').length > LIMIT && !/\b(one|single) file\b|\blong\b/i.test(headerOf(text));
    });
    expect(unexplained).toEqual([]);
  });
});

/** The comment that opens a file, in any of the languages used here. */
function headerOf(text: string): string {
  return /^(\/\*[\s\S]*?\*\/|(\/\/[^\n]*\n)+|<%#[\s\S]*?%>)/.exec(text.trimStart())?.[0] ?? '';
}
