/** What a text typed in a list of companies or contacts may mean, as far as the actor may search: a field out of reach is not looked at. */
import { Prisma, type SqlFragment } from '../../db/client.ts';
import type { ListContext, ListSearch } from '../../db/list-definition.ts';
import { likePrefix, MOST_TERMS, planSearch, wordTerm, type SearchTerm } from '../../db/list-search.ts';
import { hasPermission } from '../../shared/actor.ts';
import { phoneSearchPrefixes } from '../../shared/phone.ts';
import { companyDigits } from '../../shared/siren.ts';
import { cleanText, foldText } from '../../shared/text.ts';
import { readableCompanyGroups } from './company-fields.ts';

const COMPANIES = { from: Prisma.sql`company c`, id: Prisma.sql`c.id` };
const CONTACTS = { from: Prisma.sql`contact k`, id: Prisma.sql`k.id` };

const COMPANY_WORDS = {
  table: Prisma.sql`company_search_token`,
  owner: Prisma.sql`company_id`,
  id: COMPANIES.id,
  nameKey: Prisma.sql`c.name_key`,
};

const CONTACT_WORDS = {
  table: Prisma.sql`contact_search_token`,
  owner: Prisma.sql`contact_id`,
  id: CONTACTS.id,
  nameKey: Prisma.sql`k.name_key`,
};

/** Largest id_entreprise: what an INT holds. */
const LARGEST_LEGACY_ID = 2_147_483_647;

/**
 * Companies for a typed text: words of the name in any order; a SIREN or SIRET, a phone in any writing, a postcode, an
 * id_entreprise, the beginning of an e-mail.
 */
export async function searchCompanies(
  q: string,
  { actor, reader }: Pick<ListContext, 'actor' | 'reader'>,
): Promise<ListSearch> {
  const groups = readableCompanyGroups(actor);
  const text = cleanText(q);
  if (/^[\d\s+()./\p{Pd}]*\d[\d\s+()./\p{Pd}]*$/u.test(text)) {
    return planSearch(reader, COMPANIES, [numberTerm(text, groups)]);
  }
  const terms = text.split(' ').flatMap((word): SearchTerm[] => {
    if (word.includes('@')) return [companyEmailTerm(word, groups)];
    if (/^\d+$/.test(word)) return [numberTerm(word, groups)];
    return foldText(word)
      .split(' ')
      .filter((part) => part !== '')
      .map((part) => wordTerm(COMPANY_WORDS, part));
  });
  return planSearch(reader, COMPANIES, terms.slice(0, MOST_TERMS));
}

/** A condition on companies, written once for the way (bare columns) and once for the row of the list. */
interface Clue {
  readonly way: SqlFragment;
  readonly condition: SqlFragment;
}

const clue = (column: 'siren' | 'postcode' | 'legacy_id', value: string | number): Clue => ({
  way: Prisma.sql`SELECT id FROM company WHERE ${Prisma.raw(column)} = ${value}`,
  condition: Prisma.sql`c.${Prisma.raw(column)} = ${value}`,
});

/** Digits may be many things: everything they may be is looked for at once. */
function numberTerm(text: string, groups: ReadonlySet<string>): SearchTerm {
  const digits = companyDigits(text).replace(/\D/g, '');
  const clues: Clue[] = [];
  if (groups.has('identity')) {
    if (/^\d{9}$/.test(digits)) clues.push(clue('siren', digits));
    if (/^\d{14}$/.test(digits)) clues.push(siteClue(digits), clue('siren', digits.slice(0, 9)));
    if (/^\d{5}$/.test(digits)) clues.push(clue('postcode', digits));
    if (/^[1-9]\d*$/.test(digits) && Number(digits) <= LARGEST_LEGACY_ID) clues.push(clue('legacy_id', Number(digits)));
  }
  for (const prefix of groups.has('contact') ? phoneSearchPrefixes(text) : []) {
    const pattern = likePrefix(prefix);
    clues.push({
      way: Prisma.sql`SELECT id FROM company WHERE phone LIKE ${pattern}`,
      condition: Prisma.sql`c.phone LIKE ${pattern}`,
    });
  }
  const words = digits === '' ? [] : [wordTerm(COMPANY_WORDS, digits)];
  const all = [...clues, ...words.map((word) => ({ way: word.ways[0] ?? Prisma.empty, condition: word.condition }))];
  return {
    ways: all.map(({ way }) => way),
    condition: Prisma.sql`(${Prisma.join(
      all.map(({ condition }) => condition),
      ' OR ',
    )})`,
  };
}

function siteClue(siret: string): Clue {
  return {
    way: Prisma.sql`SELECT company_id AS id FROM company_site WHERE siret = ${siret}`,
    condition: Prisma.sql`EXISTS (SELECT 1 FROM company_site e WHERE e.company_id = c.id AND e.siret = ${siret})`,
  };
}

function companyEmailTerm(word: string, groups: ReadonlySet<string>): SearchTerm {
  if (!groups.has('contact'))
    return { ways: [Prisma.sql`SELECT id FROM company WHERE FALSE`], condition: Prisma.sql`FALSE` };
  const pattern = likePrefix(word.toLowerCase());
  return {
    ways: [Prisma.sql`SELECT id FROM company WHERE email LIKE ${pattern}`],
    condition: Prisma.sql`c.email LIKE ${pattern}`,
  };
}

/**
 * Contacts for a typed text: words of their name or of their company's, in any order; a phone in any writing, the beginning of
 * an e-mail.
 */
export async function searchContacts(
  q: string,
  { actor, reader }: Pick<ListContext, 'actor' | 'reader'>,
): Promise<ListSearch> {
  const text = cleanText(q);
  const phones = phoneSearchPrefixes(text).map(likePrefix);
  if (phones.length > 0) {
    const conditions = phones.map((pattern) => Prisma.sql`k.phone LIKE ${pattern} OR k.mobile_phone LIKE ${pattern}`);
    return planSearch(reader, CONTACTS, [
      {
        ways: phones.flatMap((pattern) => [
          Prisma.sql`SELECT id FROM contact WHERE phone LIKE ${pattern}`,
          Prisma.sql`SELECT id FROM contact WHERE mobile_phone LIKE ${pattern}`,
        ]),
        condition: Prisma.sql`(${Prisma.join(conditions, ' OR ')})`,
      },
    ]);
  }
  const throughCompanies = hasPermission(actor, 'companies.read');
  const terms = text.split(' ').flatMap((word): SearchTerm[] => {
    if (word.includes('@')) {
      const pattern = likePrefix(word.toLowerCase());
      return [
        {
          ways: [Prisma.sql`SELECT id FROM contact WHERE email LIKE ${pattern}`],
          condition: Prisma.sql`k.email LIKE ${pattern}`,
        },
      ];
    }
    return foldText(word)
      .split(' ')
      .filter((part) => part !== '')
      .map((part) => contactWordTerm(part, throughCompanies));
  });
  return planSearch(reader, CONTACTS, terms.slice(0, MOST_TERMS));
}

function contactWordTerm(word: string, throughCompanies: boolean): SearchTerm {
  const own = wordTerm(CONTACT_WORDS, word);
  if (!throughCompanies) return own;
  const pattern = likePrefix(word.slice(0, 48));
  return {
    ways: [
      ...own.ways,
      Prisma.sql`SELECT o.id FROM company_search_token w JOIN contact o ON o.company_id = w.company_id WHERE w.token LIKE ${pattern}`,
    ],
    condition: Prisma.sql`(${own.condition} OR EXISTS (SELECT 1 FROM company_search_token w WHERE w.company_id = k.company_id AND w.token LIKE ${pattern}))`,
    word: own.word,
  };
}
