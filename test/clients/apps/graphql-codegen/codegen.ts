import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: process.env['SCHEMA_URL'],
  documents: 'app.ts',
  generates: {
    'generated/': {
      preset: 'client',
      config: {
        documentMode: 'string',
        scalars: { Latitude: 'number', Longitude: 'number', DateTime: 'string' },
      },
    },
  },
};

export default config;
