/** A curve of a drawing; null for a missing point. */
export interface DrawnCurve {
  label: string;
  stroke: string;
  ys: readonly (number | null)[];
}

const [width, height, margin] = [800, 400, 50];

/** Colours of the theme in which a chart is drawn. */
interface Ground {
  ground: string;
  text: string;
}

/** Returns a chart as standalone SVG text, without style sheet or script. */
export function drawing(
  title: string,
  xs: readonly number[],
  curves: readonly DrawnCurve[],
  colours: Ground = { ground: '#fff', text: '#000' },
): string {
  const values = curves.flatMap(({ ys }) => ys.filter((y) => y !== null));
  // A call takes some hundred thousand arguments at most, fewer than the points of twenty long curves.
  const low = values.reduce((least, one) => Math.min(least, one), Infinity);
  const high = values.reduce((most, one) => Math.max(most, one), -Infinity);
  const [first, last] = [xs[0] ?? 0, xs.at(-1) ?? 1];
  const x = (at: number): number => margin + ((at - first) / (last - first || 1)) * (width - 2 * margin);
  const y = (value: number): number => height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin);
  const paths = curves.map(
    ({ stroke, ys }) => `<path d="${pathOf(xs, ys, x, y)}" fill="none" stroke="${text(stroke)}" stroke-width="1.5"/>`,
  );
  const labels = curves.map(
    ({ label, stroke }, index) =>
      `<text x="${width - margin}" y="${margin + 16 * index}" text-anchor="end" fill="${text(stroke)}">${text(label)}</text>`,
  );
  const axis = [
    `<text x="${margin}" y="24" font-weight="bold">${text(title)}</text>`,
    `<text x="4" y="${y(high)}">${String(Number(high.toPrecision(4)))}</text>`,
    `<text x="4" y="${y(low)}">${String(Number(low.toPrecision(4)))}</text>`,
    `<text x="${margin}" y="${height - 20}">${first}</text>`,
    `<text x="${width - margin}" y="${height - 20}" text-anchor="end">${last}</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="${text(colours.text)}"><rect width="100%" height="100%" fill="${text(colours.ground)}"/>${[...axis, ...paths, ...labels].join('')}</svg>\n`;
}

function pathOf(
  xs: readonly number[],
  ys: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  return xs
    .flatMap((at, index) => {
      const value = ys[index] ?? null;
      if (value === null) {
        isDown = false;
        return [];
      }
      const step = `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = true;
      return [step];
    })
    .join('');
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
