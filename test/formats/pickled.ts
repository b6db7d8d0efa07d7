/** Pieces of pickles, from which tests build what no normal writer writes. */
const latin1 = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

export const str = (text: string): number[] => [0x8c, text.length, ...latin1(text)];
export const line = (text: string): number[] => [...latin1(text), 0x0a];
/** GLOBAL, by which protocols 0 to 3 name things. */
export const globalLine = (module: string, name: string): number[] => [0x63, ...line(module), ...line(name)];
/** STACK_GLOBAL, by which protocols 4 and 5 do. */
export const stackGlobal = (module: string, name: string): number[] => [...str(module), ...str(name), 0x93];
export const protocol = (version: number): number[] => [0x80, version];
export const int = (value: number): number[] => [0x4b, value];
export const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74];
export const dict = (...pairs: [number[], number[]][]): number[] => [0x7d, 0x28, ...pairs.flat(2), 0x75];
export const list = (...items: number[][]): number[] => [0x5d, 0x28, ...items.flat(), 0x65];
export const NONE = [0x4e];
export const TRUE = [0x88];
export const REDUCE = [0x52];
export const NEWOBJ = [0x81];
export const buildOpcode = [0x62];
export const stop = [0x2e];

export function pickleOf(...parts: number[][]): Uint8Array {
  return Uint8Array.from([...protocol(4), ...parts.flat(), ...stop]);
}

/** A numpy.dtype with its state. */
export function dtype(code: string, size: number, flags: number): number[] {
  const made = [...stackGlobal('numpy', 'dtype'), ...tuple(str(code), [0x89], TRUE), ...REDUCE];
  return [...made, ...tuple(int(3), str('<'), NONE, NONE, NONE, int(size), int(1), int(flags)), ...buildOpcode];
}

/** Returns what joblib writes for an array, without the bytes that follow. */
export function arrayWrapper(shape: number[], type: number[], aligned: boolean): number[] {
  const made = [...stackGlobal('joblib.numpy_pickle', 'NumpyArrayWrapper'), ...tuple(), ...NEWOBJ];
  const state: [number[], number[]][] = [
    [str('shape'), tuple(...shape.map(int))],
    [str('dtype'), type],
  ];
  if (aligned) state.push([str('numpy_array_alignment_bytes'), int(16)]);
  return [...made, ...dict(...state), ...buildOpcode];
}
