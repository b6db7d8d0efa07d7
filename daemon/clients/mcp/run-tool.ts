import * as z from 'zod';
import { RegistryError, messageOf } from '../../errors.ts';
import { answerText } from './answer.ts';
import type { Tool, ToolContext } from './tool.ts';

/** What an agent reads after a call. */
export interface ToolAnswer {
  text: string;
  isError: boolean;
}

/** Runs a tool and returns the part of its result that `cursor` in the input asks for. Throws as the tool does. */
export async function runTool(
  context: ToolContext,
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
): Promise<ToolAnswer> {
  const { cursor } = input;
  const listing = await tool.run(context, input);
  return { text: answerText(listing, typeof cursor === 'string' ? cursor : undefined), isError: false };
}

/** Converts an error to an answer. Its text is data, too, as it may contain names. */
export function failedAnswer(error: unknown): ToolAnswer {
  const code = error instanceof RegistryError ? error.code : error instanceof z.ZodError ? 'invalid-request' : 'failed';
  const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
  return { text: answerText({ head: { error: code, message } }), isError: true };
}
