import * as vscode from 'vscode';
import type { ReviewSign } from '../../daemon/shared/review/review-line.ts';

/** Pictures of the signs of a review: a shape and a colour for each, since lists of VS Code show theme icons in one colour only. */

const green = { light: '#1a7f37', dark: '#73c991' };
const red = { light: '#c72e0f', dark: '#f48771' };
const grey = { light: '#616161', dark: '#a0a0a0' };

const stroke = (path: string): string =>
  `<path d="${path}" fill="none" stroke="COLOUR" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`;
const filled = (path: string): string => `<path d="${path}" fill="COLOUR"/>`;

const pictures: Record<ReviewSign, { shape: string; colours: { light: string; dark: string } }> = {
  passed: { shape: stroke('M3 8.5 6.5 12 13 4.5'), colours: green },
  failed: { shape: stroke('M4 4 12 12M12 4 4 12'), colours: red },
  skipped: { shape: stroke('M4 8H12'), colours: grey },
  better: { shape: filled('M8 3 14 13H2Z'), colours: green },
  worse: { shape: filled('M8 13 2 3H14Z'), colours: red },
  'within-noise': { shape: stroke('M3 6.5Q5.5 4.5 8 6.5T13 6.5M3 10.5Q5.5 8.5 8 10.5T13 10.5'), colours: grey },
  effect: { shape: stroke('M3 8H13M9.5 4.5 13 8 9.5 11.5'), colours: grey },
};

/** Returns the picture of a sign for light and dark themes. */
export function signIcon(sign: ReviewSign): { light: vscode.Uri; dark: vscode.Uri } {
  const { shape, colours } = pictures[sign];
  return { light: pictureOf(shape, colours.light), dark: pictureOf(shape, colours.dark) };
}

function pictureOf(shape: string, colour: string): vscode.Uri {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape.replaceAll('COLOUR', colour)}</svg>`;
  return vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
}
