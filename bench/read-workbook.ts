/** Merely reads the workbook of the bench, as the import does, and ends: `node read-workbook.js FILE ROWS`. */
import { readWorkbook } from '../src/connectors/workbook/index.ts';
import { WORKBOOK_HEADINGS } from './workbook-headings.ts';

const [path = '', expected = ''] = process.argv.slice(2);
const { rows } = await readWorkbook({
  path,
  columns: Object.entries(WORKBOOK_HEADINGS).map(([field, heading]) => ({
    field,
    headers: [heading],
    mandatory: true,
  })),
});
let count = 0;
for await (const batch of rows) count += batch.length;
if (count !== Number(expected)) {
  process.stderr.write(`${count} rows were read, not ${expected}\n`);
  process.exitCode = 1;
}
