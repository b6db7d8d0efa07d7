/** Marks in the navigation which section is at the top of the view. Returns a function that ends it. */
export function followSections(page: HTMLElement): () => void {
  let isPlanned = false;
  const mark = (): void => {
    isPlanned = false;
    const heads = [...page.querySelectorAll<HTMLElement>('main h2[id]')];
    const current = heads.findLast((head) => head.getBoundingClientRect().top < innerHeight / 3) ?? heads[0];
    for (const link of page.querySelectorAll<HTMLElement>('.rail a')) {
      if (link.dataset['section'] === current?.id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };
  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(mark);
  };
  window.addEventListener('scroll', plan, { passive: true });
  return () => window.removeEventListener('scroll', plan);
}
