/** The part of a reference that selects a version. */
export type Selector =
  | { kind: 'none' }
  | { kind: 'number'; number: number }
  | { kind: 'latest' }
  /** Lower case, as stages are compared without case. */
  | { kind: 'stage'; name: string }
  | { kind: 'alias'; name: string }
  /** `churn@production`: a stage or an alias. */
  | { kind: 'pointer'; name: string };

/** A reference to a model in a text. Offsets count UTF-16 units from the start of the text; ends are exclusive. */
export interface ModelReference {
  /** `uri`: `models:/churn/7`; `plain`: `churn@7`. */
  form: 'uri' | 'plain';
  start: number;
  end: number;
  model: string;
  modelStart: number;
  modelEnd: number;
  selector: Selector;
  /** Offsets of the number, stage or alias; both are `end` if there is none. */
  selectorStart: number;
  selectorEnd: number;
}

/** A file or folder from which code loads a model: `torch.load("out/model.pt")`. Offsets are those of the text between the quotes. */
export interface PathReference {
  form: 'path';
  start: number;
  end: number;
  /** Path as written: absolute, or relative to the document's folder or the workspace's. */
  path: string;
}

export type Reference = ModelReference | PathReference;

/** Returns the part of a reference after the model, with its separator. */
export function suffixOf(form: ModelReference['form'], selector: Selector): string {
  switch (selector.kind) {
    case 'none':
      return '';
    case 'number':
      return form === 'uri' ? `/${selector.number}` : `@${selector.number}`;
    case 'latest':
      return form === 'uri' ? '/latest' : '@latest';
    case 'stage':
      return form === 'uri' ? `/${selector.name}` : `@${selector.name}`;
    case 'alias':
      return form === 'uri' ? `@${selector.name}` : `@@${selector.name}`;
    case 'pointer':
      return `@${selector.name}`;
  }
}
