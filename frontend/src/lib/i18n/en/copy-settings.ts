export const sizeExplained = {
  title: 'Why this size',
  same: 'Same as the master: {wanted}',
  product: '{master} × {value} = {wanted}',
  fixed: 'Always {wanted}',
  byFigures: '{lots} lots, from the figures of both accounts when the signal came.',
  capped: 'Capped at {max} lots.',
  rounded: 'Rounded down to steps of {step}.',
  step: 'Step {step}.',
  tooSmall: 'That is below {min}, the smallest size, so nothing was sent.',
  other: 'This copy had {lots} lots.',
  changedSince: 'The settings were changed after this copy; this is what they say today.',
};
