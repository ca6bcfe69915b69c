/** What a text typed in a list of students may mean, as far as the actor may search: a field out of reach is not looked at. */
import { Prisma, type SqlFragment } from '../../db/client.ts';
import { likePrefix, MOST_TERMS, wordTerm, type SearchTerm } from '../../db/list-search.ts';
import type { ListContext, ListSearch, Reach } from '../../db/list-definition.ts';
import { hasPermission } from '../../shared/actor.ts';
import { parseNir } from '../../shared/nir.ts';
import { phoneSearchPrefixes } from '../../shared/phone.ts';
import { normaliseStudentNumber } from '../../shared/student-number.ts';
import { cleanText, foldText } from '../../shared/text.ts';
import type { NirVault } from './nir-vault.ts';
import { studentReach, visibleStudents } from './student-visibility.ts';

const WORDS = {
  table: Prisma.sql`student_search_token`,
  owner: Prisma.sql`student_id`,
  id: Prisma.sql`s.id`,
  nameKey: Prisma.sql`s.name_key`,
};

/**
 * What to look for when a text is typed; none: it means nothing. Found: names in any order, accents, hyphens and case aside; the beginning of an e-mail, a phone in any
 * writing, a student number; a postcode; a complete NIR for those who may reveal it.
 */
export async function searchStudents(
  q: string,
  { actor, reader }: Pick<ListContext, 'actor' | 'reader'>,
  nirVault: NirVault | null,
): Promise<ListSearch | readonly SearchTerm[]> {
  const text = cleanText(q);
  const nir = parseNir(text);
  if (nir.ok) {
    if (!nirVault || !hasPermission(actor, 'students.reveal_nir')) return [];
    const found = await nirVault.findByIndexes(reader, [nirVault.indexOf(nir.nir)]);
    const [studentId] = found.values();
    // Whose number may not be revealed is not found by it either.
    return studentId
      ? { conditions: [Prisma.sql`s.id = ${studentId}`, visibleStudents(actor, 'students.reveal_nir')] }
      : [];
  }
  const contact = studentReach(actor, 'contact');
  const phone = isPostcode(text) ? null : phoneTerm(text, contact);
  if (phone) return [phone];
  return text
    .split(' ')
    .flatMap((word) => termsOf(word, contact))
    .slice(0, MOST_TERMS);
}

const isPostcode = (text: string): boolean => /^\d{5}$/.test(text);

/** What one word, between spaces, may be. */
function termsOf(word: string, contact: Reach): SearchTerm[] {
  if (word.includes('@')) return [emailTerm(word, contact)];
  if (isPostcode(word)) return [postcodeTerm(word, contact)];
  const number = normaliseStudentNumber(word);
  if (/^[A-Z]{1,4}\d{3,8}$/.test(number)) return [numberTerm(number)];
  return foldText(word)
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => wordTerm(WORDS, part));
}

/** A condition on fields of a group, true only where the actor may read them. */
function within(reach: Reach, condition: SqlFragment): SqlFragment {
  if (reach === 'nowhere') return Prisma.sql`FALSE`;
  return reach === 'everywhere' ? condition : Prisma.sql`(${condition} AND ${reach})`;
}

/** A way to find rows by a column, or none when the column is out of reach. */
function way(reach: Reach, condition: SqlFragment): SqlFragment[] {
  return reach === 'nowhere' ? [] : [Prisma.sql`SELECT id FROM student WHERE ${condition}`];
}

/** Without any way the term finds nothing: a way that gives no row. */
function term(ways: readonly SqlFragment[], condition: SqlFragment, reach: Reach): SearchTerm {
  const given = ways.length > 0 ? ways : [Prisma.sql`SELECT id FROM student WHERE FALSE`];
  return { ways: given, condition, check: reach !== 'everywhere' };
}

function emailTerm(word: string, contact: Reach): SearchTerm {
  const pattern = likePrefix(word.toLowerCase());
  const condition = Prisma.sql`(s.school_email LIKE ${pattern} OR ${within(contact, Prisma.sql`s.email LIKE ${pattern}`)})`;
  const ways = [
    ...way('everywhere', Prisma.sql`school_email LIKE ${pattern}`),
    ...way(contact, Prisma.sql`email LIKE ${pattern}`),
  ];
  return term(ways, condition, contact);
}

function phoneTerm(text: string, contact: Reach): SearchTerm | null {
  const patterns = phoneSearchPrefixes(text).map(likePrefix);
  if (patterns.length === 0) return null;
  const beginning = (column: SqlFragment): SqlFragment =>
    Prisma.join(
      patterns.map((pattern) => Prisma.sql`${column} LIKE ${pattern}`),
      ' OR ',
    );
  const ways = [
    ...way(contact, beginning(Prisma.sql`personal_phone`)),
    ...way(contact, beginning(Prisma.sql`professional_phone`)),
  ];
  const condition = Prisma.sql`(${beginning(Prisma.sql`s.personal_phone`)} OR ${beginning(Prisma.sql`s.professional_phone`)})`;
  return term(ways, within(contact, condition), contact);
}

/** Five digits are a postcode, and the beginning of a phone number when they begin with 0. */
function postcodeTerm(word: string, contact: Reach): SearchTerm {
  const phone = phoneTerm(word, contact);
  const condition = within(contact, Prisma.sql`s.postcode = ${word}`);
  const ways = way(contact, Prisma.sql`postcode = ${word}`);
  if (!phone) return term(ways, condition, contact);
  return term([...ways, ...phone.ways], Prisma.sql`(${condition} OR ${phone.condition})`, contact);
}

function numberTerm(number: string): SearchTerm {
  const pattern = likePrefix(number);
  return term(
    way('everywhere', Prisma.sql`student_number LIKE ${pattern}`),
    Prisma.sql`s.student_number LIKE ${pattern}`,
    'everywhere',
  );
}
