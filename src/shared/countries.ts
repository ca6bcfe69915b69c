/** Countries by their two-letter code (ISO 3166), named in the language of the reader. */

const CODES =
  'AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FO FR GA GB GD GE GG GH GI GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MR MS MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PS PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW'.split(
    ' ',
  );

const names = new Map<string, Intl.DisplayNames>();

/** Name of a country; the code itself when nobody knows it. */
export function countryName(code: string, language: 'fr' | 'en'): string {
  let named = names.get(language);
  if (!named) {
    named = new Intl.DisplayNames([language], { type: 'region', fallback: 'code' });
    names.set(language, named);
  }
  return named.of(code) ?? code;
}

/** Every country, France first, then by name. */
export function countryOptions(language: 'fr' | 'en'): { value: string; label: string }[] {
  const others = CODES.filter((code) => code !== 'FR')
    .map((value) => ({ value, label: countryName(value, language) }))
    .sort((left, right) => left.label.localeCompare(right.label, language));
  return [{ value: 'FR', label: countryName('FR', language) }, ...others];
}
