import { Option } from 'commander';
import type { Found } from '../../protocol/routes/versions.ts';
import { maxFoundItems, readAllPages, type PageRequest } from '../../shared/paging.ts';
import type { Searchable } from '../../shared/search/searchable.ts';
import type { Session } from './session.ts';
import { countOption } from './terminal/options.ts';
import { cleanText } from '../../shared/clean-text.ts';
import { itemCsv, itemTable } from './text/item-table.ts';

/** Options of the commands that list versions, runs and artifacts. */
export interface SearchOptions {
  where?: string;
  sort?: string;
  columns?: string;
  csv?: boolean;
  limit?: number;
}

/** Returns the options for searching `what`: `version` or `run`. */
export function searchOptions(what: string, limit?: number): Option[] {
  const atMost = new Option('--limit <n>', `at most this many${limit === undefined ? '' : ` (default: ${limit})`}`);
  return [
    new Option('--where <filter>', `only each ${what} that the filter selects, such as "val_auc > 0.9 and lr < 0.01"`),
    new Option('--sort <names>', 'order by a metric (best first), param or fact; add asc or desc to say which way'),
    new Option('--columns <names>', 'show these metrics, params, tags and facts, separated by commas'),
    new Option('--csv', 'print CSV: the columns that are named, otherwise all'),
    atMost.argParser(countOption),
  ];
}

/** Reads all pages of a search, up to `limit`, with the names in its filter and order that nothing has. */
export async function readFound<T>(
  read: (part: PageRequest) => Promise<Found<T>>,
  limit?: number,
): Promise<Omit<Found<T>, 'total'>> {
  let unknown: string[] = [];
  const next = async (part: PageRequest): Promise<Found<T>> => {
    const found = await read(part);
    unknown = found.unknown;
    return found;
  };
  const page = await readAllPages(next, limit, maxFoundItems);
  return { ...page, unknown };
}

interface Listing {
  reply: unknown;
  items: readonly Searchable[];
  /** Attributes that CSV begins with. */
  attributes: readonly string[];
  /** Attributes that say which item a row is. A table begins with them, also if `--columns` does not name them. */
  identity?: readonly string[];
  what: string;
  /** Names in the filter and the order that nothing has. */
  unknown?: readonly string[];
  /** The usual table. */
  lines(): string[];
}

/** Prints found items as JSON, CSV, a table of chosen columns, or the usual table. Names that nothing has are told on standard error. */
export function printItems(session: Session, options: SearchOptions, listing: Listing): void {
  const { items, what } = listing;
  const missing = [...(listing.unknown ?? [])];
  if (session.json) session.print(listing.reply, () => []);
  else if (options.csv === true || (options.columns !== undefined && items.length > 0)) {
    const { columns, csv } = options;
    const isCsv = csv === true;
    const identity = listing.identity ?? listing.attributes.slice(0, 1);
    const printed = isCsv
      ? itemCsv(items, listing.attributes, columns)
      : itemTable(session, items, identity, columns ?? '');
    missing.push(...printed.unknown);
    for (const line of printed.lines) session.screen.line(line);
  } else session.print(listing.reply, listing.lines);
  for (const name of new Set(missing))
    process.stderr.write(`plinth: no ${what} has a metric, param, tag or fact named ${cleanText(name)}\n`);
}
