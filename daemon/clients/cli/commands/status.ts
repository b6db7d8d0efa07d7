import type { Command } from 'commander';
import { clean } from '../terminal/sanitize.ts';
import { homePath, relativeTo } from '../paths.ts';
import { metricsText } from '../../../shared/event-text.ts';
import { pairs, table, type Cell } from '../terminal/table.ts';
import { runningClient, type Open, type Session } from '../session.ts';
import type { Status } from '../../../protocol/routes/system.ts';
import { artifactStates, type Root } from '../../../protocol/model.ts';
import { ageText, countOf, shellWord, sizeText, spanText } from '../../../shared/format.ts';

export function status(program: Command, open: Open): void {
  program
    .command('status')
    .description('show what the registry service is doing')
    .action(async () => {
      const session = open();
      const reply = await (await runningClient(session)).call('GET /status', {});
      session.print(reply, () => statusLines(session, clean(reply)));
    });
}

function statusLines(session: Session, reply: Status): string[] {
  const { screen, now } = session;
  const facts = pairs(screen, [
    [
      'service',
      `Plinth ${reply.version}, process ${reply.pid}, up ${spanText(now - reply.startedAt)}, ${sizeText(reply.memoryBytes)} of memory`,
    ],
    ['data', homePath(reply.dataFolder)],
    [
      'registry',
      [countOf(reply.models, 'model'), countOf(reply.versions, 'version'), countOf(reply.seq, 'event')].join(', '),
    ],
    ['stored', `${sizeText(reply.blobs.bytes)} in ${countOf(reply.blobs.count, 'blob')}`],
    ['candidates', candidatesText(reply)],
  ]);
  const readOnly = reply.readOnly === null ? [] : [screen.style('red', `nothing can be written: ${reply.readOnly}`)];
  const warnings = (reply.warnings ?? []).map((text) => screen.style('yellow', text));
  return [
    ...facts,
    ...readOnly,
    ...warnings,
    ...rootLines(session, reply.roots),
    ...runLines(session, reply),
    ...busyLines(reply),
  ];
}

/** Formats the space of kept saves that are no version, and how to free it; undefined if there are none. */
function candidatesText({ candidates }: Status): string | undefined {
  if (candidates.count === 0) return undefined;
  const held = `${sizeText(candidates.bytes)} in ${countOf(candidates.count, 'save')} that are not versions`;
  return `${held}; given up 24 h after their run, or now with: plinth clean-up --candidates`;
}

function rootLines(session: Session, roots: readonly Root[]): string[] {
  if (roots.length === 0) return ['', 'nothing is watched yet; watch a folder: plinth watch FOLDER'];
  const states = artifactStates.filter((state) => roots.some((root) => root.counts[state] > 0));
  const columns = [
    { title: 'watched root', least: 12 },
    { title: 'state' },
    ...states.map((title) => ({ title, align: 'right' as const })),
    { title: 'last scan' },
  ];
  const rows = roots.map((root): Cell[] => [
    homePath(root.path),
    { text: root.state, style: root.state === 'watching' && root.detail === null ? 'green' : 'yellow' },
    ...states.map((state) => String(root.counts[state])),
    root.lastScanAt === null ? '–' : ageText(root.lastScanAt, session.now),
  ]);
  const details = roots.flatMap(({ path, detail }) =>
    detail === null ? [] : [session.screen.style('yellow', `${homePath(path)}: ${detail}`)],
  );
  return ['', ...table(session.screen, columns, rows), ...details, ...roots.flatMap(linkLines)];
}

const maxLinks = 5;

/** Lists the links in a watched folder, which are not followed, with how to watch their targets. */
function linkLines({ links = [] }: Root): string[] {
  const lines = links
    .slice(0, maxLinks)
    .map(
      ({ path, target }) =>
        `${homePath(path)} is linked to ${homePath(target)}, which is not followed; watch it with: plinth watch ${shellWord(target)}`,
    );
  return links.length > maxLinks ? [...lines, `and ${countOf(links.length - maxLinks, 'more link')} out of it`] : lines;
}

function runLines(session: Session, { runs, roots }: Status): string[] {
  if (runs.length === 0) return [];
  const folders = roots.map((root) => root.path);
  const columns = [{ title: 'live run', least: 12 }, { title: 'for' }, { title: 'last written' }, { title: 'metrics' }];
  const rows = runs.map((run) => [
    relativeTo(folders, run.folder),
    spanText(session.now - run.startedAt),
    ageText(run.updatedAt, session.now),
    metricsText(run.metrics),
  ]);
  return ['', ...table(session.screen, columns, rows)];
}

function busyLines({ busy }: Status): string[] {
  return busy.length === 0 ? [] : ['', ...busy.map(({ path, doing }) => `${doing} ${homePath(path)}`)];
}
