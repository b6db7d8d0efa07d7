import type { ReportKind } from '../protocol/lineage.ts';

/** Recognises pictures and reports of a training by their names. */

const pictures = /\.(png|jpe?g|svg|webp)$/i;
const pages = /\.html?$/i;
/** Only text files with these names are reports. */
const texts = /(classification[-_ ]?report|confusion[-_ ]?matrix|feature[-_ ]?importances?)[^/]*\.(json|txt|csv|md)$/i;
/** Names that say what a picture shows. */
const descriptive =
  /confusion|(^|[-_. /])(roc|prc?|cm|auc|shap|results?)([-_. ]|$)|curve|importance|residual|calibration|(classification|evaluation|eval|drift)[-_ ]?report|(^|[-_. /])(loss|acc(uracy)?|metrics|history|training|learning)[-_. ]/i;

/** Returns the kind of a report by its file name; undefined for other files. */
export function reportKind(name: string): ReportKind | undefined {
  if (pictures.test(name)) return 'picture';
  if (pages.test(name)) return 'page';
  return texts.test(name) ? 'text' : undefined;
}

/** Returns true for a name that means a report of a training in any folder. */
export function isDescriptiveName(name: string): boolean {
  return reportKind(name) !== undefined && (descriptive.test(name) || texts.test(name));
}

/** True for a confusion matrix that can be shown as a table. */
export function isConfusionMatrix(path: string): boolean {
  return /confusion[-_ ]?matrix[^/]*\.(json|csv)$/i.test(path);
}

const types: readonly [type: string, isIt: (head: Uint8Array) => boolean][] = [
  ['image/png', (head) => hasBytes(head, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/jpeg', (head) => hasBytes(head, 0, [0xff, 0xd8, 0xff])],
  ['image/webp', (head) => hasBytes(head, 0, [0x52, 0x49, 0x46, 0x46]) && hasBytes(head, 8, [0x57, 0x45, 0x42, 0x50])],
  [
    'image/svg+xml',
    (head) => /^\s*(<\?xml|<!DOCTYPE svg|<!--|<svg)/i.test(textOf(head)) && textOf(head).includes('<svg'),
  ],
];

/** First bytes of a file that are needed to recognise a picture. */
export const pictureHeadBytes = 4096;

/** Returns the media type of a picture by its first bytes, whatever its name; undefined for anything else. */
export function pictureType(head: Uint8Array): string | undefined {
  return types.find(([, isIt]) => isIt(head))?.[0];
}

function hasBytes(head: Uint8Array, at: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[at + index] === byte);
}

function textOf(head: Uint8Array): string {
  return new TextDecoder('utf-8').decode(head.subarray(0, pictureHeadBytes)).replace(/^\uFEFF/, '');
}
