import type { NavigationEntry } from '../http/page-context.ts';

/** The side navigation of the administrative site; an entry is shown to whoever holds one of its permissions. */
export const adminNavigation: readonly NavigationEntry[] = [
  { key: 'home', href: '/', icon: 'home', permissions: [] },
  { key: 'students', href: '/etudiants', icon: 'users', permissions: ['students.read'] },
  { key: 'alumni', href: '/alumni', icon: 'school', permissions: ['students.read'], scope: 'alumni' },
  { key: 'companies', href: '/entreprises', icon: 'building-factory-2', permissions: ['companies.read'] },
  { key: 'contacts', href: '/contacts', icon: 'id-badge-2', permissions: ['contacts.read'] },
  { key: 'imports', href: '/imports', icon: 'file-import', permissions: ['imports.read'] },
  { key: 'duplicates', href: '/doublons', icon: 'copy-check', permissions: ['students.merge', 'companies.merge'] },
  { key: 'users', href: '/utilisateurs', icon: 'user-cog', permissions: ['users.read'] },
  { key: 'roles', href: '/roles', icon: 'shield-lock', permissions: ['users.read', 'roles.manage'] },
  { key: 'journal', href: '/journal', icon: 'history', permissions: ['audit.read'] },
  { key: 'jobs', href: '/traitements', icon: 'clock', permissions: ['jobs.run'] },
  { key: 'settings', href: '/parametres', icon: 'settings', permissions: ['settings.manage'] },
];
