/** Answers JSON that can't be read, in a body or in the parameters of a GET, with BAD_USER_INPUT and status 400. */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export function useBadJson(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (requestParser === undefined) return;
      setRequestParser(async (request) => {
        try {
          return await requestParser(request);
        } catch (error) {
          throw isUnreadable(error) ? unreadable() : error;
        }
      });
    },
  };
}

/** Yoga throws what JSON.parse does for a GET, and for a POST an error which would be 200 to application/json. */
function isUnreadable(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return error instanceof SyntaxError;
  const { http } = error.extensions as { readonly http?: { readonly spec?: boolean } };
  return http?.spec === true;
}

function unreadable(): GraphQLError {
  const message = 'The operation, its variables and its extensions must be JSON.';
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}
