import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';

/** Colour only on a terminal that can show it, and never against NO_COLOR (https://no-color.org). */
export function wantsColour(isTTY: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** The text in a style, or as it is where colour is not wanted. */
export function styled(colour: boolean, style: Style, text: string): string {
  return colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

/** How a stage is shown everywhere. */
export function stageStyle(stage: string): Style | undefined {
  if (stage === 'production') return 'green';
  if (stage === 'staging') return 'cyan';
  return stage === 'archived' ? 'dim' : undefined;
}
