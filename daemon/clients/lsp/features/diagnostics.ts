import { DiagnosticSeverity, DiagnosticTag, type Diagnostic, type Range } from 'vscode-languageserver';
import { findings, type Finding, type Severity } from './diagnose.ts';
import { driftFinding } from '../lock/command.ts';
import type { ModelReference } from '../references/reference.ts';
import { rangeOf, type Scene } from '../document-model.ts';

export const diagnosticSource = 'plinth';

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** Diagnoses the references of a document. In prose, names may be examples, so their severity is lower. Pure. */
export function diagnostics(scene: Scene): Diagnostic[] {
  const isProse = scene.document.languageId === 'markdown';
  return scene.references.flatMap((reference) => {
    if (reference.form === 'path') return [];
    const drift = driftFinding(scene, reference);
    const found = [...findings(scene.registry, reference, scene.now), ...(drift ? [drift] : [])];
    return found.map((finding) => toDiagnostic(scene, reference, finding, isProse));
  });
}

function toDiagnostic(scene: Scene, reference: ModelReference, finding: Finding, isProse: boolean): Diagnostic {
  const severity = isProse && finding.severity !== 'hint' ? 'information' : finding.severity;
  return {
    range: partRange(scene, reference, finding.part),
    severity: severities[severity],
    source: diagnosticSource,
    code: finding.code,
    message: finding.message,
    ...(finding.code === 'archived' ? { tags: [DiagnosticTag.Deprecated] } : {}),
  };
}

function partRange(scene: Scene, reference: ModelReference, part: Finding['part']): Range {
  return rangeOf(scene, partOf(reference, part));
}

/** Returns the offsets of a finding's part. */
export function partOf(reference: ModelReference, part: Finding['part']): { start: number; end: number } {
  if (part === 'model') return { start: reference.modelStart, end: reference.modelEnd };
  if (part === 'selector') return { start: reference.selectorStart, end: reference.selectorEnd };
  return reference;
}
