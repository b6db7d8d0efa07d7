import { styled, wantsColour, type Style } from './color.ts';

/** Where a command writes what it has to say. */
export interface Screen {
  /** Columns of the terminal; undefined where the output is no terminal and nothing is to be cut. */
  readonly width: number | undefined;
  readonly isTTY: boolean;
  style(style: Style, text: string): string;
  /** Writes text and a line's end. */
  line(text: string): void;
}

/** Standard output. */
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
 * Calls `onBroken` when the output can be written no more, instead of ending the process by an unhandled error: its reader
 * went away (`| head`), or the disk it goes to is full.
 */
export function watchOutput(onBroken: (error: NodeJS.ErrnoException) => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onBroken);
}
