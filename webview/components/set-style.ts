import { ref } from 'lit/directives/ref.js';

/** Sets styles of an element by script. Pages may have no style in their text, and lit's styleMap writes such a style first. */
export function setStyle(styles: Readonly<Record<string, string>>): ReturnType<typeof ref> {
  return ref((element) => {
    if (!(element instanceof HTMLElement)) return;
    for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value);
  });
}
