import type { SignatureField } from '../../protocol/artifact.ts';
import { failed, nobodyElse, passed, skipped, type Check } from './gate.ts';

/** Passes if the version has every input and output of the current one, with the same type and shape. */
export const signature: Check<'signature'> = (_, facts) => {
  const alone = nobodyElse(facts);
  if (alone || facts.holder === null) return alone ?? failed('there is no current version');
  const { holder, subject } = facts;
  const expected = `the signature of v${holder.number}`;
  if (holder.signature === null) return skipped(`v${holder.number} has no signature`);
  if (subject.signature === null) return failed(`v${subject.number} has no signature`, expected, 'none');
  const wrong = [
    ...differences('input', holder.signature.inputs, subject.signature.inputs),
    ...differences('output', holder.signature.outputs, subject.signature.outputs),
  ];
  return wrong.length === 0
    ? passed('all inputs and outputs of the current version are there', expected, 'the same')
    : failed(wrong.slice(0, 3).join('; '), expected, wrong[0]);
};

function differences(kind: string, before: readonly SignatureField[], after: readonly SignatureField[]): string[] {
  const lost = before.flatMap((field, index) => {
    const now = field.name === '' ? after[index] : after.find(({ name }) => name === field.name);
    const name = `${kind} ${field.name || index}`;
    if (!now) return [`${name} is gone`];
    return textOf(now) === textOf(field) ? [] : [`${name} was ${textOf(field)} and is ${textOf(now)}`];
  });
  const asked = kind === 'input' ? after.filter((field, index) => isNew(field, index, before)) : [];
  return [...lost, ...asked.map(({ name }, index) => `${kind} ${name || index} is new`)];
}

function isNew(field: SignatureField, index: number, before: readonly SignatureField[]): boolean {
  return field.name === '' ? index >= before.length : !before.some(({ name }) => name === field.name);
}

function textOf({ dtype, shape }: SignatureField): string {
  return `${dtype} [${shape.map((size) => (typeof size === 'string' || size < 0 ? '?' : size)).join(', ')}]`;
}
