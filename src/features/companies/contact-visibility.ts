/** Which contacts an actor may see: all of them, or those in charge of accounting. */
import { Prisma } from '../../db/client.ts';
import { scopesOf, type Actor } from '../../shared/actor.ts';

/** SQL condition on the table alias `k`: true for the contacts the actor may see. */
export function visibleContacts(actor: Actor): Prisma.Sql {
  const scopes = scopesOf(actor, 'contacts.read');
  if (scopes.includes('all')) return Prisma.sql`TRUE`;
  return scopes.includes('accounting') ? Prisma.sql`k.contact_role = 'accounting'` : Prisma.sql`FALSE`;
}
