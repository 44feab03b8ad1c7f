import graphql from '@graphql-eslint/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Who may import whom; `deny` matches what is written after `from`. */
const layers = [
  layer('domain', {
    files: 'src/domain/**',
    deny: '^(?!\\./)',
    says: 'domain/ imports nothing outside itself',
  }),
  layer('time', {
    files: 'src/time/**',
    deny: '^(?!(\\./|node:))',
    says: 'time/ imports nothing outside itself',
  }),
  layer('services', {
    files: 'src/services/**',
    deny: '^(node:|\\.\\./(?!(domain|time)/))',
    says: 'services/ import domain/ and time/ only and state the interfaces they need',
  }),
  layer('adapters', {
    files: 'src/adapters/**',
    deny: '/(graphql|http|embedded|cli)/|/(node|main|config|lifecycle)\\.js$',
    says: 'adapters/ import domain/ and time/, and types from services/',
    denyValues: '/services/',
  }),
  layer('graphql', {
    files: 'src/graphql/**',
    deny: '/(adapters|http|embedded|cli)/|^(\\.\\./)+(node|main|config)\\.js$',
    says: 'graphql/ imports services/ and domain/, never adapters/',
  }),
  layer('http', {
    files: 'src/http/**',
    deny: '/(adapters|embedded|cli)/|/(node|main)\\.js$',
    says: 'http/ imports graphql/, services/, domain/ and time/',
  }),
  layer('sdk', {
    files: 'sdk/src/**',
    deny: '^\\.\\./',
    says: 'sdk/ is a package of its own and imports nothing of the server',
  }),
  layer('web', {
    files: 'web/src/**',
    deny: '^\\.\\./',
    says: 'web/ is a client of its own: it knows the SDK and nothing of the server',
  }),
  layer('examples', {
    files: 'examples/**',
    deny: '^\\.',
    says: 'examples/ are what an app would write and import packages only',
  }),
  layer('embedded', {
    files: 'src/embedded/**',
    deny: '/(adapters|services|graphql|http|cli)/|/(node|main|config)\\.js$',
    says: 'embedded/ starts processes and knows nothing of the rest',
  }),
];

const noEnvironment = {
  object: 'process',
  property: 'env',
  message: 'src/config.ts is the one reader of the environment.',
};

const noCastThroughUnknown = {
  selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
  message: 'A cast through unknown hides a mistake: narrow the value instead.',
};

const useTheClock = 'Take a Clock (src/time/clock.ts), so that tests can move time.';

/** Variables, and collections that grow, at the top of a module; two servers in one process would share them. */
const noModuleState = [
  ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
  ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression.init[callee.name=/^(Map|Set|WeakMap|WeakSet|LRUCache)$/]',
].map((selector) => ({ selector, message: 'State belongs to what node.ts creates, not to a module.' }));

export default defineConfig(
  // The last ones import what only the tests of clients install, which type-check them.
  {
    ignores: [
      '**/dist/',
      'coverage/',
      '.data/',
      '**/generated/',
      'test/clients/apps/*/',
      'examples/react-native/',
      'test/clients/react-native/',
    ],
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/unbound-method': 'off', // Services are closures: their functions use no `this`.
      '@typescript-eslint/require-await': 'off', // A function that fits an asynchronous interface may have nothing to await.
      'no-restricted-syntax': ['error', noCastThroughUnknown],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', 'src/main.ts', 'src/cli/**'],
    rules: { 'no-restricted-properties': ['error', noEnvironment] },
  },
  {
    files: ['src/{domain,services,graphql}/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
          name,
          message: useTheClock,
        })),
      ],
      'no-restricted-properties': [
        'error',
        noEnvironment,
        { object: 'process', property: 'nextTick', message: useTheClock },
        { object: 'Date', property: 'now', message: useTheClock },
      ],
      'no-restricted-syntax': ['error', noCastThroughUnknown, ...noModuleState],
    },
  },
  {
    // What comes over the wire has no type here; the assertions look at it closely enough.
    files: ['test/**/*.{ts,tsx}', 'bench/**/*.ts'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
  ...layers,
  {
    files: ['schema.graphql', 'sdk/src/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: {
        graphQLConfig: { schema: 'schema.graphql', documents: 'sdk/src/operations.graphql' },
      },
    },
  },
  {
    files: ['schema.graphql'],
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/description-style': 'off', // One line is inline, what needs paragraphs is a block.
      '@graphql-eslint/strict-id-in-types': 'off', // Users and requests have an id; places, pages and payloads are values.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          // What the Relay specification says of connections, and an input whose type says all, need no words.
          ignoredSelectors: [
            '[type=/^(FieldDefinition|InputValueDefinition)$/][name.value=/^(edges|node|cursor|pageInfo|first|after|input)$/]',
          ],
        },
      ],
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }], // Lists are read forward.
      '@graphql-eslint/relay-edge-types': [
        'error',
        // Nothing is fetched by a global id, so there is no Node; a live list is a list, not pages.
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
  {
    files: ['sdk/src/*.graphql'],
    rules: {
      ...graphql.configs['flat/operations-recommended'].rules,
      // An operation is named like its field, and the generated document after it.
      '@graphql-eslint/naming-convention': [
        'error',
        {
          VariableDefinition: 'camelCase',
          OperationDefinition: 'camelCase',
          FragmentDefinition: 'PascalCase',
        },
      ],
    },
  },
);

/** `deny` and `denyValues` match what is written after `from`; types may come from what `denyValues` names. */
function layer(name, { files, deny, says, denyValues }) {
  const patterns = [{ regex: deny, message: `${says}.` }];
  if (denyValues !== undefined)
    patterns.push({ regex: denyValues, message: `${says}.`, allowTypeImports: true });
  return {
    name: `layers/${name}`,
    files: [`${files}/*.{ts,tsx}`],
    ignores: ['**/generated/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}
