/** The empty workbook that is offered to whoever has none: the columns of the students' file, and a sheet that explains them. */
import type { Translate } from '../../i18n/index.ts';

/** Columns of the file, as the client names them; `example` is a text that the import accepts. */
const COLUMNS = [
  { field: 'name', header: 'Nom Prénom', width: 30, mandatory: true },
  { field: 'nir', header: 'Numéro de sécurité sociale', width: 26, mandatory: true },
  { field: 'status', header: 'Statut', width: 14, mandatory: true },
  { field: 'address', header: 'Adresse postale', width: 44, mandatory: false },
  { field: 'company', header: 'Entreprise si alumni', width: 26, mandatory: false },
  { field: 'phones', header: 'Téléphone', width: 24, mandatory: false },
  { field: 'cursus', header: 'Cursus', width: 26, mandatory: false },
  { field: 'email', header: 'Adresse mail', width: 30, mandatory: false },
] as const;

/** The first sheet has headings alone: an example left in it would be imported. */
export async function importTemplateWorkbook(t: Translate): Promise<Buffer> {
  // Slow to load: by the first who asks only.
  const { default: exceljs } = await import('exceljs');
  const workbook = new exceljs.Workbook();
  const sheet = workbook.addWorksheet(t('imports.template.sheet'), { views: [{ state: 'frozen', ySplit: 1 }] });
  // Text, so that Excel keeps the zeros of phones and the fifteen digits of social-security numbers.
  sheet.columns = COLUMNS.map(({ header, width }) => ({ header, width, style: { numFmt: '@' } }));
  sheet.getRow(1).font = { bold: true };

  const help = workbook.addWorksheet(t('imports.template.help'));
  help.columns = [
    { header: t('imports.template.column'), width: 28 },
    { header: t('imports.template.needed'), width: 14 },
    { header: t('imports.template.content'), width: 60 },
    { header: t('imports.template.example'), width: 44 },
  ];
  help.getRow(1).font = { bold: true };
  for (const { field, header, mandatory } of COLUMNS) {
    help.addRow([
      header,
      t(mandatory ? 'imports.template.yes' : 'imports.template.no'),
      t(`imports.template.rules.${field}`),
      t(`imports.template.examples.${field}`),
    ]);
  }
  help.getColumn(3).alignment = { wrapText: true, vertical: 'top' };
  return Buffer.from(await workbook.xlsx.writeBuffer());
}
