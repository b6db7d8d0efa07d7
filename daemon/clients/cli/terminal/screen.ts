import { styled, wantsColour, type Style } from './color.ts';

/** Output of a command. */
export interface Screen {
  /** Columns of the terminal; undefined if the output is no terminal and nothing is cut. */
  readonly width: number | undefined;
  readonly isTTY: boolean;
  style(style: Style, text: string): string;
  /** Writes text and a line end. */
  line(text: string): void;
}

/** Returns standard output as a screen. */
export function screen(env: NodeJS.ProcessEnv = process.env): Screen {
  const { stdout } = process;
  const isTTY = stdout.isTTY === true;
  const forced = Number(env['COLUMNS']);
  const width = isTTY ? stdout.columns || (forced > 0 ? forced : 80) : undefined;
  const colour = wantsColour(isTTY, env);
  return {
    width,
    isTTY,
    style: (style, text) => styled(colour, style, text),
    line: (text) => void stdout.write(`${text}\n`),
  };
}

/**
 * Calls `onBroken` when the output can no longer be written: its reader has ended (`| head`), or its disk is full. Without it,
 * that error would end the process.
 */
export function watchOutput(onBroken: (error: NodeJS.ErrnoException) => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onBroken);
}
