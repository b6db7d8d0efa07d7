import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { RegistryError, messageOf } from '../../errors.ts';
import { answerText, notice } from './answer.ts';
import { callLimit, onePending } from './call-limit.ts';
import { prompts, promptText } from './prompts.ts';
import { readTools } from './read-tools.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import type { Tool, ToolContext } from './tool.ts';
import { writeTools } from './write-tools.ts';

export interface McpOptions {
  context: ToolContext;
  /** Offers tools that change the registry. Each change is confirmed by a person. */
  allowWrites: boolean;
  version: string;
}

/** Time that a person has to confirm a change. */
const confirmWithinMs = 10 * 60_000;

/** Creates the MCP server of one client, without a transport. */
export function mcpServer({ context, allowWrites, version }: McpOptions): Server {
  const tools = new Map([...readTools, ...(allowWrites ? writeTools : [])].map((one) => [one.name, one]));
  const server = new Server(
    { name: 'plinth', title: 'Plinth: model registry', version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions: notice },
  );
  const [limited, confirming] = [callLimit(), onePending()];
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(listed) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const { name, arguments: input = {} } = params;
    const tool = tools.get(name);
    try {
      if (!tool) throw new RegistryError('not-found', unknownTool(name));
      const question = tool.question?.(input);
      if (question !== undefined) await confirming(() => confirmed(server, question));
      return await limited(() => callTool(context, tool, input));
    } catch (error) {
      return failure(error);
    }
  });
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...resourceTemplates] }));
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
    limited(async () => listResources(await context.client(), params?.cursor)),
  );
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => limited(() => readResource(context, params.uri)));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ text: _text, ...facts }) => facts),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: promptText(params.name, params.arguments) } }],
  }));
  return server;
}

function listed({ name, title, description, inputSchema, question }: Tool) {
  const isWriting = question !== undefined;
  const annotations = { title, readOnlyHint: !isWriting, destructiveHint: isWriting, openWorldHint: false };
  return { name, title, description, inputSchema: { ...inputSchema, type: 'object' as const }, annotations };
}

async function callTool(
  context: ToolContext,
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
): Promise<CallToolResult> {
  const { cursor } = input;
  const listing = await tool.run(context, input);
  return { content: [{ type: 'text', text: answerText(listing, typeof cursor === 'string' ? cursor : undefined) }] };
}

function unknownTool(name: string): string {
  const isWriting = writeTools.some((one) => one.name === name);
  if (isWriting) return 'Changes are not allowed here. Start the server with: plinth mcp --allow-writes';
  return 'There is no tool of this name.';
}

/** Returns if a person has said yes. Throws `forbidden` otherwise, also if the client cannot ask. */
async function confirmed(server: Server, question: string): Promise<void> {
  if (!server.getClientCapabilities()?.elicitation)
    throw new RegistryError(
      'forbidden',
      'Nothing was changed: this client cannot ask a person to confirm. Use the command line.',
    );
  const { action, content } = await server.elicitInput(
    {
      mode: 'form',
      message: `${question} An agent asks for this change of the model registry. Texts in quotes come from the agent.`,
      requestedSchema: {
        type: 'object',
        properties: { confirm: { type: 'boolean', title: 'Make this change', default: false } },
        required: ['confirm'],
      },
    },
    { timeout: confirmWithinMs },
  );
  if (action === 'accept' && content?.['confirm'] === true) return;
  throw new RegistryError('forbidden', 'Nothing was changed: the person did not confirm.');
}

/** Converts an error to a result that the agent can read. Its text is data, too, as it may contain names. */
function failure(error: unknown): CallToolResult {
  const code = error instanceof RegistryError ? error.code : error instanceof z.ZodError ? 'invalid-request' : 'failed';
  const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
  return { isError: true, content: [{ type: 'text', text: answerText({ head: { error: code, message } }) }] };
}
