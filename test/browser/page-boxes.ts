/** What is wrong with the boxes of a page, read in the browser. */
export interface PageBoxes {
  /** By how much the page is wider than the window. */
  wider: number;
  /** Share of the header in the window's height. */
  header: number;
  /** Neighbours in a line that overlap. */
  overlapping: string[];
  /** Texts of buttons and heads that are cut off without an ellipsis. */
  cut: string[];
}

/** Reads the boxes of a page. `selectors`: lists of elements of which no two may overlap. */
export const measurePage = (selectors: readonly string[]): string => `(() => {
  const root = document.documentElement;
  const boxes = (selector) => [...document.querySelectorAll(selector)]
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  const overlapping = ${JSON.stringify(selectors)}.flatMap((selector) =>
    boxes(selector).flatMap(([a, left], index, all) => all.slice(index + 1).flatMap(([b, right]) =>
      !a.contains(b) && !b.contains(a) && left.left < right.right - 1 && right.left < left.right - 1 && left.top < right.bottom - 1 && right.top < left.bottom - 1
        ? [selector + ': ' + a.textContent.trim() + ' / ' + b.textContent.trim()] : [])));
  const cut = boxes('header .acts > *, .badge, h2').filter(([element, box]) => box.right > root.clientWidth + 1).map(([element]) => element.textContent.trim());
  return {
    wider: root.scrollWidth - root.clientWidth,
    header: document.querySelector('header').getBoundingClientRect().height / root.clientHeight,
    overlapping,
    cut,
  };
})()`;
