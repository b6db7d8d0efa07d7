import { relative } from 'node:path';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Client } from '../client/request.ts';
import { suffixOf } from '../lsp/references/reference.ts';
import { WorkspaceIndex } from '../lsp/references/workspace-index.ts';
import { mcpServer } from './server.ts';
import { consumerLine } from './tool.ts';

export interface StdioOptions {
  /** Connects to the service, under the actor of an agent. */
  client(): Promise<Pick<Client, 'call'>>;
  allowWrites: boolean;
  version: string;
}

/** Serves MCP on standard input and output, until the input ends. */
export async function serveMcp({ client, allowWrites, version }: StdioOptions): Promise<void> {
  const server = mcpServer({ context: { client, consumers }, allowWrites, version });
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    process.stdin.once('end', resolve);
  });
  await server.connect(new StdioServerTransport());
  await ended;
  await server.close();
}

/** Finds where files below the working folder load a model. */
async function consumers(model: string): Promise<string[]> {
  const folder = process.cwd();
  const index = new WorkspaceIndex();
  await index.build([folder]);
  return index.mentions(model).map(({ file, range, reference }) => {
    const suffix = suffixOf(reference.form, reference.selector);
    return consumerLine(relative(folder, file), range.start.line, reference.model, suffix);
  });
}
