/**
 * Traces location updates with OpenTelemetry: a span for an update with a child for each of its steps on the
 * server that received it, and a span on each server that delivers it. No attribute says whose update it is
 * or where. This is the only file that loads the OpenTelemetry SDK, and it is loaded only when tracing is on.
 * The SDK reads its standard variables for where and how much to export.
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
import type { TraceDelivery } from '../../services/location-dispatcher.js';
import type { TraceUpdate } from '../../services/publish-location.js';

/** @param onExportFailed called when spans could not be exported and are lost. */
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
      return endWith(
        span,
        work({
          traceparent: traceparentOf(span),
          child: (name, promise) => endWith(tracer.startSpan(name, {}, inside), promise),
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
  /** Exports the remaining spans. */
  close(): Promise<void>;
}

/**
 * Ends the span with the promise. It records only the kind of an error, as the text may contain what a client
 * sent.
 */
async function endWith<T>(span: Span, promise: Promise<T>): Promise<T> {
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

/** Returns undefined for a span that is not sampled, so that the update travels without a trace. */
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
