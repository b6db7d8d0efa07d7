/** JSON that lies beside models and has their names in its own. */
const notAModel =
  /(index|config|metrics?|scores?|params|info|meta|metadata|dump|card|results?|history|schema|args|training)\.json$/i;

/** True for the name of a JSON file that is perhaps a model of boosted trees: it begins with one of `stems`. */
export function isJsonModel(name: string, stems: RegExp): boolean {
  return stems.test(name) && !notAModel.test(name);
}
