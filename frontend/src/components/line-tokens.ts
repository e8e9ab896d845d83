/** Colours that tell several lines apart, in both themes. Each line is named beside its colour. */
export const LINE_TOKENS = [
  '--accent',
  '--caution',
  '--positive',
  '--critical',
  '--stale',
  '--negative',
] as const;
