import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import { RegistryError, messageOf } from '../../errors.ts';
import { notice } from './answer.ts';
import { callLimit, onePending } from './call-limit.ts';
import { completionOf } from './completion.ts';
import { prompts, promptText } from './prompts.ts';
import { answered, protocolError } from './protocol-error.ts';
import { readTools } from './read-tools.ts';
import { listResources, readResource, resourceTemplates } from './resources.ts';
import { failedAnswer, runTool, type ToolAnswer } from './run-tool.ts';
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
    { capabilities: { tools: {}, resources: {}, prompts: {}, completions: {} }, instructions: notice },
  );
  const [limited, confirming] = [callLimit(), onePending()];
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools.values()].map(listed) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const { name, arguments: input = {} } = params;
    const tool = tools.get(name);
    // The protocol has an error of its own for a tool that there is not. One that is not allowed here says how it can be.
    if (!tool && !isWriteTool(name)) throw protocolError(ErrorCode.InvalidParams, 'There is no tool of this name.');
    try {
      if (!tool) throw new RegistryError('not-found', notAllowed);
      const question = tool.question?.(input);
      if (question !== undefined) await confirming(() => confirmed(server, question));
      return resultOf(await limited(() => runTool(context, tool, input)));
    } catch (error) {
      return resultOf(failedAnswer(error));
    }
  });
  handleDocuments(server, context, limited);
  return server;
}

/** Lets the server answer requests for resources, prompts and completions. */
function handleDocuments(server: Server, context: ToolContext, limited: ReturnType<typeof callLimit>): void {
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...resourceTemplates] }));
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
    answered(() => limited(async () => listResources(await context.client(), params?.cursor))),
  );
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
    answered(() => limited(() => readResource(context, params.uri))),
  );
  server.setRequestHandler(CompleteRequestSchema, ({ params }) =>
    answered(() => limited(async () => ({ completion: await completionOf(await context.client(), params.argument) }))),
  );
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ text: _text, ...facts }) => facts),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) =>
    answered(() => ({
      messages: [{ role: 'user', content: { type: 'text', text: promptText(params.name, params.arguments) } }],
    })),
  );
}

function listed({ name, title, description, inputSchema, question }: Tool) {
  const isWriting = question !== undefined;
  const annotations = { title, readOnlyHint: !isWriting, destructiveHint: isWriting, openWorldHint: false };
  return { name, title, description, inputSchema: { ...inputSchema, type: 'object' as const }, annotations };
}

function resultOf({ text, isError }: ToolAnswer): CallToolResult {
  return { content: [{ type: 'text', text }], ...(isError && { isError }) };
}

const notAllowed = 'Changes are not allowed here. Start the server with: plinth mcp --allow-writes';

function isWriteTool(name: string): boolean {
  return writeTools.some((one) => one.name === name);
}

const cannotAsk = 'Nothing was changed: this client cannot ask a person to confirm. Use the command line.';

/** Returns if a person has said yes. Throws `forbidden` otherwise, also if the client cannot ask. */
async function confirmed(server: Server, question: string): Promise<void> {
  const { elicitation } = server.getClientCapabilities() ?? {};
  // A client that names no way of asking has forms.
  const canAsk = elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
  if (!canAsk) throw new RegistryError('forbidden', cannotAsk);
  const { action, content } = await server
    .elicitInput(
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
    )
    .catch((error: unknown) => {
      throw new RegistryError('forbidden', `Nothing was changed: no person could confirm (${messageOf(error)}).`);
    });
  if (action === 'accept' && content?.['confirm'] === true) return;
  throw new RegistryError('forbidden', 'Nothing was changed: the person did not confirm.');
}
