/**
 * Every right the product knows. A right is a permission on a scope, with the field groups it opens; what is not
 * granted is denied. Roles are rows of the database; the built-in ones below are written there once and may be edited.
 * @see docs/decisions/003-rights.md
 */

/** `all`, a student status, or the contacts in charge of accounting. */
export type Scope = 'all' | 'prospect' | 'en_fonction' | 'alumni' | 'accounting';

interface PermissionShape {
  /** Scopes the right can be narrowed to, beside `all`. */
  readonly scopes: readonly Scope[];
  /** Field groups the right can open; empty when it has none. */
  readonly fieldGroups: readonly string[];
}

const population = ['prospect', 'en_fonction', 'alumni'] as const;
const none: PermissionShape = { scopes: [], fieldGroups: [] };

/**
 * identity: names, student number, status, programme, school mailbox · contact: personal e-mail, phones, address, birth date
 * nir: the masked number · grades, finance: reserved to the modules that hold them
 */
export const permissions = {
  'students.read': { scopes: population, fieldGroups: ['identity', 'contact', 'nir', 'grades', 'finance'] },
  'students.create': { scopes: population, fieldGroups: [] },
  'students.update': { scopes: population, fieldGroups: ['identity', 'contact'] },
  'students.archive': { scopes: population, fieldGroups: [] },
  'students.merge': { scopes: population, fieldGroups: [] },
  'students.export': { scopes: population, fieldGroups: [] },
  'students.reveal_nir': { scopes: population, fieldGroups: [] },
  'students.read_notes': { scopes: population, fieldGroups: [] },
  'students.write_notes': { scopes: population, fieldGroups: [] },
  'alumni.update': none,
  'companies.read': { scopes: [], fieldGroups: ['identity', 'contact', 'relation'] },
  'companies.create': none,
  'companies.update': { scopes: [], fieldGroups: ['identity', 'contact', 'relation'] },
  'companies.archive': none,
  'companies.merge': none,
  'companies.export': none,
  'companies.read_notes': none,
  'companies.write_notes': none,
  'contacts.read': { scopes: ['accounting'], fieldGroups: [] },
  'contacts.create': none,
  'contacts.update': none,
  'contacts.archive': none,
  'contacts.export': none,
  'tags.manage': none,
  'imports.read': none,
  'imports.read_rows': none,
  'imports.decide_students': none,
  'imports.decide_companies': none,
  'jobs.run': none,
  'statistics.read': none,
  'users.read': none,
  'users.manage': none,
  'roles.manage': none,
  'audit.read': { scopes: [], fieldGroups: ['technical', 'content'] },
  'settings.manage': none,
} as const satisfies Record<string, PermissionShape>;

export type Permission = keyof typeof permissions;

export const permissionNames = Object.keys(permissions) as Permission[];

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(permissions, text);
}

/** One row of a role. */
export interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
  readonly fieldGroups: readonly string[];
}

const on = (permission: Permission, scopes: readonly Scope[] = ['all'], fieldGroups: readonly string[] = []): Grant[] =>
  scopes.map((scope) => ({ permission, scope, fieldGroups }));

/** Rights that no role, and no person through several, may join: whoever gives roles must not read social-security numbers. */
export const incompatiblePermissions: readonly (readonly [Permission, Permission])[] = [
  ['roles.manage', 'students.reveal_nir'],
  ['users.manage', 'students.reveal_nir'],
];

/** The first two rights of a set that may not be held together, or null. */
export function incompatiblePair(names: Iterable<string>): readonly [Permission, Permission] | null {
  const held = new Set(names);
  return incompatiblePermissions.find(([first, second]) => held.has(first) && held.has(second)) ?? null;
}

/**
 * Rights with which one person could see what the law protects most, or give themselves anything: whoever gets them, and whatever
 * opens the account of who has them, takes two administrators.
 * @see docs/decisions/012-four-eyes-on-accounts.md
 */
const SENSITIVE: Readonly<Partial<Record<Permission, string | null>>> = {
  'students.reveal_nir': null,
  // Its technical part names nobody.
  'audit.read': 'content',
  'users.manage': null,
  'roles.manage': null,
};

/** The sensitive rights among grants, each as `permission:scope`. */
export function sensitiveAmong(
  grants: Iterable<{
    readonly permission: string;
    readonly scope: string;
    readonly fieldGroups: readonly string[];
  }>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { permission, scope, fieldGroups } of grants) {
    const group = isPermission(permission) ? SENSITIVE[permission] : undefined;
    if (group === null || (group !== undefined && fieldGroups.includes(group))) found.add(`${permission}:${scope}`);
  }
  return found;
}

/** True when some of the wanted sensitive rights are not among those held, nor part of one held everywhere. */
export function widensSensitive(held: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return [...wanted].some((right) => !held.has(right) && !held.has(right.replace(/:.*/, ':all')));
}

export interface BuiltInRole {
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly grants: readonly Grant[];
}

/** The roles of the school's services. @see client's rights matrix, docs/decisions/003-rights.md */
export const builtInRoles: readonly BuiltInRole[] = [
  {
    key: 'scolarite',
    label: 'Pôle Scolarité',
    description: 'Tient le référentiel des étudiants, des prospects et des alumni ; importe et décide.',
    grants: [
      ...on('students.read', ['all'], ['identity', 'contact', 'nir', 'grades']),
      ...on('students.create'),
      ...on('students.update', ['all'], ['identity', 'contact']),
      ...on('students.archive'),
      ...on('students.merge'),
      ...on('students.export'),
      ...on('students.read_notes'),
      ...on('students.write_notes'),
      ...on('alumni.update'),
      ...on('companies.read', ['all'], ['identity', 'contact', 'relation']),
      ...on('companies.create'),
      ...on('companies.update', ['all'], ['identity', 'contact']),
      ...on('companies.export'),
      ...on('companies.read_notes'),
      ...on('contacts.read'),
      ...on('contacts.create'),
      ...on('contacts.update'),
      ...on('tags.manage'),
      ...on('imports.read'),
      ...on('imports.read_rows'),
      ...on('imports.decide_students'),
      ...on('imports.decide_companies'),
      ...on('jobs.run'),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'relations-exterieures',
    label: 'Pôle Relations extérieures',
    description: 'Anime les entreprises, leurs contacts et le réseau des alumni.',
    grants: [
      ...on('students.read', ['prospect', 'en_fonction'], ['identity']),
      ...on('students.read', ['alumni'], ['identity', 'contact']),
      ...on('students.read_notes', ['alumni']),
      ...on('students.write_notes', ['alumni']),
      ...on('alumni.update'),
      ...on('companies.read', ['all'], ['identity', 'contact', 'relation']),
      ...on('companies.create'),
      ...on('companies.update', ['all'], ['identity', 'contact', 'relation']),
      ...on('companies.archive'),
      ...on('companies.merge'),
      ...on('companies.export'),
      ...on('companies.read_notes'),
      ...on('companies.write_notes'),
      ...on('contacts.read'),
      ...on('contacts.create'),
      ...on('contacts.update'),
      ...on('contacts.archive'),
      ...on('contacts.export'),
      ...on('tags.manage'),
      ...on('imports.read'),
      ...on('imports.decide_companies'),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'recherche',
    label: 'Pôle Recherche',
    description: 'Encadre des étudiants et travaille sur des chiffres agrégés.',
    grants: [
      ...on('students.read', ['en_fonction'], ['identity']),
      ...on('companies.read', ['all'], ['identity']),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'rh-finance',
    label: 'Pôle RH / Comptabilité / Finance',
    description: 'Voit l’essentiel des étudiants inscrits et les contacts de facturation.',
    grants: [
      ...on('students.read', ['en_fonction'], ['identity', 'finance']),
      ...on('companies.read', ['all'], ['identity', 'contact']),
      ...on('contacts.read', ['accounting']),
      ...on('users.read'),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'informatique',
    label: 'Pôle Informatique',
    description: 'Administre les comptes, les rôles et les traitements, sans voir les données des personnes.',
    grants: [
      ...on('imports.read'),
      ...on('jobs.run'),
      ...on('users.read'),
      ...on('users.manage'),
      ...on('roles.manage'),
      ...on('audit.read', ['all'], ['technical']),
      ...on('settings.manage'),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'dpo',
    label: 'Délégué à la protection des données',
    description: 'Contrôle les traitements et le journal ; chaque consultation est tracée.',
    grants: [
      ...on('students.read', ['all'], ['identity', 'contact', 'nir']),
      ...on('students.reveal_nir'),
      ...on('students.read_notes'),
      ...on('companies.read', ['all'], ['identity', 'contact']),
      ...on('companies.read_notes'),
      ...on('contacts.read'),
      ...on('imports.read'),
      ...on('users.read'),
      ...on('audit.read', ['all'], ['technical', 'content']),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'direction',
    label: 'Direction',
    description: 'Suit l’activité par des chiffres et l’essentiel des étudiants inscrits.',
    grants: [
      ...on('students.read', ['en_fonction'], ['identity']),
      ...on('companies.read', ['all'], ['identity', 'contact', 'relation']),
      ...on('statistics.read'),
    ],
  },
  {
    key: 'agent-nir',
    label: 'Agent habilité au NIR',
    description:
      'S’ajoute à un rôle : révèle un numéro de sécurité sociale, avec un motif, pour une déclaration d’accident du travail.',
    grants: [...on('students.read', ['all'], ['identity', 'nir']), ...on('students.reveal_nir')],
  },
];
