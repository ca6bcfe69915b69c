/** Columns of the workbook that the bench imports, as the school names them, in their order. */
export const WORKBOOK_HEADINGS = {
  name: 'Nom Prénom',
  nir: 'Numéro de sécurité sociale',
  status: 'Statut (prospect, en fonction, alumni)',
  address: 'Adresse postale',
  company: 'Leur entreprise si alumni',
  phones: 'Téléphone personnel et professionnel',
  cursus: 'Cursus',
  email: 'Adresse mail',
} as const;
