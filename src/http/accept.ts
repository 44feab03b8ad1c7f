/**
 * Decides by the header "accept" whether an operation can be answered, before any of it runs. Yoga decides it
 * afterwards: by then a mutation is done, and a subscription open that nobody reads.
 */
import { GraphQLError } from 'graphql';
import { type Plugin, processRegularResult } from 'graphql-yoga';

export function useAccept(): Plugin {
  return {
    onRequestParse({ request }) {
      if (!accepts(request, [...ANSWERS, ...STREAMS])) {
        throw notAcceptable(
          `Nothing that "accept" names can carry an answer. Ask for ${ANSWERS.join(' or ')}.`,
        );
      }
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const { request } = args.contextValue as { readonly request?: Request };
      // Over a socket there is no request.
      if (request === undefined || accepts(request, STREAMS)) return;
      const error = notAcceptable(`A subscription needs a stream. Ask for ${STREAMS.join(' or ')}.`);
      setResultAndStopExecution({ errors: [error] });
    },
    // What goes wrong is told as JSON also to those who accept none.
    onResultProcess({ resultProcessor, setResultProcessor }) {
      if (resultProcessor === undefined) setResultProcessor(processRegularResult, 'application/json');
    },
  };
}

/** The types in which Yoga answers a query or a mutation, */
const ANSWERS: readonly string[] = ['application/json', 'application/graphql-response+json'];
/** and those that carry a subscription, of which each carries a single answer too. */
const STREAMS: readonly string[] = ['text/event-stream'];

/** Whether the client takes one of the types (RFC 9110, section 12.5.1). */
function accepts(request: Request, types: readonly string[]): boolean {
  const ranges = (request.headers.get('accept') ?? '*/*').toLowerCase().split(',').filter(isWanted);
  const named = ranges.map((range) => range.split(';', 1)[0]?.trim());
  return types.some((type) => {
    const [kind] = type.split('/', 1);
    return named.some((name) => name === type || name === `${kind}/*` || name === '*/*');
  });
}

/** Weight 0 refuses a type. Another character set than ours can't be written. */
function isWanted(range: string): boolean {
  return !/;\s*q=0(\.0*)?\s*(;|$)/.test(range) && !/;\s*charset=(?!"?utf-8)/.test(range);
}

function notAcceptable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 406 } } });
}
