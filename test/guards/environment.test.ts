import { describe, expect, it } from 'vitest';
import { configVariables } from '../../src/config.ts';
import { projectFiles, textOf } from '../support/tree.ts';

describe('the environment', () => {
  it('is listed in .env.example, every variable in the order of the configuration', () => {
    const listed = [...textOf('.env.example').matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(listed).toEqual([...configVariables]);
  });

  it('has no secret in .env.example', () => {
    const given = [...textOf('.env.example').matchAll(/^#? ?(\w*(?:KEY|SECRET|TOKEN|PASSWORD)\w*)=(\S+)/gm)];
    expect(given.map(([line]) => line)).toEqual([]);
  });

  it('is read by src/config.ts alone', () => {
    const readers = projectFiles('src')
      .filter((path) => path.endsWith('.ts') && path !== 'src/config.ts')
      .filter((path) => /\bprocess\s*\.\s*env\b/.test(textOf(path)));
    expect(readers).toEqual([]);
  });
});
