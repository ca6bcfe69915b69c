import { describe, expect, it } from 'vitest';
import { passwordProblem } from '../../../src/shared/passwords.ts';

describe('passwordProblem', () => {
  it.each([
    ['twelve characters of four kinds', 'kR7!vB2#mQ9?'],
    ['fourteen of three kinds', 'kR7vB2mQ9xT4wZ'],
    ['a phrase of seven words', 'quatre vieux merles sifflent sous la pluie'],
    ['seventeen lower-case letters', 'vjqzokwthpfnbxrml'],
    ['letters with accents', 'Été à Ploumanac’h, 3 mouettes'],
    ['a common word in a long phrase', 'Le soleil sèche 7 grandes toiles neuves'],
    ['the words of the demo', 'Rizobe-talufa-misodi-vegapu-nolira47'],
  ])('accepts %s', (_kind, password) => {
    expect(passwordProblem(password, ['Claire Fontanel', 'claire.fontanel@acme.example'])).toBeNull();
  });

  it.each([
    ['', 'tooShort'],
    ['kR7!vB2#mQ9', 'tooShort'],
    ['kR7vB2mQ9xT4w', 'tooShort'],
    ['vjqzokwthpfnbxrm', 'tooShort'],
    ['84620957318264', 'tooShort'],
    [`${'kR7!'.repeat(50)}x`, 'tooLong'],
    ['aaaaaaaaaaaaaaA1!', 'tooSimple'],
    ['kR7!kR7!kR7!kR7!', 'tooSimple'],
    ['Azertyuiop123456!', 'tooSimple'],
    ['Qsdfghjklm-98765', 'tooSimple'],
    ['MotDePasse2026!', 'common'],
    ['M0td3p@sse-2026!', 'common'],
    ['Printemps-2026-Paris', 'common'],
    ['Bienvenue@Marseille1', 'common'],
    ['AcmeSchool-2026!!', 'common'],
    ['Claire-Fontanel-42', 'personal'],
    ['Cl@ireFontanel42', 'personal'],
  ])('refuses %j: %s', (password, problem) => {
    expect(passwordProblem(password, ['Claire Fontanel', 'claire.fontanel@acme.example'])).toBe(
      `errors.password.${problem}`,
    );
  });

  it('reads the composed and the decomposed writing of an accent alike', () => {
    const composed = 'Mélèze-Épicéa-29'.normalize('NFC');
    expect(passwordProblem(composed)).toBe(passwordProblem(composed.normalize('NFD')));
  });

  it('answers at once for the longest password', () => {
    const startedAt = performance.now();
    passwordProblem('aB1!'.repeat(50));
    passwordProblem('ab'.repeat(100));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
