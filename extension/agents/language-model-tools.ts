import * as vscode from 'vscode';
import { callLimit } from '../../daemon/clients/mcp/call-limit.ts';
import { readTools } from '../../daemon/clients/mcp/read-tools.ts';
import { failedAnswer, runTool, type ToolAnswer } from '../../daemon/clients/mcp/run-tool.ts';
import { consumerLine, type Tool, type ToolContext } from '../../daemon/clients/mcp/tool.ts';
import { writeTools } from '../../daemon/clients/mcp/write-tools.ts';
import { RegistryError } from '../../daemon/errors.ts';
import { consumersOf } from '../language/consumers.ts';
import type { Service } from '../service.ts';
import { setting } from '../settings.ts';

type Input = Record<string, unknown>;

const prefix = 'plinth_';
/** So many questions may wait for a person at a time. */
const maxAsked = 20;

/** The tools of `plinth mcp` as tools of the editor. */
export class LanguageModelTools {
  readonly #context: ToolContext;
  readonly #limited = callLimit();
  readonly #tools = new Map([...readTools, ...writeTools].map((one) => [`${prefix}${one.name}`, one]));
  /** Changes about which the editor asks a person, each with its input. It invokes no other. */
  readonly #asked = new Set<string>();

  constructor(service: Service) {
    const client: Awaited<ReturnType<ToolContext['client']>> = {
      call: (route, request) => service.callAsAgent(route, request),
    };
    this.#context = { client: async () => Promise.resolve(client), consumers };
  }

  /** Says what a call does, and for a change what a person has to confirm. A wrong input is refused when it is called. */
  prepare(name: string, input: Input): vscode.PreparedToolInvocation {
    const tool = this.#tools.get(name);
    const title = tool?.title ?? name;
    const question = tool && this.#allowed(tool) ? questionOf(tool, input) : undefined;
    if (question === undefined) return { invocationMessage: vscode.l10n.t('Model registry: {0}', title) };
    if (this.#asked.size >= maxAsked) this.#asked.clear();
    this.#asked.add(keyOf(name, input));
    const message = new vscode.MarkdownString().appendText(question);
    message.appendMarkdown('\n\n').appendText(vscode.l10n.t('An agent asks for this change of the model registry. Texts in quotes come from the agent.')); // prettier-ignore
    return {
      invocationMessage: vscode.l10n.t('Model registry: {0}', title),
      confirmationMessages: { title, message },
    };
  }

  async invoke(name: string, input: Input): Promise<vscode.LanguageModelToolResult> {
    const { text } = await this.#answer(name, input);
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  }

  async #answer(name: string, input: Input): Promise<ToolAnswer> {
    try {
      const tool = this.#tools.get(name);
      if (!tool) throw new RegistryError('not-found', `There is no tool of the name ${name}.`);
      if (!this.#allowed(tool)) throw new RegistryError('forbidden', notAllowed());
      const isAsked = this.#asked.delete(keyOf(name, input));
      if (tool.question?.(input) !== undefined && !isAsked)
        throw new RegistryError('forbidden', 'Nothing was changed: no person was asked to confirm this change.');
      return await this.#limited(() => runTool(this.#context, tool, input));
    } catch (error) {
      return failedAnswer(error);
    }
  }

  /** True for a tool that may be used now. The manifest hides the others, but settings may change while an agent works. */
  #allowed({ question }: Tool): boolean {
    return vscode.workspace.isTrusted && (question === undefined || setting('ai.mcp.allowWrites', false));
  }
}

function notAllowed(): string {
  return vscode.workspace.isTrusted
    ? 'Changes are not allowed here. A person can allow them with the setting plinth.ai.mcp.allowWrites.'
    : 'The folder is not trusted, so agents cannot use the model registry.';
}

/** Returns the question of a tool that changes something; undefined for a wrong input, with which it does nothing. */
function questionOf(tool: Tool, input: Input): string | undefined {
  try {
    return tool.question?.(input);
  } catch {
    return undefined;
  }
}

function keyOf(name: string, input: Input): string {
  return `${name} ${JSON.stringify(input)}`;
}

/** Lists where files of the workspace load a model. */
async function consumers(model: string): Promise<string[]> {
  const found = await consumersOf(model);
  return found.map(({ uri, range, suffix }) =>
    consumerLine(vscode.workspace.asRelativePath(vscode.Uri.parse(uri)), range.start.line, model, suffix),
  );
}
