import type { Touches } from '../access/rights.ts';
import { RegistryError } from '../errors.ts';
import type { PointerRef } from '../protocol/model.ts';
import type { OfModel, PointerRequest, Reasoned } from '../protocol/shapes.ts';
import type { Move } from '../registry/pointers/transition.ts';

/** Returns the pointer in a request. Throws `invalid-request` unless it is exactly one stage or alias. */
export function pointerIn({ stage, alias }: PointerRequest): PointerRef {
  if (stage !== undefined && alias === undefined) return { kind: 'stage', name: stage };
  if (alias !== undefined && stage === undefined) return { kind: 'alias', name: alias };
  throw new RegistryError('invalid-request', 'Give either a stage or an alias, not both.');
}

interface MoveRequest extends PointerRequest, Reasoned {
  expect?: number | null | undefined;
  bypass?: boolean | undefined;
}

export function moveIn({ reason, expect, bypass, ...pointer }: MoveRequest): Move {
  return { ...pointerIn(pointer), reason: reason ?? '', expect, bypass };
}

/** Returns the names that a new model may get: without surrounding blanks, unless an MLflow client created one that has them. */
export function newNames(name: string): string[] {
  return [name, name.trim()];
}

export function touchesModel({ model }: OfModel): Touches {
  return { models: [model] };
}

/** Returns the model and pointers of a request, in the form of token scopes. */
export function touchesPointer({ model, stage, alias }: OfModel & PointerRequest): Touches {
  const stages = stage === undefined ? [] : [stage.toLowerCase()];
  const aliases = alias === undefined ? [] : [`@${alias.replace(/^@/, '')}`];
  return { models: [model], pointers: [...stages, ...aliases] };
}
