import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** True if the output is a terminal with colours and NO_COLOR is not set (https://no-color.org). */
export function wantsColour(isTTY: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** Returns the text in a style, or unchanged without colours. */
export function styled(colour: boolean, style: Style, text: string): string {
  return colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

/** Returns the style of a stage; undefined for none. */
export function stageStyle(stage: string): Style | undefined {
  if (stage === 'production') return 'green';
  if (stage === 'staging') return 'cyan';
  return stage === 'archived' ? 'dim' : undefined;
}
