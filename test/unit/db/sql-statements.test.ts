import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../../src/db/sql-statements.ts';

describe('splitStatements', () => {
  it.each([
    ['two statements', 'SELECT 1;\nSELECT 2;\n', ['SELECT 1', 'SELECT 2']],
    ['a last statement without semicolon', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    ['nothing but comments', '-- a;\n/* b; */\n# c;\n', []],
    ['empty statements', ';;\n;', []],
    ['a semicolon in a string', "INSERT INTO t VALUES ('a;b');SELECT 2", ["INSERT INTO t VALUES ('a;b')", 'SELECT 2']],
    ['a doubled quote', "SELECT 'it''s; fine';SELECT 2", ["SELECT 'it''s; fine'", 'SELECT 2']],
    ['an escaped quote', "SELECT 'it\\'s; fine';SELECT 2", ["SELECT 'it\\'s; fine'", 'SELECT 2']],
    ['a double-quoted string', 'SELECT "a;\'b";SELECT 2', ['SELECT "a;\'b"', 'SELECT 2']],
    ['a quoted name', 'SELECT `a;b\\`;SELECT 2', ['SELECT `a;b\\`', 'SELECT 2']],
    ['a comment between statements', "SELECT 1; -- it's; here\nSELECT 2", ['SELECT 1', "-- it's; here\nSELECT 2"]],
    ['two minus signs that are no comment', 'SELECT 1--1;SELECT 2', ['SELECT 1--1', 'SELECT 2']],
    ['a block comment inside', 'SELECT /* a;b */ 1;SELECT 2', ['SELECT /* a;b */ 1', 'SELECT 2']],
    ['a comment that holds code', '/*!40101 SET NAMES utf8 */;', ['/*!40101 SET NAMES utf8 */']],
    [
      'a body under another delimiter',
      'SELECT 1;\nDELIMITER $$\nCREATE TRIGGER x BEGIN a; b; END$$\nDELIMITER ;\nSELECT 2;',
      ['SELECT 1', 'CREATE TRIGGER x BEGIN a; b; END', 'SELECT 2'],
    ],
    ['Windows line ends', 'SELECT 1;\r\nSELECT 2;\r\n', ['SELECT 1', 'SELECT 2']],
    ['a comment at the very end', 'SELECT 1;\n--', ['SELECT 1']],
    ['a string never closed', "SELECT 'a;b", ["SELECT 'a;b"]],
  ])('reads %s', (_title, sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements);
  });
});
