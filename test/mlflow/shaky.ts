import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Shaky {
  port: number;
  /** Returns how many requests failed. */
  failed(): number;
}

/** Makes a proxy to a service that fails each request once before the service sees it: by 503, or by closing the connection. */
export async function shakyWayTo(target: number): Promise<Shaky> {
  const seen = new Set<string>();
  let failures = 0;
  const server = createServer((asked, response) => {
    const key = `${asked.method} ${asked.url} ${asked.headers['content-length'] ?? ''}`;
    if (seen.has(key)) {
      seen.delete(key);
      return passOn(target, asked, response);
    }
    seen.add(key);
    failures += 1;
    if (failures % 3 === 0) return void asked.socket.destroy();
    asked.resume().on('end', () => void response.writeHead(503).end('busy'));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, failed: () => failures };
}

function passOn(port: number, asked: IncomingMessage, response: ServerResponse): void {
  const headers = { ...asked.headers, host: `127.0.0.1:${port}` };
  const passed = request({ host: '127.0.0.1', port, method: asked.method, path: asked.url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  asked.pipe(passed);
}
