export const alerts = {
  title: 'Alerts',
  intro: 'What happened, what it means, and what to do about it.',
  all: 'All',
  unread: 'Unread',
  show: 'Which alerts',
  readAll: 'Mark all as read',
  read: 'Mark as read',
  isUnread: 'Unread',
  more: 'Load more',
  empty: 'No alerts',
  emptyHint: 'When a terminal is lost, an order is refused or a key is misused, it is told here.',
  emptyUnread: 'Nothing unread',
  emptyUnreadHint: 'You have seen everything. Older alerts are kept for a month.',
  severity: { info: 'For your information', warning: 'Look today', critical: 'Look now' },
  times: '{count, plural, one {once} other {# times}} since <since></since>',
  over: 'Over by itself at <at></at>',
  tickets: '{tickets}{more, plural, =0 {} other { and # more}}',
  words: 'The terminal said: {text}',
  toInbox: 'Open the inbox',
  dismiss: 'Dismiss',
  toCopy: 'Show the copy',
  toAccount: 'To the account',
  toSettings: 'To your settings',
  toConnections: 'To the connections',
  anAccount: 'An account',
  kinds: {
    follower_offline: {
      title: '{account} is not connected',
      body: '{count, plural, one {One copy is} other {# copies are}} open there. When the master closes, the close has to wait until the terminal is back. Look after the terminal, or close there by hand.',
    },
    master_offline: {
      title: '{account} has gone silent',
      body: 'Nothing is heard of this master, so {count, plural, one {one open copy does} other {# open copies do}} not follow it. Their stop loss and take profit still stand. Check the master’s terminal.',
    },
    attention: {
      title:
        '{is_gone, select, true {A position of {account} is gone, and nothing says why} other {A copy needs your decision}}',
      body: '{is_gone, select, true {For some minutes the exchange has not listed the position of a copy, or not all of it, and none of its orders and fills shows what closed it. It counts as closed by something else. Look at the exchange: if the position is there after all, close it by hand, as no copy watches it any more. Once it is listed again you are told, and the page of the copy lets you take it up again or close it.} other {What the terminal or the exchange reports does not fit together, so nothing is done by itself. Open the copy and say what is true.}}',
    },
    open_refused: {
      title: '{account} refused a copy',
      body: 'The master’s trade is not copied there. Check margin, symbol and permission to trade in the terminal.',
    },
    stop_out: {
      title:
        '{is_partner, select, true {The other side of a pair was stopped out} other {The broker closed a position}}',
      body: '{is_partner, select, true {What {account} holds of the pair is closed, so that no trade stands alone. Nothing is wrong with its own margin.} other {It was closed for lack of margin or by its stop, not by the master. Check the margin of the account before it copies on.}}',
    },
    key_flapping: {
      title: 'Two terminals use the key of {account}',
      body: 'They took the connection from each other {takeovers} times within a minute. The newer one, from {address}, is refused for a while, so that nothing is traded twice. Take the key out of one of them.',
    },
    new_device: {
      title: 'Sign-in from a new device',
      body: 'Somebody signed in with your password: {device}. If that was not you, change the password now; it ends every other session.',
    },
    refresh_reuse: {
      title: 'A session was used in two places',
      body: 'Its secret was presented twice, which happens when somebody has copied it. The session was ended everywhere. Change your password if you cannot explain it.',
    },
    missed_open: {
      title:
        '{is_restless, select, true {{account} is not copied yet} other {A trade of {account} was not copied}}',
      body: '{is_restless, select, true {It has traded without a pause since it was connected, so where it stands could not be read, and none of its trades is copied. Let it pause for ten seconds; from then on it is copied.} other {Its terminal shows an open trade of which no signal arrived, so no follower has it. Open it there by hand if you still want it.}}',
    },
    missed_exit: {
      title: 'The master of {account} may have closed a trade unseen',
      body: 'Its terminal does not list the trade any more, but it is not certain that this list speaks of it, so nothing was closed. Ask the master; if the trade is over, close the copy on its page.',
    },
    exit_unseen: {
      title: 'A trade was over without a signal',
      body: 'The master’s terminal stopped listing it and sent no exit, so its copies were closed later than the master’s trade, at another price. Check the master’s connection; compare the results.',
    },
    close_overdue: {
      title: '{account} does not close a copy',
      body: 'The order to close was repeated and the position is still there, while the master is out. Check that trading is allowed in the terminal and that the market is open, or close it there by hand.',
    },
    line_lost: {
      title: 'What {account} reported could not be stored',
      body: 'Nothing follows from that line: a trade may not be copied or a copy may show an old state. Compare the terminal with this page, and tell whoever runs the server.',
    },
    unusual_volume: {
      title: '{account} traded far more than usual',
      body: 'The trade was copied within the limits of each follower. Check that the size was meant.',
    },
    ticket_reopened: {
      title:
        '{what, select, copy {A closed copy turns out to be open} other {A closed trade was reported open again}}',
      body: '{what, select, copy {The terminal of {account} lists its position, so it was closed only in part, or not at all. It is followed again: when the master closes, or already has, it is closed.} led {The master’s terminal lists the trade for which the copy in {account} was closed. It was not copied a second time; open it there by hand if you still want it.} other {It was not copied a second time. Look in the terminal of {account} whether it is really open.}}',
    },
    netting_suspected: {
      title: '{account} looks like a netting account',
      body: 'It adds to a position under one ticket, which its EA cannot tell from a full close: a partial close may close whole copies. Lead from a hedging account.',
    },
    unconfirmed: {
      title: 'It is not known whether a copy was opened',
      body: 'The order was sent to {account} and no answer came. It is never sent again. Look in the terminal; its next list of positions may settle it.',
    },
    orphan_position: {
      title:
        '{is_ours, select, true {{account} holds coins that no copy knows of} other {{account} has a position that nobody ordered}}',
      body: '{is_ours, select, true {Up to {coins} of {symbol} come from an order under one of our names, made {minutes, plural, =0 {less than a minute} one {a minute} other {# minutes}} before it was found. {is_known, select, true {The copy that the name says does not count it; if its page offers that, take it up again or close it there} other {Nothing is known here of its copy}}. Nothing was closed, and no copy was changed. It may be of another installation of Flotilla on the same account, or from before the database was restored. Compare the position at the exchange with your copies, close there what you do not want, or keep it as your own: it follows no master.} other {It belongs to no copy and is left alone. Look in the terminal whether it is yours.}}',
    },
    trade_unhedged: {
      title: '{account} has a trade that stands alone',
      body: 'The partner does not hold it, so this terminal was told to close it, but has not said that it did. Look there at once, and close the trade by hand if it is still open.',
    },
    key_address_changed: {
      title: 'The key of {account} is used from a new address',
      body: 'The terminal now connects from {address}. If you did not move it, rotate the key.',
    },
    lines_refused: {
      title:
        '{said, select, no {Lines from {account} are refused} other {Figures of {account} do not fit its rules}}',
      body: '{said, select, no {The terminal says what cannot be read or what this kind of account may not say ({why}), so it has no effect. If they were trades, they are not copied. Check that the right EA runs there, with the key of this account.} other {The account’s money is in {said}, its rules are in {phase}, so its figures are not taken in and its risk is unknown. Begin a new phase in {said}.}}',
    },
    risk_caution: {
      title: '{account} is in caution',
      body: 'Under the rule “{rule}” {left} are left. Nothing has to be done yet; keep an eye on it.',
    },
    risk_stale: {
      title: 'The figures of {account} are too old',
      body: 'Where the account stands is not known until it reports again. Check that its terminal runs, or enter its figures.',
    },
    risk_critical: {
      title: '{account} is close to a limit',
      body: 'Under the rule “{rule}” only {left} are left. Reduce the risk there before the line is reached.',
    },
    risk_violated: {
      title: '{account} crossed a limit',
      body: 'By our measurement the line of the rule “{rule}” was crossed: {measured} against {line}. The firm decides. Look at the account before it trades on.',
    },
    guard_tripped: {
      title: 'The guard of {name} acted',
      body: '{account} came too near a line, or crossed it (rule “{rule}”). {action, select, close_all {New copies are stopped and open copies are closed.} stop_new {New copies are stopped; open ones stay.} other {Nothing was stopped: this guard only tells.}} Look at the account. What was stopped goes on only when you resume it.',
    },
    guard_blind: {
      title: 'The guard knows too little of {account}',
      body: 'Its figures are too old or not known, so nothing new is copied there until it reports again. Open copies are closed as usual. Check that its terminal runs.',
    },
    exchange_key_failed: {
      title: 'The exchange key of {account} does not work',
      body: 'The exchange says: {text}. Nothing new is opened there; closes of open copies are tried on, but may not get through. Check the key under Connections, and close at the exchange by hand what must not stay open.',
    },
    protection_failing: {
      title: 'Closes in {account} do not get through',
      body: 'Several orders in a row that close or protect positions failed there. The exchange says: {text}. Nothing new is opened in this account until one gets through. Look there, and close at the exchange by hand what must not stay open.',
    },
    exchange_clock_off: {
      title: 'The clocks of this server and of the exchange differ',
      body: 'They are {seconds} s apart. Orders carry the time of the exchange, so they go on; but ages and days are judged by this server. Have its clock set from a time server.',
    },
    keys_restored: {
      title: 'The server was restored from a backup: check the keys of your terminals',
      body: 'What was changed since the backup was made{since, select, none {} other { ({since})}} is lost. If you replaced an API key after that, the old key works again and the new one does not: replace it once more, and put the new one into the terminal. Copying is stopped until you resume it.',
    },
  },
};
