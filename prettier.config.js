/** @type {import('prettier').Config} */
export default {
  printWidth: 120,
  singleQuote: true,
  trailingComma: 'all',
  // What the html tag makes is markup with holes: reformatting it changes spaces and even elements.
  embeddedLanguageFormatting: 'off',
};
