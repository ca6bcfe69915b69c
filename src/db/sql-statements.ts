/**
 * The statements of an SQL file, in order, without the semicolons that end them. A semicolon inside a string, a quoted name
 * or a comment ends nothing. `DELIMITER` is understood as the client programs do, for bodies of triggers and procedures.
 * A part that holds only comments is left out.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let delimiter = ';';
  let start = 0;
  let position = 0;
  let holdsCode = false;

  const endStatement = (end: number, next: number): void => {
    if (holdsCode) statements.push(sql.slice(start, end).trim());
    start = position = next;
    holdsCode = false;
  };

  while (position < sql.length) {
    const directive =
      !holdsCode && atLineStart(sql, position)
        ? /^DELIMITER[ \t]+(\S+)[^\n]*(\n|$)/i.exec(sql.slice(position, position + 200))
        : null;
    if (directive) {
      delimiter = directive[1] ?? ';';
      endStatement(position, position + directive[0].length);
      continue;
    }
    if (sql.startsWith(delimiter, position)) {
      endStatement(position, position + delimiter.length);
      continue;
    }
    const afterComment = skipComment(sql, position);
    if (afterComment !== position) {
      position = afterComment;
      continue;
    }
    const character = sql.charAt(position);
    if (character.trim() !== '') holdsCode = true;
    position = character === "'" || character === '"' || character === '`' ? skipQuoted(sql, position) : position + 1;
  }
  endStatement(sql.length, sql.length);
  return statements;
}

function atLineStart(sql: string, position: number): boolean {
  return position === 0 || sql.charAt(position - 1) === '\n';
}

/** Position after the comment that starts here, or the same position. `--` counts only before a blank, as MySQL reads it. */
function skipComment(sql: string, position: number): number {
  const isDashes = sql.startsWith('--', position) && /^\s?$/.test(sql.charAt(position + 2));
  if (isDashes || sql.charAt(position) === '#') return endOr(sql.indexOf('\n', position), sql);
  // `/*!` and `/*M!` hold code for the server.
  if (sql.startsWith('/*', position) && !/^\/\*M?!/.test(sql.slice(position, position + 4))) {
    const end = sql.indexOf('*/', position + 2);
    return end === -1 ? sql.length : end + 2;
  }
  return position;
}

function endOr(index: number, sql: string): number {
  return index === -1 ? sql.length : index;
}

/** Position after the quoted text that starts here; a doubled quote or a backslash keeps it open. */
function skipQuoted(sql: string, position: number): number {
  const quote = sql.charAt(position);
  let next = position + 1;
  while (next < sql.length) {
    const character = sql.charAt(next);
    if (character === '\\' && quote !== '`') next += 2;
    else if (character !== quote) next += 1;
    else if (sql.charAt(next + 1) === quote) next += 2;
    else return next + 1;
  }
  return sql.length;
}
