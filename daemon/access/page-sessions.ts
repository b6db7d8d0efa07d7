import { randomBytes } from 'node:crypto';
import type { ReportRef } from '../protocol/lineage.ts';
import type { Rights } from '../protocol/token.ts';

/** How pages in a browser get in: a one-time code for a token, and one-time tickets for the stream and for a report. None of them is stored. */
export interface PageSessions {
  /** A code that is good once, for two minutes; its page speaks for whoever asked for it. */
  code(rights: Rights): string;
  /** A token for a code, and whom it speaks for; undefined for one that was used, is too old, or never was. */
  exchange(code: string): { token: string; rights: Rights } | undefined;
  /** Whom a page's token speaks for, as things stood when its code was made; undefined where it is none. */
  whose(token: string): Rights | undefined;
  /** Makes a ticket that opens the stream once, within half a minute, for the token that asked for it. */
  ticket(token: string): string;
  /** The token that the ticket was made for; undefined for one that was used, is too old, or never was. */
  redeem(ticket: string): string | undefined;
  /** Makes a ticket that opens one report as a document of its own, once, within half a minute. */
  reportTicket(report: ReportRef): string;
  /** The report that the ticket was made for; undefined for one that was used, is too old, or never was. */
  redeemReport(ticket: string): ReportRef | undefined;
}

const codeMs = 2 * 60_000;
const ticketMs = 30_000;
const tokenMs = 12 * 3600_000;
/** The oldest page of so many has to come in anew. */
const maxTokens = 50;

export function pageSessions(now: () => number): PageSessions {
  const codes = onceOnly<Rights>(now, codeMs);
  const tickets = onceOnly<string>(now, ticketMs);
  const reports = onceOnly<ReportRef>(now, ticketMs);
  const tokens = new Map<string, { rights: Rights; until: number }>();
  return {
    code: codes.make,
    exchange: (code) => {
      const rights = codes.use(code);
      if (!rights) return undefined;
      const token = secret();
      tokens.set(token, { rights, until: now() + tokenMs });
      const [oldest] = tokens.keys();
      if (tokens.size > maxTokens && oldest !== undefined) tokens.delete(oldest);
      return { token, rights };
    },
    whose: (token) => {
      const found = tokens.get(token);
      return found && found.until > now() ? found.rights : undefined;
    },
    ticket: tickets.make,
    redeem: tickets.use,
    reportTicket: reports.make,
    redeemReport: reports.use,
  };
}

interface OnceOnly<T> {
  make(value: T): string;
  use(text: string): T | undefined;
}

function onceOnly<T>(now: () => number, goodMs: number): OnceOnly<T> {
  const open = new Map<string, { value: T; until: number }>();
  return {
    make: (value) => {
      for (const [text, { until }] of open) if (until <= now()) open.delete(text);
      const made = secret();
      open.set(made, { value, until: now() + goodMs });
      return made;
    },
    use: (text) => {
      const found = open.get(text);
      open.delete(text);
      return found && found.until > now() ? found.value : undefined;
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
