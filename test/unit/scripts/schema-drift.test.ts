import * as mariadb from 'mariadb';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { parseSchema } from '../../../scripts/lib/prisma-schema.ts';
import { findDrift } from '../../../scripts/lib/schema-drift.ts';
import { splitStatements } from '../../../src/db/sql-statements.ts';
import { connectionOptions } from '../../support/test-server.ts';

const SCHEMA = `
/// A house.
model House {
  id        String   @id @db.Char(36)
  name      String   @default("a, (b)") @db.VarChar(80) // shown
  floors    Int      @default(1) @db.UnsignedTinyInt
  inhabited Boolean  @default(false)
  sold      DateTime? @map("sold_at") @db.DateTime(3)
  builtAt   DateTime @default(now()) @map("built_at") @db.DateTime(3)
  kind      Kind     @default(flat)
  rooms     Room[]

  @@unique([name, floors], map: "house_by_name")
  @@index([builtAt(sort: Desc), id], map: "house_newest")
  @@map("house")
}

model Room {
  id      String  @id @db.Char(36)
  houseId String? @map("house_id") @db.Char(36)
  notes   String? @db.Text
  house   House?  @relation(fields: [houseId], references: [id], onDelete: Cascade, map: "room_house")

  @@map("room")
}

enum Kind {
  flat
  castle
}
`;

const HOUSE = `CREATE TABLE house (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name VARCHAR(80) NOT NULL DEFAULT 'a, (b)',
  floors TINYINT UNSIGNED NOT NULL DEFAULT 1,
  inhabited BOOLEAN NOT NULL DEFAULT FALSE,
  sold_at DATETIME(3) NULL,
  built_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  kind ENUM('flat', 'castle') NOT NULL DEFAULT 'flat',
  UNIQUE INDEX house_by_name (name, floors),
  INDEX house_newest (built_at DESC, id)
)`;
const ROOM = `CREATE TABLE room (
  id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  house_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  notes TEXT NULL,
  CONSTRAINT room_house FOREIGN KEY (house_id) REFERENCES house (id) ON DELETE CASCADE
)`;

const base = inject('testDatabaseUrl');
if (base === null) throw new Error('This test needs a database: run it with `npm test -- <file>`.');
const { options, database } = connectionOptions(`${base}_${process.env.VITEST_POOL_ID ?? '1'}_drift`);
let connection: mariadb.Connection;

beforeAll(async () => {
  connection = await mariadb.createConnection(options);
});
beforeEach(async () => {
  await connection.query(`DROP DATABASE IF EXISTS \`${database}\``);
  await connection.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`);
  await connection.query(`USE \`${database}\``);
  await connection.query(HOUSE);
  await connection.query(ROOM);
});
afterAll(async () => {
  await connection.query(`DROP DATABASE IF EXISTS \`${database}\``);
  await connection.end();
});

const drift = () => findDrift(connection, parseSchema(SCHEMA));

describe('findDrift', () => {
  it('says nothing of a database that is what the schema says', async () => {
    expect(await drift()).toEqual([]);
  });

  it.each([
    ['ALTER TABLE house DROP COLUMN sold_at', ['house.sold_at: no column for House.sold']],
    ['ALTER TABLE house ADD COLUMN colour INT', ['house.colour: no field']],
    [
      'ALTER TABLE house MODIFY floors INT NOT NULL DEFAULT 1',
      ['house.floors: type is int in the database, tinyint unsigned in the schema'],
    ],
    [
      "ALTER TABLE house MODIFY name VARCHAR(80) NULL DEFAULT 'b'",
      [
        'house.name: null is allowed in the database, refused in the schema',
        'house.name: default is b in the database, a, (b) in the schema',
      ],
    ],
    [
      "ALTER TABLE house MODIFY kind ENUM('flat') NOT NULL DEFAULT 'flat'",
      ["house.kind: type is enum('flat') in the database, enum('flat','castle') in the schema"],
    ],
    [
      'ALTER TABLE house RENAME INDEX house_newest TO x',
      [
        'house: index house_newest plain (built_at DESC, id) is not in the database',
        'house: index x plain (built_at DESC, id) is not in the schema',
      ],
    ],
    [
      'ALTER TABLE house DROP INDEX house_by_name, ADD INDEX house_by_name (name, floors)',
      ['house: index house_by_name is plain (name, floors) in the database, unique (name, floors) in the schema'],
    ],
    [
      'ALTER TABLE room DROP FOREIGN KEY room_house',
      [
        'room: index room_house plain (house_id) is not in the schema',
        'room: foreign key room_house (house_id) → house (id) on delete CASCADE is not in the database',
      ],
    ],
    ['CREATE TABLE garden (id INT)', ['garden: no model for this table']],
    ['DROP TABLE room', ['room: no table for the model Room']],
    [
      'ALTER TABLE room DROP FOREIGN KEY room_house; ALTER TABLE room ENGINE = MyISAM',
      ['room: engine is MyISAM, not InnoDB'],
    ],
  ])('%s', async (statements, differences) => {
    await connection.query('SET FOREIGN_KEY_CHECKS = 0');
    for (const statement of splitStatements(statements)) await connection.query(statement);
    expect(await drift()).toEqual(expect.arrayContaining(differences));
  });
});
