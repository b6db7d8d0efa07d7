/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Variables of the theme for the versions of a set, by their place in it. The first is the baseline's. */
export const versionVariables: readonly string[] = [
  '--vscode-foreground',
  '--vscode-charts-blue',
  '--vscode-charts-green',
  '--vscode-charts-purple',
  '--vscode-charts-red',
  '--vscode-charts-yellow',
  '--vscode-terminal-ansiCyan',
  '--vscode-terminal-ansiMagenta',
];
/** Curves of the ninth version and of later ones have the colours of the first ones again, with a dash. */
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [8, 3, 2, 3]];

/** Returns which colour and which dash the version at a place has. */
export function versionLook(place: number): { colour: number; dash: readonly number[] } {
  const round = Math.floor(place / versionVariables.length);
  return { colour: place % versionVariables.length, dash: dashes[round % dashes.length] ?? [] };
}

/** Returns the contrast of two colours as WCAG defines it, 1 to 21. */
export function contrastOf(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminanceOf(a), luminanceOf(b)].toSorted((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const steps = 20;

/** Returns the colour, mixed with as much black or white as it needs to have a contrast of `least` to the ground. */
export function withContrast(colour: Rgb, ground: Rgb, least = 3): Rgb {
  const white: Rgb = [255, 255, 255];
  const black: Rgb = [0, 0, 0];
  const end = contrastOf(white, ground) > contrastOf(black, ground) ? white : black;
  for (let step = 0; step < steps; step += 1) {
    const mixed = mix(colour, end, step / steps);
    if (contrastOf(mixed, ground) >= least) return mixed;
  }
  return end;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * share);
  return [part(0), part(1), part(2)];
}

export function rgbText([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}
