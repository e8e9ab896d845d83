/** What the first page says. */
export const overview = {
  overview: {
    title: 'Overview',
    intro: 'All accounts that count, at a glance and live.',
    empty: 'No accounts yet',
    emptyHint: 'Add the first one: a terminal, an exchange account, or one that you keep by hand.',
    which: 'Which accounts count?',
    choose: '{count} of {all} accounts count',
    in: 'Show in',
    each: 'Each in its own currency',
    nothing: 'No account counts',
    nothingHint: 'Tick at least one account above to see figures.',
    addTrade: 'Add trade',
    balance: 'Balance',
    equity: 'Equity',
    floating: 'Open profit',
    online: 'Online',
    of: '{count} of {all}',
    partly:
      '{count, plural, one {# account has not reported} other {# accounts have not reported}}',
    accounts: 'Accounts',
    recent: 'Latest trades',
    recentEmpty: 'No trades yet',
    recentEmptyHint: 'They appear here as soon as the first one opens.',
    all: 'All trades',
  },
};
