import { describe, expect, it } from 'vitest';
import { html } from '../../../src/http/safe-html.ts';
import { tableRows, type CellColumn, type RowsToPrint } from '../../../src/http/ui-rows.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly city: string | null;
}

const nothing = html`<span class="nothing">Aucun</span>`;
const columns: readonly CellColumn<Person>[] = [
  { label: 'Nom', className: 'is-main', cell: ({ id, name }) => html`<a href="/etudiants/${id}">${name}</a>` },
  { label: 'Ville "actuelle"', className: '', cell: ({ city }) => city },
];

function printed(rows: readonly Person[], changes: Partial<RowsToPrint<Person>> = {}): string {
  return tableRows({
    rows,
    columns,
    selection: null,
    rowLabel: ({ name }) => name,
    rowClass: null,
    nothing,
    ...changes,
  }).toString();
}

const anne: Person = { id: '1', name: 'ANNE "& Fils" <b>', city: 'Nîmes <i>' };

describe('rows of a table', () => {
  it('shows what people typed as they typed it', () => {
    expect(printed([anne])).toBe(
      '<tr><td class="is-main" data-label="Nom"><a href="/etudiants/1">ANNE &#34;&amp; Fils&#34; &lt;b&gt;</a></td>' +
        '<td data-label="Ville &#34;actuelle&#34;">Nîmes &lt;i&gt;</td></tr>\n',
    );
  });

  it('marks an absent value', () => {
    expect(printed([{ ...anne, city: null }])).toContain(
      '<td data-label="Ville &#34;actuelle&#34;"><span class="nothing">Aucun</span></td></tr>',
    );
    expect(printed([{ ...anne, city: '' }])).toContain('<span class="nothing">Aucun</span>');
  });

  it('gives each row a box that names whom it selects', () => {
    const selection = { form: 'students-bulk', words: (name: string) => `Sélectionner « ${name} »` };
    expect(printed([anne], { selection })).toContain(
      '<tr><td class="select-cell"><input class="form-check-input" type="checkbox" name="ids" value="1" form="students-bulk"' +
        ' data-row-select aria-label="Sélectionner « ANNE &#34;&amp; Fils&#34; &lt;b&gt; »"></td><td class="is-main"',
    );
  });

  it('gives a row its class only where it has one', () => {
    const rowClass = ({ id }: Person) => (id === '1' ? 'is-archived' : null);
    const rows = printed([anne, { ...anne, id: '2' }], { rowClass }).split('\n');
    expect(rows[0]).toContain('<tr class="is-archived"><td');
    expect(rows[1]).toContain('<tr><td');
    expect(rows).toHaveLength(3);
  });
});
