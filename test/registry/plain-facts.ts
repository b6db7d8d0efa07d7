/** Facts of an artifact that says nothing about itself. */
export const facts = {
  framework: 'test',
  frameworkVersion: null,
  format: 'bytes',
  modelClass: null,
  parameterCount: null,
  tensors: [],
  tensorsTotal: 0,
  pickle: null,
  signature: null,
  params: {},
  metrics: {},
  epoch: null,
  step: null,
  metadata: {},
  problems: [],
};
