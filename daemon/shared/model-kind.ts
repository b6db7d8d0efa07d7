/** Library of a model, its version and the format of its file, as recognisers name them. */
interface ModelKind {
  framework?: string | null;
  frameworkVersion?: string | null;
  format?: string | null;
}

/** Formats the library and its version: `scikit-learn 1.9.1`. Empty if the library is unknown. */
export function frameworkText({ framework, frameworkVersion }: ModelKind): string {
  return [framework, frameworkVersion].filter((part) => part).join(' ');
}

/**
 * Returns the parts that say what a model is, the library first: `scikit-learn 1.9.1`, `joblib`. A word that the format begins
 * with is not repeated: `torch zip checkpoint` of PyTorch is `pytorch`, `zip checkpoint`.
 */
export function kindParts(kind: ModelKind): string[] {
  const library = kind.framework ?? '';
  const [first = '', ...rest] = (kind.format ?? '').split(' ');
  const isRepeated = first === library || (first === 'torch' && (library === 'pytorch' || library === 'lightning'));
  return [frameworkText(kind), isRepeated && library !== '' ? rest.join(' ') : (kind.format ?? '')].filter(
    (part) => part !== '',
  );
}
