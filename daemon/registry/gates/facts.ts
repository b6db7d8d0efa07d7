import { currentUser } from '../../runtime/current-user.ts';
import { readManifest } from '../../blobs/manifest.ts';
import { sawTime } from '../../db/log.ts';
import type { Context } from '../../context.ts';
import { cardRow } from '../../db/cards.ts';
import { evidenceByNumber, evidenceOf } from '../../db/evidence.ts';
import { lineageOf } from '../../db/lineage.ts';
import { tagsOfModel, type ModelRow } from '../../db/models.ts';
import { approvalsByNumber, approvalsOf } from '../../db/policy/approvals.ts';
import { tagsByNumber, tagsOfVersion, versionsBefore, type VersionRow } from '../../db/versions.ts';
import type { ModelFacts } from '../../protocol/artifact.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { PointerKind } from '../../protocol/model.ts';
import type { Approval } from '../../protocol/approval.ts';
import { countedEvidence, isCounted, unusedEvidence } from '../../shared/evidence.ts';
import { missingIn } from '../versions/card.ts';
import { wholeEvidence } from '../compare/evidence.ts';
import type { Policy } from '../../policy/policy.ts';
import { commandFinding } from './command/run-trusted.ts';
import type { Facts, Subject } from './gate.ts';
import { pointerText } from '../../shared/event-text.ts';

export interface GateEvaluation {
  model: ModelRow;
  policy: Policy;
  kind: PointerKind;
  name: string;
  holder: VersionRow | undefined;
  shared: Shared;
}

/** Facts shared by all versions of one evaluation, each read once. */
export interface Shared {
  now: number;
  /** Returns a version's tags, which override those of its model. */
  tags(number: number): Record<string, string>;
  evidence(number: number): Evidence[];
  missingOnCard(fields: readonly string[]): string[];
  approvals(number: number): Approval[];
  /** Returns the signature in a blob of facts. */
  signature(digest: string): ModelFacts['signature'];
  /** Versions that others are compared with, by number. */
  subjects: Map<number, Subject>;
}

/** Returns the shared facts. `whole`: most versions of the model are evaluated, so their data is read at once. */
export function sharedOf(ctx: Context, model: ModelRow, whole: boolean): Shared {
  const card = once(() => cardRow(ctx.db, model.id));
  const missing = memo((key) => {
    const fields = JSON.parse(key) as string[];
    const row = card();
    return row ? missingIn(textOf(ctx, row.digest), fields) : fields;
  });
  const ofModel = once(() => tagsOfModel(ctx.db, model.id));
  const tags = once(() => tagsByNumber(ctx.db, model.id));
  const evidence = once(() => evidenceByNumber(ctx.db, model.id));
  const said = once(() => approvalsByNumber(ctx.db, model.id));
  return {
    now: ctx.now(),
    tags: (number) => {
      const own = whole ? Object.fromEntries(tags().get(number) ?? []) : tagsOfVersion(ctx.db, model.id, number);
      return merged([ofModel(), own]);
    },
    evidence: (number) => (whole ? (evidence().get(number) ?? []) : evidenceOf(ctx.db, model.id, number)),
    missingOnCard: (fields) => missing(JSON.stringify(fields)),
    approvals: (number) => (whole ? (said().get(number) ?? []) : approvalsOf(ctx.db, model.id, number)),
    signature: memo((digest) => (JSON.parse(textOf(ctx, digest)) as ModelFacts).signature),
    subjects: new Map(),
  };
}

/** Returns the facts that gates may read. */
export function factsOf(
  ctx: Context,
  { model, policy, kind, name, holder, shared }: GateEvaluation,
  version: VersionRow,
): Facts {
  const { subjects, now } = shared;
  const kept = (row: VersionRow): Subject => {
    const known = subjects.get(row.number) ?? readSubject(ctx, row, shared);
    subjects.set(row.number, known);
    return known;
  };
  return {
    model: model.name,
    pointer: pointerText({ kind, name }),
    subject: subjects.get(version.number) ?? readSubject(ctx, version, shared),
    holder: holder ? kept(holder) : null,
    now,
    metric: policy.metric,
    others: (most) => versionsBefore(ctx.db, model.id, Number.MAX_SAFE_INTEGER, most).map(kept),
    missingOnCard: shared.missingOnCard,
    get approvals() {
      return shared
        .approvals(version.number)
        .filter((one) => one.decision !== 'requested' && one.kind === kind && one.name === name && one.until > now)
        .filter((one) => !sawTime(ctx.db, one.seq, one.until));
    },
    command: (run) => commandFinding(ctx, policy, version, run),
  };
}

function textOf(ctx: Context, digest: string): string {
  return ctx.blobs.read(digest).toString('utf8');
}

/** Returns the person of an actor; the service's own registrations count as its user's. */
export function personOf(actor: string): string {
  return actor.includes('/') ? (actor.split('/', 1)[0] ?? actor) : currentUser();
}

function once<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
}

function memo<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, { value: T }>();
  return (key) => {
    const found = known.get(key) ?? { value: read(key) };
    known.set(key, found);
    return found.value;
  };
}

function readSubject(ctx: Context, row: VersionRow, shared: Shared): Subject {
  const { model, number, body } = row;
  const evidence = once(() => shared.evidence(number));
  const whole = once(() => evidence().map((one) => wholeEvidence(ctx, one)));
  const found = once(() => lineageOf(ctx.db, model, number));
  const lineage = once(() => {
    const at = found();
    return at ? (JSON.parse(textOf(ctx, at.digest)) as Lineage) : null;
  });
  const counted = once(() => countedEvidence(whole()));
  const metrics = once(() => merged(counted().map((one) => one.metrics)));
  const params = once(() => merged(counted().map((one) => one.params)));
  const tags = once(() => shared.tags(number));
  return {
    number,
    size: body.size,
    pickle: body.pickle,
    createdAt: row.createdAt,
    author: personOf(row.actor),
    get tags() {
      return tags();
    },
    get counted() {
      return counted();
    },
    get unused() {
      return unusedEvidence(whole());
    },
    get metrics() {
      return metrics();
    },
    get params() {
      return params();
    },
    get lineage() {
      return lineage();
    },
    get signature() {
      return shared.signature(body.facts);
    },
    get evidence() {
      return evidence()
        .filter(isCounted)
        .map(({ source }) => source);
    },
    text: (name) => namedText(ctx, body.digest, name, { evidence: evidence(), lineage }),
  };
}

/** Finds a text by its file name: attached, in the version, captured with its lineage, or a report of its run. Undefined for none. */
function namedText(
  ctx: Context,
  manifest: string,
  name: string,
  { evidence, lineage }: { evidence: readonly Evidence[]; lineage: () => Lineage | null },
): string | undefined {
  const fits = (path: string): boolean => path === name || path.endsWith(`/${name}`);
  const attached = evidence.findLast((one) => isCounted(one) && fits(one.source))?.digest;
  const own = (): string | undefined => {
    const file = readManifest(ctx.blobs, manifest).find(({ path }) => fits(path));
    return file && `sha256:${file.sha256}`;
  };
  const captured = (): string | undefined => lineage()?.captured.find(({ path }) => fits(path))?.digest;
  const report = (): string | undefined =>
    lineage()?.reports?.find(({ path, kind }) => kind === 'text' && fits(path))?.digest ?? undefined;
  const digest = attached ?? own() ?? captured() ?? report();
  return digest === undefined ? undefined : textOf(ctx, digest);
}

/** Merges records, the last overriding, into one without a prototype. */
function merged<T>(parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, ...parts) as Record<string, T>;
}
