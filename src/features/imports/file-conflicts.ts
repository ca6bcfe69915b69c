/** What the rest of the file says about a row. */
export type FileVerdict =
  /** The same key with the same content stands earlier. */
  | { kind: 'duplicate'; firstRow: number }
  /** Rows with the same key differ: every one of them is rejected (`NIR_CONFLICT`, `ID_CONFLICT`). */
  | { kind: 'conflict'; rows: number[] };

interface KeyRows {
  digest: string;
  rows: number[];
  differ: boolean;
}

/**
 * Finds the rows of a file that share a key. It keeps a key, a digest and row numbers, not the rows, so that a file of
 * 200 000 rows fits in memory. Rows without a valid key (a mistyped NIR, no id) are not compared: they have their own codes.
 * A duplicate that has errors of its own is rejected with them, as its first row is.
 * @see import rules §2 ("NIR twice in a file"), §7
 */
export class FileConflicts {
  readonly #byKey = new Map<string, KeyRows>();

  /**
   * Takes the next row of the file, in order.
   * @param key the NIR after clean-up, or `id_entreprise`; null when the row has none that is valid
   * @param digest equal for rows with the same content
   */
  add(row: number, key: string | number | null, digest: string): void {
    if (key === null) return;
    const name = String(key);
    const known = this.#byKey.get(name);
    if (known === undefined) {
      this.#byKey.set(name, { digest, rows: [row], differ: false });
    } else {
      known.rows.push(row);
      known.differ ||= known.digest !== digest;
    }
  }

  /** Number of different keys: distinct persons or companies that the file names. */
  get keyCount(): number {
    return this.#byKey.size;
  }

  /** Whether the file has a row with the key, rejected or not. */
  has(key: string | number): boolean {
    return this.#byKey.has(String(key));
  }

  /** The verdict of every row that shares its key with another and is not the first of equals, once all rows were added. */
  resolve(): Map<number, FileVerdict> {
    const verdicts = new Map<number, FileVerdict>();
    for (const { rows, differ } of this.#byKey.values()) {
      const [firstRow = 0, ...later] = rows;
      if (differ) for (const row of rows) verdicts.set(row, { kind: 'conflict', rows });
      else for (const row of later) verdicts.set(row, { kind: 'duplicate', firstRow });
    }
    return verdicts;
  }
}
