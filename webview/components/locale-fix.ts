/**
 * A browser that is started in the C locale calls its language `en-US@posix`, which Intl refuses, and uPlot asks Intl with it as
 * soon as it is loaded. Imported before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
