import type { BuiltInTemplate, Notice } from '../protocol/routes/webhooks.ts';
import { fillTemplate } from './own-template.ts';
import type { StoredWebhook } from './store.ts';

const maxText = 3000;

const bodies: Record<BuiltInTemplate, (notice: Notice) => unknown> = {
  json: (notice) => notice,
  slack: (notice) => ({ text: slackText(sentences(notice)) }),
  teams: (notice) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          version: '1.4',
          // A TextRun shows its text as it is, without Markdown.
          body: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: sentences(notice) }] }],
        },
      },
    ],
  }),
};

/** Returns the JSON that is sent. Names and reasons are text in it: they notify nobody and link to nothing. */
export function bodyOf(notice: Notice, { template, body }: Pick<StoredWebhook, 'template' | 'body'>): string {
  return template === 'own' ? fillTemplate(body ?? '{}', notice) : JSON.stringify(bodies[template](notice));
}

function sentences({ text, reason }: Notice): string {
  return (reason === '' ? text : `${text} Reason: ${reason}`).slice(0, maxText);
}

/** Escapes what Slack takes for links, mentions and markup. */
function slackText(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(/[*_~`]/g, '\u200b$&');
}
