/** A person under limitation of processing is named by no report of an import. */
import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { useTestApp, type SignedInAgent } from '../support/app.ts';
import { binaryBody } from '../support/answers.ts';
import { imported, studentCsv, validRows, workByHand } from '../support/student-file.ts';

const app = useTestApp();
workByHand(app);

async function limitedAfterImport() {
  const scolarite = await app.signInAs('scolarite');
  const rows = validRows(9);
  const batch = await imported(
    app,
    scolarite,
    studentCsv([...rows, { name: 'ZEBROWSKI Ludivine', address: '3 rue Cachée, 08000, Sedan' }]),
  );
  const [person] = await app.database.query<{ id: string; number: string }>(
    "SELECT id, student_number AS number FROM student WHERE last_name = 'ZEBROWSKI'",
  );
  if (!person) throw new Error('The last row was not written');
  await app.database.query('UPDATE student SET restricted_at = NOW(3) WHERE id = ?', [person.id]);
  return { scolarite, batch, person };
}

async function workbookOf({ agent }: Pick<SignedInAgent, 'agent'>, url: string): Promise<string> {
  const answer = await agent.get(`${url}.xlsx`).buffer(true).parse(binaryBody);
  const workbook = new exceljs.Workbook();
  await workbook.xlsx.load(answer.body as never);
  return JSON.stringify(workbook.worksheets[0]?.getSheetValues());
}

describe('a person under limitation of processing', () => {
  it('has a row that says what happened and nothing of them, on pages and in files', async () => {
    const { scolarite, batch, person } = await limitedAfterImport();
    const pages = await Promise.all(
      [batch.url, `${batch.url}?resultat=created`, `${batch.url}/lignes/11`, `${batch.url}.json`].map((path) =>
        scolarite.agent.get(path),
      ),
    );
    for (const { status, text } of pages) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/ZEBROWSKI|Cachée/);
      expect(text).not.toContain(person.id);
      expect(text).not.toContain(person.number);
    }
    const report = JSON.parse(pages[3]?.text ?? '') as { rows: { row: number; outcome: string }[] };
    expect(report.rows.find(({ row }) => row === 11)).toEqual({
      row: 11,
      outcome: 'created',
      errors: [],
      warnings: [],
      fields: {},
    });
    const workbook = await workbookOf(scolarite, batch.url);
    expect(workbook).not.toMatch(/ZEBROWSKI|Cachée/);
    expect(workbook).toContain('null,"Créée"]]');
  });

  it('is named again once the limitation ends', async () => {
    const { scolarite, batch, person } = await limitedAfterImport();
    expect((await scolarite.agent.get(batch.url)).text).not.toContain('ZEBROWSKI');
    await app.database.query('UPDATE student SET restricted_at = NULL WHERE id = ?', [person.id]);
    expect((await scolarite.agent.get(batch.url)).text).toContain('ZEBROWSKI Ludivine');
    expect((await scolarite.agent.get(`${batch.url}/lignes/11`)).text).toContain(`/etudiants/${person.id}`);
  });
});
