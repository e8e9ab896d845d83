const made = new Map<string, Intl.NumberFormat>();

/** How numbers are written. Made once for all figures: making one costs far more than writing with it. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const name = `${locale} ${JSON.stringify(options)}`;
  const known = made.get(name);
  if (known) return known;
  const format = new Intl.NumberFormat(locale, { numberingSystem: 'latn', ...options });
  made.set(name, format);
  return format;
}
