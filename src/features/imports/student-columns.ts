import type { ColumnSpec } from '../../connectors/workbook/index.ts';

/** Fields of the référentiel étudiants, in the order of its columns. `token` stands for the NIR in a report that comes back corrected. */
export const STUDENT_CELL_FIELDS = [
  'name',
  'nir',
  'status',
  'address',
  'company',
  'phones',
  'cursus',
  'email',
  'studentNumber',
  'token',
] as const;

export type StudentCellField = (typeof STUDENT_CELL_FIELDS)[number];

/**
 * The columns of the référentiel étudiants with the spellings of their headers.
 * @see import rules §1 and §7
 */
export const STUDENT_COLUMNS: readonly (ColumnSpec & { field: StudentCellField | 'result' | 'reason' })[] = [
  { field: 'name', mandatory: true, headers: ['Nom Prénom', 'Nom et prénom', 'Nom & prénom'] },
  {
    field: 'nir',
    mandatory: true,
    headers: [
      'Numéro de sécurité sociale',
      'Numéro sécurité sociale',
      'N° sécurité sociale',
      'N° de sécurité sociale',
      'Nº sécurité sociale',
      'Nº de sécurité sociale',
      'NIR',
      'NSS',
    ],
  },
  { field: 'status', mandatory: true, headers: ['Statut', 'Statut (prospect, en fonction, alumni)'] },
  { field: 'address', headers: ['Adresse postale', 'Adresse'] },
  { field: 'company', headers: ['Leur entreprise si alumni', 'Entreprise', 'Entreprise si alumni'] },
  { field: 'phones', headers: ['Téléphone personnel et professionnel', 'Téléphone', 'Téléphones'] },
  { field: 'cursus', headers: ['Cursus', 'Curscus', 'Formation'] },
  { field: 'email', headers: ['Adresse mail', 'Email', 'E-mail', 'Courriel', 'Adresse e-mail', 'Adresse email'] },
  { field: 'studentNumber', headers: ['Numéro étudiant', 'N° étudiant', 'Nº étudiant'] },
  { field: 'token', headers: ['Jeton'] },
  { field: 'result', ignored: true, headers: ['Résultat'] },
  { field: 'reason', ignored: true, headers: ['Motif'] },
];
