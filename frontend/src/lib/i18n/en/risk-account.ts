export const riskAccount = {
  title: 'Risk of {name}',
  toDashboard: 'Dashboard',
  limits: 'Limits',
  equity: 'Equity',
  balance: 'Balance',
  today: 'Today',
  reset: 'Day ends',
};

export const riskChart = {
  title: 'Equity against its lines',
  label: 'Equity and the lines below it over the last day, in {currency}',
  legend: 'Solid: equity. Dashed: the lines it must stay above.',
  empty: 'Nothing to draw yet',
  emptyHint: 'The chart begins with the first figures of this phase.',
  at: 'Time',
  low: 'Lowest',
  high: 'Highest',
  equity: 'Equity',
};

export const riskDays = {
  title: 'Days',
  empty: 'No day yet',
  emptyHint: 'Each day of the account, by its own clock, will be kept here.',
  day: 'Day',
  running: 'running',
  start: 'Began with',
  low: 'Lowest',
  high: 'Highest',
  closed: 'Closed',
  change: 'Change',
  worst: 'Worst status',
  showCalendar: 'Show as calendar',
  previous: 'Month before',
  next: 'Next month',
  now: 'This month',
  none: 'No figures of this month are kept.',
  of: '{date}: {result}, worst status: {status}',
  crossed: '{count, plural, one {# line was crossed} other {# lines were crossed}}',
};

export const riskReset = {
  title: 'Until the day ends',
  clock: 'At {reset}, {zone}',
  own: '<at></at> in {zone}',
  clocks: {
    change:
      'The clocks of {zone} change before then: the reset comes an hour earlier or later than yesterday.',
    odd: 'In these weeks {zone} and New York, by whose time most servers run, are an hour nearer or further apart than usual: by the server’s clock the day ends an hour earlier or later.',
    ahead:
      'Within a week clocks change in {zone} or in New York, by whose time most servers run. The day may then end an hour earlier or later by the server’s clock or by yours.',
  },
  preview: 'After that, if balance and equity stay as they are:',
  floor: 'Line at {amount}',
};

export const riskFirst = {
  noRules: 'This account has no rules yet',
  noRulesHint:
    'Choose the rules of its firm, or limits of your own. From then on you see how far it is from every line.',
  choose: 'Choose rules',
  defaults: 'Begin with my defaults',
  noData: 'No figures yet',
  noDataHint: {
    reporter:
      'Until the account reports balance and equity its status is unknown, never safe. Install the Reporter beside your EA.',
    bingx:
      'Its status is unknown, never safe, until the exchange has told balance and equity. They come by its API key: nothing is to be installed.',
    paper:
      'Its status is unknown, never safe, until Flotilla has worked out balance and equity from the prices of the market. Nothing is to be installed.',
  },
  toConnection: 'Look at the connection',
  toReporter: 'Set up the Reporter',
  stale:
    'The figures are from <age></age>. Nobody knows where the account is now; below is where it was.',
  checkReporter: 'Check the Reporter',
};
