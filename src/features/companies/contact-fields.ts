/** What a contact is made of: the person the school knows at a company. */

/** What the person is for the school; accounting is a scope of rights of its own. */
export const CONTACT_ROLES = ['hr', 'management', 'tutor', 'accounting', 'communication', 'other'] as const;

export type ContactRole = (typeof CONTACT_ROLES)[number];

export interface ContactValues {
  readonly lastName: string;
  readonly firstName: string | null;
  readonly jobTitle: string | null;
  readonly contactRole: ContactRole;
  readonly siteId: string | null;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
  readonly mobilePhone: string | null;
  /** The person asked to be left alone. */
  readonly optedOut: boolean;
  /** `YYYY-MM-DD`. */
  readonly lastContactOn: string | null;
  /** The former student behind the contact; absent when the actor may not see who that is. */
  readonly studentId?: string | null;
}

export type ContactField = keyof ContactValues;
