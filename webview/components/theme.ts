import { rgbText, versionVariables, withContrast, type Rgb } from './colours.ts';

/** Colours of the theme as a canvas needs them: plain `rgb(…)`, without alpha, never the text of a variable. */
export interface Palette {
  /** By place in a set of versions, each with a contrast of 3:1 to the ground. */
  versions: readonly string[];
  text: string;
  grid: string;
  /** Of the page's background. */
  ground: string;
  /** Of the signs ▲ and ▼, which are text and stand on a tint. */
  better: string;
  worse: string;
}

/** The event of the window after the theme's colours changed. */
export const themeEvent = 'plinth-theme';

let known: Palette | undefined;

export function palette(): Palette {
  return (known ??= readPalette());
}

const signContrast = 6;

/** Sets `--version-0` to `--version-7`, `--better` and `--worse` on the page, keeps them current, and says when they changed. */
export function followTheme(page: HTMLElement): void {
  const apply = (): void => {
    const next = readPalette();
    if (known && page.style.length > 0 && JSON.stringify(next) === JSON.stringify(known)) return;
    known = next;
    for (const [place, colour] of next.versions.entries()) page.style.setProperty(`--version-${place}`, colour);
    page.style.setProperty('--better', next.better);
    page.style.setProperty('--worse', next.worse);
    window.dispatchEvent(new Event(themeEvent));
  };
  apply();
  const observer = new MutationObserver(apply);
  for (const element of [document.body, document.documentElement])
    observer.observe(element, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
    matchMedia(query).addEventListener('change', apply);
}

/** Lets the browser resolve each colour, whatever its syntax, by drawing it over the page's background. */
function readPalette(): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1, 1];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const paint = (colour: string): Rgb => {
    if (!context) return [128, 128, 128];
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  paint('#fff');
  const ground = paint(getComputedStyle(document.body).backgroundColor);
  const resolve = (variable: string): Rgb => {
    probe.style.setProperty('color', `var(${variable}, currentcolor)`);
    paint(rgbText(ground));
    return paint(getComputedStyle(probe).color);
  };
  const sign = (variable: string): string => rgbText(withContrast(resolve(variable), ground, signContrast));
  const read = {
    versions: versionVariables.map((variable) => rgbText(withContrast(resolve(variable), ground))),
    text: rgbText(resolve('--vscode-foreground')),
    grid: rgbText(resolve('--vscode-widget-border')),
    ground: rgbText(ground),
    better: sign('--vscode-charts-green'),
    worse: sign('--vscode-charts-red'),
  };
  probe.remove();
  return read;
}
