/** Where one model was saved in several formats under one stem, the one that loads most directly stands for it. */
const formatOrder = [
  '.pt',
  '.pth',
  '.joblib',
  '.keras',
  '.ckpt',
  '.cbm',
  '.json',
  '.safetensors',
  '.pkl',
  '.ubj',
  '.h5',
  '.onnx',
];

/** Lower is preferred. */
export function rank(path: string): number {
  const at = formatOrder.findIndex((ending) => path.endsWith(ending));
  return at < 0 ? formatOrder.length : at;
}
