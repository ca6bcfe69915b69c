import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/tree.ts';

/** Statements that would change or delete events, in SQL or through Prisma. */
const TOUCHES =
  /\b(?:UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+`?audit_event\b|auditEvent\s*\.\s*(?:update|delete|upsert)/i;

const sources = projectFiles('src', 'scripts', 'prisma', 'bench').filter(
  (path) => /\.(ts|mjs|sql)$/.test(path) && !path.startsWith('src/db/generated/'),
);

describe('the journal', () => {
  it('is looked for everywhere it could be written', () => {
    expect(sources.filter((path) => textOf(path).includes('audit_event')).length).toBeGreaterThan(2);
    expect(TOUCHES.test('DELETE FROM audit_event WHERE id = 1')).toBe(true);
    expect(TOUCHES.test('tx.prisma.auditEvent.updateMany({})')).toBe(true);
  });

  it('is changed or deleted by no statement of the product', () => {
    expect(sources.filter((path) => TOUCHES.test(textOf(path)))).toEqual([]);
  });
});
