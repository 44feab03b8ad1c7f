/** Metrics on a port of their own, which a network policy keeps from everybody but the monitoring. */
import { createServer, type Server } from 'node:http';
import type { Metrics } from '../metrics.js';

export function createMetricsServer(metrics: Metrics, onFailed: (error: unknown) => void): Server {
  return createServer((request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      (error: unknown) => {
        onFailed(error);
        response.writeHead(500, { 'content-type': 'text/plain' }).end('internal server error\n');
      },
    );
  });
}
