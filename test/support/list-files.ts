/** Lists taken as files, read back. */
import ExcelJS from 'exceljs';
import { expect } from 'vitest';
import { binaryBody } from './answers.ts';
import type { Agent } from './app.ts';

/** The lines of a CSV of simple cells, without its mark. */
export function csvLines(csv: string): string[][] {
  expect(csv.startsWith('\ufeff')).toBe(true);
  return csv
    .slice(1)
    .split('\r\n')
    .slice(0, -1)
    .map((line) => line.split(';'));
}

const byHeading = ([headings = [], ...rows]: string[][]): Record<string, string>[] =>
  rows.map((cells) => Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? ''])));

/** A CSV as records by heading. */
export async function csvRecords(agent: Agent, path: string): Promise<Record<string, string>[]> {
  const answer = await agent.get(path);
  expect(answer.status, path).toBe(200);
  return byHeading(csvLines(answer.text));
}

/** The first sheet of a workbook, its heading first; every cell as text. */
export async function workbookLines(agent: Agent, path: string): Promise<string[][]> {
  const answer = await agent.get(path).buffer(true).parse(binaryBody);
  expect(answer.status, path).toBe(200);
  expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="[a-z]+-\d{4}-\d\d-\d\d\.xlsx"$/);
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.load(answer.body as never);
  const rows: string[][] = [];
  workbook.worksheets[0]?.eachRow((row) =>
    rows.push(Array.from(row.values as unknown[], (value) => String(value ?? '')).slice(1)),
  );
  return rows;
}

/** The same as records by heading. */
export async function workbookRecords(agent: Agent, path: string): Promise<Record<string, string>[]> {
  return byHeading(await workbookLines(agent, path));
}
