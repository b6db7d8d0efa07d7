/** Properties of a style sheet that a drawing needs without it. */
const drawnProperties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'visibility',
  'display',
] as const;

/** Returns a drawing of the page as text that looks the same by itself, on the page's ground, without style sheet, script and handles. */
export function standaloneSvg(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll('*')];
  for (const [index, element] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[index]!);
    for (const property of drawnProperties) element.setAttribute(property, style.getPropertyValue(property));
    for (const name of element.getAttributeNames())
      if (/^(class|style|role|tabindex|aria-|data-)/.test(name)) element.removeAttribute(name);
  }
  const { width, height } = drawing.getBoundingClientRect();
  copy.setAttribute('width', String(Math.ceil(width)));
  copy.setAttribute('height', String(Math.ceil(height)));
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', groundColour());
  copy.prepend(ground);
  for (const node of comments(copy)) node.remove();
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/** The marks of lit's templates. */
function comments(of: SVGSVGElement): ChildNode[] {
  const walker = document.createTreeWalker(of, NodeFilter.SHOW_COMMENT);
  const found: ChildNode[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as ChildNode);
  return found;
}

/** Returns the colour on which the page is drawn. */
export function groundColour(): string {
  return getComputedStyle(document.body).backgroundColor;
}

/** Pixels of a picture for each pixel of a drawing. */
const sharpness = 2;

/** Returns a PNG of a standalone SVG text, or of a canvas on the page's ground. */
export async function pngOf(source: string | HTMLCanvasElement): Promise<Uint8Array | undefined> {
  const image = typeof source === 'string' ? await imageOf(source) : source;
  const factor = typeof source === 'string' ? sharpness : 1;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width * factor, image.height * factor];
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.fillStyle = groundColour();
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
}

async function imageOf(svg: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}
