/** Two rows of the source that may be one company. */
export interface TwinPair {
  /** `id_entreprise` of the first row that bears the name, postcode and phone. */
  first: number;
  /** `id_entreprise` of the later one, which carries `COMPANY_POSSIBLE_DUPLICATE`. */
  later: number;
}

interface TwinCandidate {
  legacyId: number;
  nameKey: string;
  postcode: string | null;
  phone: string | null;
}

/**
 * Finds probable duplicates among the rows that are imported, in table order: same name, postcode and phone, all present. Each
 * later one pairs with the first.
 * @see import rules §3 and §7
 */
export class CompanyTwins {
  readonly #firstByKey = new Map<string, number>();
  /** In table order. */
  readonly pairs: TwinPair[] = [];

  /** Takes the next row; gives its pair when an earlier row of another company says the same. */
  add({ legacyId, nameKey, postcode, phone }: TwinCandidate): TwinPair | null {
    if (nameKey === '' || postcode === null || phone === null) return null;
    const key = `${nameKey}|${postcode}|${phone}`;
    const first = this.#firstByKey.get(key);
    if (first === undefined) {
      this.#firstByKey.set(key, legacyId);
      return null;
    }
    if (first === legacyId) return null;
    const pair = { first, later: legacyId };
    this.pairs.push(pair);
    return pair;
  }
}
