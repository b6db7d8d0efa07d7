import MarkdownIt from 'markdown-it';

/** Without raw HTML and without images, because anybody may have written the card, and it must not load anything. */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');

/** Lowers the headings of a card, because the page has its own first and second headings. */
markdown.core.ruler.push('below', ({ tokens }) => {
  for (const token of tokens) {
    if (token.type.startsWith('heading_')) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
  }
});

/** Renders Markdown as safe HTML. In a script of its own, which is loaded when a card is shown. */
export function render(text: string): string {
  return markdown.render(text);
}
