import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { mcpServer, type McpOptions } from '../../../daemon/clients/mcp/server.ts';

export interface HttpServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the MCP server of `plinth mcp` over HTTP on the loopback, as the conformance suite speaks no standard input and output. Each
 * session gets a server of its own, as each process of `plinth mcp` is one. `renamed` changes the params of a request: the suite
 * asks for names of a server that was made for it.
 */
export async function serveOverHttp(options: McpOptions, renamed: (params: object) => object): Promise<HttpServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  let allowedHosts: string[] = [];
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      enableDnsRebindingProtection: true,
      allowedHosts,
    });
    await mcpServer(options).connect(transport as Transport);
    return transport;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const transport = sessions.get(String(request.headers['mcp-session-id'])) ?? (await open());
    const body = await textOf(request);
    const message = body === '' ? undefined : (JSON.parse(body) as { params?: object });
    if (message?.params) message.params = renamed(message.params);
    await transport.handleRequest(request, response, message);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  allowedHosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      for (const one of sessions.values()) await one.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
