/**
 * Decides by the header "accept" whether an operation can be answered, before any of it runs. Yoga decides it
 * afterwards: by then a mutation is done, and a subscription open that nobody reads.
 */
import { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin, processRegularResult } from 'graphql-yoga';
import type { Clock } from '../time/clock.js';
import { createMultipartAnswer } from './multipart-answer.js';

export function useAccept(clock: Clock): Plugin {
  const answerMultipart = createMultipartAnswer(clock);
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
    onResultProcess({ request, result, setResultProcessor }) {
      const ofYoga = isAsyncIterable(result) ? [EVENTS] : [...ANSWERS, EVENTS];
      if (accepts(request, ofYoga)) return;
      if (accepts(request, [MULTIPART])) setResultProcessor(answerMultipart, MULTIPART);
      // What goes wrong is told as JSON also to those who accept none.
      else setResultProcessor(processRegularResult, 'application/json');
    },
  };
}

/** The types in which Yoga answers a query or a mutation, */
const ANSWERS: readonly string[] = ['application/json', 'application/graphql-response+json'];
const EVENTS = 'text/event-stream';
const MULTIPART = 'multipart/mixed;subscriptionSpec=1.0';
/** and those that carry a subscription, of which each carries a single answer too. */
const STREAMS: readonly string[] = [EVENTS, MULTIPART];

/** Whether the client takes one of the types (RFC 9110, section 12.5.1). */
function accepts(request: Request, types: readonly string[]): boolean {
  const header = (request.headers.get('accept') ?? '*/*').toLowerCase().replace(/[\s"]/g, '');
  const ranges = header.split(',').filter(isWanted);
  return types.some((type) => {
    const [name = '', parameter] = type.toLowerCase().split(';');
    const [kind] = name.split('/', 1);
    return ranges.some((range) => {
      const [wanted, ...parameters] = range.split(';');
      if (wanted === name) return parameter === undefined || parameters.includes(parameter);
      return wanted === `${kind}/*` || wanted === '*/*';
    });
  });
}

/** Weight 0 refuses a type. Another character set than ours can't be written. */
function isWanted(range: string): boolean {
  return !/;q=0(\.0*)?(;|$)/.test(range) && !/;charset=(?!utf-8)/.test(range);
}

function notAcceptable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 406 } } });
}
