import type { Touches } from '../access/rights.ts';
import { RegistryError } from '../errors.ts';
import type { PointerRef } from '../protocol/model.ts';
import type { OfModel, PointerRequest, Reasoned } from '../protocol/shapes.ts';
import type { Move } from '../registry/pointers/transition.ts';

/** The pointer that a request names. Throws `invalid-request` unless it is one stage or one alias. */
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

/** A name that a model may get: it is kept without blanks around it, unless MLflow's clients made one that has them. */
export function newNames(name: string): string[] {
  return [name, name.trim()];
}

export function touchesModel({ model }: OfModel): Touches {
  return { models: [model] };
}

/** A model and the pointers that a request names, written as limits of tokens write them. */
export function touchesPointer({ model, stage, alias }: OfModel & PointerRequest): Touches {
  const stages = stage === undefined ? [] : [stage.toLowerCase()];
  const aliases = alias === undefined ? [] : [`@${alias.replace(/^@/, '')}`];
  return { models: [model], pointers: [...stages, ...aliases] };
}
