/**
 * The floor: a bare Express application that runs the equivalent SQL through mysql2 and sends a fixed string of the same size.
 * What the product adds to it (session, rights, templates, journal) is what the bench measures. It is told what to serve by
 * a message, answers with its port, and ends with the bench.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import mysql from 'mysql2/promise';

export interface FloorStatement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** A page: the statements of one turn run one after the other, the turns follow each other from request to request. */
export interface FloorPage {
  readonly path: string;
  readonly turns: readonly (readonly FloorStatement[])[];
  /** Bytes of the answer. */
  readonly bytes: number;
}

export interface FloorOrders {
  readonly databaseUrl: string;
  readonly pages: readonly FloorPage[];
}

/** Where edits are posted: fields `id` and `street`. */
export const FLOOR_SAVE_PATH = '/save';

function serve({ databaseUrl, pages }: FloorOrders): void {
  const url = new URL(databaseUrl);
  const pool = mysql.createPool({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    connectionLimit: 10,
    timezone: 'Z',
  });
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  for (const { path, turns, bytes } of pages) {
    const body = 'x'.repeat(bytes);
    let turn = 0;
    app.get(path, async (_req, res) => {
      const statements = turns[turn % turns.length] ?? [];
      turn += 1;
      for (const { sql, values } of statements) await pool.query(sql, [...values]);
      res.type('html').send(body);
    });
  }
  app.post(FLOOR_SAVE_PATH, express.urlencoded(), async (req, res) => {
    const { id, street } = req.body as { id: string; street: string };
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.query('SELECT * FROM student WHERE id = ? FOR UPDATE', [id]);
      await connection.query('UPDATE student SET street = ?, version = version + 1 WHERE id = ?', [street, id]);
      await connection.query('INSERT INTO bench_journal (subject_id, payload) VALUES (?, ?)', [
        id,
        JSON.stringify({ changes: { street: ['', street] } }),
      ]);
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
    res.redirect(303, `/${id}`);
  });
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

process.once('message', (orders) => serve(orders as FloorOrders));
process.on('SIGTERM', () => process.exit(0));
// The bench is gone: nobody is left to measure anything.
process.on('disconnect', () => process.exit(0));
