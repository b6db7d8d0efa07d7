/**
 * A browser started in the C locale names its language `en-US@posix`. Intl refuses that name, and uPlot passes it to Intl as soon
 * as it is loaded. This file corrects the name and is therefore imported before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
