/** Names of JSON files that lie beside models and are none. */
const notAModel =
  /(index|config|metrics?|scores?|params|info|meta|metadata|dump|card|results?|history|schema|args|training)\.json$/i;

/** True for the name of a JSON file that may be a model of boosted trees, because it begins with one of `stems`. */
export function isJsonModel(name: string, stems: RegExp): boolean {
  return stems.test(name) && !notAModel.test(name);
}
