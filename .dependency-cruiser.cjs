/**
 * Who may import whom (docs/decisions/002-boundaries.md).
 * @type {import('dependency-cruiser').IConfiguration}
 */
const FEATURE_INSIDE = '^src/features/[^/]+/(?!index[.]ts$)';

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two modules that need each other are one module, or need a third. Cycles of types alone are harmless.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'feature-door',
      comment: 'A feature is entered by its index.ts.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: FEATURE_INSIDE, pathNot: '^src/features/$1/' },
    },
    {
      name: 'feature-door-from-outside',
      comment: 'Sites, jobs and commands enter a feature by its index.ts.',
      severity: 'error',
      from: { path: '^(src|scripts|bench)/', pathNot: '^src/features/' },
      to: { path: FEATURE_INSIDE },
    },
    {
      name: 'connector-door',
      comment: 'A connector is entered by its index.ts.',
      severity: 'error',
      from: { path: '^(src|scripts|bench)/', pathNot: '^src/connectors/' },
      to: { path: '^src/connectors/[^/]+/(?!index[.]ts$)' },
    },
    {
      name: 'connectors-apart',
      comment: 'A connector knows its system, not the others.',
      severity: 'error',
      from: { path: '^src/connectors/([^/]+)/' },
      to: { path: '^src/connectors/', pathNot: '^src/connectors/$1/' },
    },
    {
      name: 'service-without-web',
      comment: 'Cron, the command line and tests call the same services: they know nothing of requests and pages.',
      severity: 'error',
      from: { path: '^src/features/.+-service[.]ts$' },
      to: { path: '^src/http/|(^|/)node_modules/(@types/)?express(-session)?/' },
    },
    {
      name: 'only-routes-know-the-web',
      comment:
        'Schemas, queries and presenters work without a request; the pieces that forms are made of are no request.',
      severity: 'error',
      from: { path: '^src/features/.+-(queries|schemas)[.]ts$' },
      to: { path: '^src/http/(?!forms[.]ts$)|(^|/)node_modules/(@types/)?express(-session)?/' },
    },
    {
      name: 'no-database-in-routes',
      comment: 'A route calls its service; a presenter gets rows. Types may be named.',
      severity: 'error',
      from: { path: '^src/features/.+-(routes|presenter|schemas)[.]ts$' },
      to: { path: '^src/db/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'features-below-the-sites',
      comment: 'A feature is mounted by a site and composed by the container: it knows neither, nor the environment.',
      severity: 'error',
      from: { path: '^src/(features|jobs|http|db)/' },
      to: {
        path: '^src/(sites/|container[.]ts|server[.]ts|worker[.]ts|config[.]ts)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'connectors-below-the-domain',
      comment: 'A connector speaks with one system and knows nothing of the domain, the pages or the database.',
      severity: 'error',
      from: { path: '^src/connectors/' },
      to: { path: '^src/(features|http|db|jobs|sites)/|^src/(config|container|server|worker)[.]ts' },
    },
    {
      name: 'shared-is-pure',
      comment: 'Shared rules depend on nothing but each other and libraries.',
      severity: 'error',
      from: { path: '^src/shared/' },
      to: { path: '^src/(?!shared/)' },
    },
    {
      name: 'product-alone',
      comment: 'What ships depends on no test, script or bench.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench)/' },
    },
    {
      name: 'no-dev-dependency',
      comment: 'The image is installed without dev dependencies.',
      severity: 'error',
      from: { path: '^src/|^scripts/(crm[.]ts|commands/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unlisted-dependency',
      comment: 'A package that is only there because another one needs it may go away with it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/db/generated/|^dist/|^public/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
  },
};
