import { describe, expect, it } from 'vitest';
import { LANGUAGES, readTexts } from '../../src/i18n/index.ts';
import { projectFiles, textOf } from '../support/tree.ts';

/** Actions named where events are recorded: `action: 'student.updated'`. */
const actions = new Map(
  projectFiles('src', 'scripts')
    .filter((path) => path.endsWith('.ts') && !path.startsWith('src/db/generated/'))
    .flatMap((path) =>
      [
        ...textOf(path).matchAll(/\baction:\s*(?:[^,\n]*?\?\s*)?'([a-z_]+\.[a-z_]+)'(?:\s*:\s*'([a-z_]+\.[a-z_]+)')?/g),
      ].flatMap(([, first, second]) => [first, second].flatMap((action) => (action ? [[action, path] as const] : []))),
    ),
);

describe('the words of the journal', () => {
  it('are looked for in the code', () => {
    expect(actions.size).toBeGreaterThan(3);
  });

  it.each(LANGUAGES)('name every action in %s', (language) => {
    const texts = readTexts(language)['audit']?.['actions'] as Record<string, Record<string, string>>;
    const unnamed = [...actions].filter(([action]) => {
      const [subject = '', verb = ''] = action.split('.');
      return !texts[subject]?.[verb];
    });
    expect(unnamed).toEqual([]);
  });
});
