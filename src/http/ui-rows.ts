/**
 * Rows of a table. A page of a list prints hundreds of cells, and every piece of text that is put together costs again when the
 * page is encoded: what is the same in each row is made once here rather than by a template.
 * @see views/components/_data-table.ejs
 */
import { attributes, escapeText, SafeHtml, toMarkup } from './safe-html.ts';

export interface CellColumn<Row> {
  readonly label: string;
  readonly cell: (row: Row) => string | SafeHtml | null | undefined;
  /** Classes of every cell of the column. */
  readonly className: string;
}

export interface RowsToPrint<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly CellColumn<Row>[];
  /** The box that selects a row: the form it belongs to, and its words for a name; null: rows cannot be selected. */
  readonly selection: { readonly form: string; readonly words: (name: string) => string } | null;
  readonly rowLabel: (row: Row) => string;
  readonly rowClass: ((row: Row) => string | null) | null;
  /** What stands in a cell without a value. */
  readonly nothing: SafeHtml;
}

/** Stands for a name while the words around it are found. */
const NAME = '\u0001';

/** Rows of a table body, one a line. */
export function tableRows<Row extends { readonly id: string }>(input: RowsToPrint<Row>): SafeHtml {
  const { rows, columns, selection, rowLabel, rowClass } = input;
  const nothing = input.nothing.toString();
  const opens = columns.map(({ className, label }, index) => {
    const open = `<td${attributes({ class: className || null, 'data-label': label }).toString()}>`;
    return index === 0 && !selection ? open : `</td>${open}`;
  });
  const [beforeName = '', afterName = ''] = selection ? escapeText(selection.words(NAME)).split(NAME) : [];
  const boxOpen = `<td class="select-cell"><input class="form-check-input" type="checkbox" name="ids" value="`;
  const boxMiddle = `" form="${escapeText(selection?.form)}" data-row-select aria-label="${beforeName}`;
  const boxClose = `${afterName}">`;
  let markup = '';
  for (const row of rows) {
    const named = rowClass?.(row);
    markup += named ? `<tr class="${escapeText(named)}">` : '<tr>';
    if (selection) markup += boxOpen + escapeText(row.id) + boxMiddle + escapeText(rowLabel(row)) + boxClose;
    for (let index = 0; index < columns.length; index += 1) {
      const content = toMarkup(columns[index]?.cell(row));
      markup += (opens[index] ?? '') + (content === '' ? nothing : content);
    }
    markup += '</td></tr>\n';
  }
  return new SafeHtml(markup);
}
