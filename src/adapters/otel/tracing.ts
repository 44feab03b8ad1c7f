/**
 * Location updates followed with OpenTelemetry: one span for an update and its parts on the server that received it,
 * and one on each server that tells it. No attribute says whose update it is or where. The only file that loads the SDK,
 * itself loaded only where tracing is on; where and how much is exported the SDK reads from its standard variables.
 */
import { randomUUID } from 'node:crypto';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { DomainError } from '../../domain/errors.js';
import type { TraceDelivery } from '../../services/location-feed.js';
import type { TraceUpdate } from '../../services/publish-location.js';

/** @param onExportFailed told when spans could not be exported; they are lost. */
export function startTracing(onExportFailed: (error: unknown) => void): Tracing {
  const ours = resourceFromAttributes({
    'service.name': 'nearby-friends',
    'service.instance.id': randomUUID(),
  });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(ours)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new ReportingExporter(onExportFailed))],
  });
  const tracer = provider.getTracer('nearby-friends');

  return {
    update(work) {
      const span = tracer.startSpan('updateLocation', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
      const inside = trace.setSpan(ROOT_CONTEXT, span);
      return until(
        span,
        work({
          traceparent: traceparentOf(span),
          part: (name, promise) => until(tracer.startSpan(name, {}, inside), promise),
        }),
      );
    },

    delivery(traceparent, watchers, deliver) {
      const sender = parseTraceParent(traceparent);
      const context =
        sender === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...sender, isRemote: true });
      const attributes = { 'nearby.watchers': watchers };
      const span = tracer.startSpan('tell watchers', { kind: SpanKind.CONSUMER, attributes }, context);
      try {
        deliver();
      } finally {
        span.end();
      }
    },

    close: () => provider.shutdown(),
  };
}

export interface Tracing {
  readonly update: TraceUpdate;
  readonly delivery: TraceDelivery;
  /** Exports what is left. */
  close(): Promise<void>;
}

/** Ends the span with the promise. Of an error it says the kind alone: its text may hold what a client sent. */
async function until<T>(span: Span, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const kind = error instanceof DomainError ? error.kind : error instanceof Error ? error.name : 'unknown';
    span.setAttribute('error.type', kind).setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** Undefined for a span that is not sampled: its update travels without. */
function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : `00-${traceId}-${spanId}-01`;
}

class ReportingExporter extends OTLPTraceExporter {
  constructor(readonly onFailed: (error: unknown) => void) {
    super();
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    super.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.onFailed(result.error);
      done(result);
    });
  }
}
