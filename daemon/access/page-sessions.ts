import { randomBytes } from 'node:crypto';
import type { ReportRef } from '../protocol/lineage.ts';
import type { Rights } from '../protocol/token.ts';

/** Access of browser pages: one-time codes for a token, and one-time tickets for the stream and for a report. None is stored. */
export interface PageSessions {
  /** Returns a code, valid once within two minutes. Its page has these rights. */
  code(rights: Rights): string;
  /** Returns the token for a code, with its rights; undefined for a used, expired or unknown one. */
  exchange(code: string): { token: string; rights: Rights } | undefined;
  /** Returns the rights of a page's token, as they were when its code was made; undefined for no such token. */
  whose(token: string): Rights | undefined;
  /** Returns a ticket that opens the stream once, within half a minute, for this token. */
  ticket(token: string): string;
  /** Returns the token of a ticket; undefined for a used, expired or unknown one. */
  redeem(ticket: string): string | undefined;
  /** Returns a ticket that opens one report as a document, once, within half a minute. */
  reportTicket(report: ReportRef): string;
  /** Returns the report of a ticket; undefined for a used, expired or unknown one. */
  redeemReport(ticket: string): ReportRef | undefined;
}

const codeMs = 2 * 60_000;
const ticketMs = 30_000;
const tokenMs = 12 * 3600_000;
/** Page tokens that are valid at a time. The oldest is dropped first. */
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
