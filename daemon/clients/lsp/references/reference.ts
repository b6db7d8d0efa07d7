/** Which version of a model a text asks for. */
export type Selector =
  | { kind: 'none' }
  | { kind: 'number'; number: number }
  | { kind: 'latest' }
  /** Lower case, as stages are compared. */
  | { kind: 'stage'; name: string }
  | { kind: 'alias'; name: string }
  /** `churn@production`: a stage or an alias, whichever the model has. */
  | { kind: 'pointer'; name: string };

/** A model named in a text. Offsets count UTF-16 units from the start of the text; ends are exclusive. */
export interface ModelReference {
  /** `uri`: `models:/churn/7`; `plain`: `churn@7`. */
  form: 'uri' | 'plain';
  start: number;
  end: number;
  model: string;
  modelStart: number;
  modelEnd: number;
  selector: Selector;
  /** Where the number, stage or alias stands; both are `end` where there is none. */
  selectorStart: number;
  selectorEnd: number;
}

/** A file or folder that code loads a model from: `torch.load("out/model.pt")`. Offsets are those of the text between quotes. */
export interface PathReference {
  form: 'path';
  start: number;
  end: number;
  /** As it stands there: absolute, or relative to the document's folder or the workspace's. */
  path: string;
}

export type Reference = ModelReference | PathReference;

/** Writes what follows the model in a reference of this form, separator included. */
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
