export const riskPhase = {
  title: 'Rules',
  options: 'More for these rules',
  choose: 'Rules for this account',
  template: 'Firm and programme',
  own: 'Limits of my own',
  defaults: 'My risk defaults',
  defaultsHint: 'These are <link>your defaults</link>; you can change each rule later.',
  balanceHint: 'Percents are counted from it.',
  size: 'Size of the account',
  ownFields: {
    balance: 'Starting balance ({currency})',
    daily: 'Daily loss, %',
    total: 'Drawdown, %',
  },
  reason: 'Why a new phase begins',
  reasonHint: 'The phase that ends has a crossed line. What you write is kept.',
  begin: 'Begin with these rules',
  warning:
    'Firms change their rules often. Compare every value with your own dashboard before you rely on it.',
  asOf: 'As of {date}; confidence: {confidence}.',
  confidence: {
    high: 'high',
    'medium-high': 'rather high',
    medium: 'medium',
    'low-medium': 'rather low',
    low: 'low',
  },
  sources: 'Where this is from:',
  day: 'Day begins',
  start: 'Starting balance',
  since: 'Since',
  edit: 'Edit rules',
  confirm: 'They match my dashboard',
  confirmHint: 'Nobody has compared these values with the firm’s dashboard yet.',
  confirmed: 'Compared with the dashboard on <at></at>',
  menu: {
    snapshot: 'Enter balance and equity…',
    cash: 'Money was moved…',
    dayStart: 'Start of a day…',
    floor: 'The firm moved a line…',
    phase: 'Begin a new phase…',
  },
};

export const riskTerms = {
  of: {
    initial: '{percent} % of the starting balance',
    reference: '{percent} % of the day’s start',
    hwm: '{percent} % of the highest value',
  },
  bySize: 'by size of the account',
  cap: 'at most {amount}',
  share: 'best day at most {percent} % of the profit',
  days: '{count, plural, one {# day} other {# days}}',
  tiers: 'grows with profit',
  reference: {
    balance: 'from the day’s balance',
    equity: 'from the day’s equity',
    max: 'from the higher of balance and equity',
    intraday_peak_equity: 'from the day’s highest equity',
    intraday_peak_balance: 'from the day’s highest balance',
  },
  mode: {
    intraday_equity: 'follows equity at every moment',
    intraday_balance: 'follows closed results',
    eod_balance: 'follows the balance at the end of the day',
  },
  lockAtStart: 'stops at the starting balance',
  lock: 'stops {amount} above the start',
  pending: 'pending orders count',
  soft: 'pauses until the next day',
};

export const riskEdit = {
  title: 'Edit rules',
  hint: 'Marks are percent of the limit that is left. Leave them empty for the usual ones.',
  values: { percent: 'Value, %', amount: 'Value, {currency}', number: 'Value' },
  fields: { caution: 'Caution, %', critical: 'Critical, %' },
  pending: 'Pending orders count',
  pendingHint:
    'Orders that wait for their price count like open positions. If they are not reported, as by an older Reporter, the rule is unknown and a guard holds back every copy.',
  conflict:
    'Somebody changed these rules while you typed. Nothing was saved. Your values are still here; above each of them is what it is now.',
  conflictWith:
    '{name} changed these rules (<at></at>) while you typed. Nothing was saved. Your values are still here; above each of them is what it is now.',
  newer: 'Now: {value}',
  saveAgain: 'Save mine',
};

export const riskCorrections = {
  fields: {
    balance: 'Balance ({currency})',
    equity: 'Equity ({currency})',
    amount: 'Amount ({currency})',
    floor: 'The line is now at ({currency})',
  },
  snapshot: {
    title: 'Enter balance and equity',
    hint: 'As the terminal or the firm’s dashboard shows them now.',
    more: 'The balance is {amount} higher. Why?',
    less: 'The balance is {amount} lower. Why?',
    trading: 'Trading',
    tradingHint: 'Closed trades, commission or swap. It counts as a result.',
  },
  cash: {
    title: 'Money was moved',
    hint: 'Moved money is never profit or loss. It does not count as a trading result of the day.',
    kind: 'What was it?',
    kinds: {
      deposit: 'Deposit',
      withdrawal: 'Withdrawal',
      payout: 'Payout',
      correction: 'Correction',
    },
    kindHints: {
      deposit: 'Money came in.',
      withdrawal: 'Money was taken out.',
      payout: 'The firm paid profit out.',
      correction: 'The balance was wrong, or the broker gave or took a credit. May be below zero.',
    },
  },
  dayStart: {
    title: 'Start of a day',
    hint: 'With what the day began, as the firm’s dashboard shows it. It replaces what was measured.',
    day: 'Day',
  },
  floor: {
    title: 'The firm moved a line',
    hint: 'Some firms set the line anew with a payout. It is kept who entered this, and why.',
    rule: 'Which line',
    reason: 'Why',
  },
  list: {
    title: 'What was corrected',
    cash: 'Moved money',
    dayStarts: 'Starts of days',
    floors: 'Lines that were set',
    floor: '{rule}: line at {amount}',
    since: 'from <at></at>',
    by: 'by {name}',
    reported: 'reported by the terminal',
    dayStart: 'balance <balance></balance>, equity <equity></equity>',
    takeBackAsk: 'Take back…',
    takeBack: 'Take back',
    takenBack: 'Taken back',
    takeBackTitle: 'Take back: line at {amount}',
    takeBackHint:
      'For a line that was entered by mistake. The account is judged again as if it had never been set; what was crossed meanwhile stays crossed.',
    takeBackReason: 'Why it is taken back',
    takeBackReasonHint: 'It is kept who took it back, and what you write here.',
  },
};
