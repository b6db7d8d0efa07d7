import { distanceBehind } from './text.ts';
import type { ModelReference } from '../references/reference.ts';
import type { KnownVersion, Registry } from '../mirror/reducer.ts';
import { resolve, type Resolved } from '../references/resolve.ts';
import { ageText } from '../../../shared/format.ts';
import { referenceTo } from '../../../shared/references.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** A finding about a reference. */
export interface Finding {
  /** Stable code for programs. */
  code:
    | 'unknown-model'
    | 'unknown-version'
    | 'unknown-stage'
    | 'unknown-alias'
    | 'vacant-stage'
    | 'deleted'
    | 'moved'
    | 'merged'
    | 'damaged'
    | 'archived'
    | 'unsafe-pickle'
    | 'behind'
    | 'drift';
  severity: Severity;
  /** One sentence. */
  message: string;
  /** Part of the reference that it is about. */
  part: 'model' | 'selector' | 'all';
}

/** Diagnoses a reference; returns nothing while the registry is unknown. Pure. */
export function findings(registry: Registry, reference: ModelReference, now: number): Finding[] {
  const resolved = resolve(registry, reference);
  switch (resolved.kind) {
    case 'unknown':
      return [unknown(resolved)];
    case 'vacant': {
      const message = `No version of ${resolved.model.name} is in ${resolved.stage}. Promote a version, or pin one.`;
      return [{ code: 'vacant-stage', severity: 'warning', message, part: 'selector' }];
    }
    case 'version':
      return [
        ...ofFormerName(reference, resolved.version),
        ...ofVersion(resolved.version, now),
        ...ofPin(registry, reference, resolved, now),
      ];
    default:
      return [];
  }
}

function unknown({ what, name, model, closest }: Resolved & { kind: 'unknown' }): Finding {
  const meant = closest.length === 0 ? '' : ` Did you mean ${closest.join(' or ')}?`;
  const sentence = {
    model: `There is no model ${name} in this registry.`,
    version: `${model?.name} has no version ${name}.`,
    stage: `${model?.name} has no stage ${name}.`,
    alias: `${model?.name} has no alias @${name}.`,
  }[what];
  const part = what === 'model' ? 'model' : 'selector';
  return { code: `unknown-${what}`, severity: 'warning', message: sentence + meant, part };
}

function ofFormerName({ model, selector }: ModelReference, version: KnownVersion): Finding[] {
  if (model === version.model || selector.kind !== 'number') return [];
  const now = referenceTo(version.model, version.number);
  const message = `${model} was merged into ${version.model}: ${referenceTo(model, selector.number)} is ${now} now.`;
  return [{ code: 'merged', severity: 'information', message, part: 'all' }];
}

function ofVersion(version: KnownVersion, now: number): Finding[] {
  const label = `${version.model} v${version.number}`;
  const found: Finding[] = [];
  const add = (code: Finding['code'], severity: Severity, message: string): void =>
    void found.push({ code, severity, message, part: 'all' });
  if (version.state === 'deleted') add('deleted', 'error', `${label} was deleted.${until(version, now)}`);
  if (version.state === 'moved') add('moved', 'error', `${label} was moved to ${version.movedTo ?? 'another model'}.`);
  if (version.state === 'damaged')
    add(
      'damaged',
      'error',
      `${label} is damaged: its files differ from those that were registered. Verify it, or use another version.`,
    );
  if (version.pickle === 'runs code')
    add(
      'unsafe-pickle',
      'warning',
      `Loading ${label} executes code named in its pickle. Load it only if you trust its author.`,
    );
  return found;
}

function until({ deletedUntil }: KnownVersion, now: number): string {
  const left = deletedUntil === null ? 0 : deletedUntil - now;
  return left > 0 ? ` It can be restored for ${Math.ceil(left / 86_400_000)} more days.` : '';
}

/** Diagnoses a pin, which can fall behind; a stage or an alias cannot. */
function ofPin(
  registry: Registry,
  { selector }: ModelReference,
  { model, version }: Resolved & { kind: 'version' },
  now: number,
): Finding[] {
  if (selector.kind !== 'number' || version.state !== 'ready') return [];
  const label = `${version.model} v${version.number}`;
  const late = distanceBehind(registry, model, version);
  const found: Finding[] = [];
  if (version.stage === 'archived')
    found.push({ code: 'archived', severity: 'warning', message: `${label} is archived.`, part: 'selector' });
  if (late) {
    const gain = late.delta === '' ? '' : ` (${late.delta})`;
    const message = `${label} is ${late.by} behind production, v${late.holder.number}${gain}, registered ${ageText(late.holder.createdAt, now)}.`;
    found.push({ code: 'behind', severity: 'hint', message, part: 'selector' });
  }
  return found;
}
