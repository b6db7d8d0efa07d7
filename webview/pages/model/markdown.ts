import MarkdownIt from 'markdown-it';

/** Without raw HTML, and without images: a card may come from anybody, and must reach no one. */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');

/** A card stands in a page that has its own first and second headings. */
markdown.core.ruler.push('below', ({ tokens }) => {
  for (const token of tokens) {
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
  }
});

/** Markdown as HTML that is safe to be shown. A script of its own, loaded when a card is shown. */
export function render(text: string): string {
  return markdown.render(text);
}
