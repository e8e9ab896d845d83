export const dashboard = {
  balance: 'Balance',
  equity: 'Equity',
  openCopies: 'Open copies',
  openTrades: 'Open trades',
  credentials: 'Keys',
  guide: 'Set-up guide',
};

export const mode = {
  title: 'Copy mode',
  names: { PUBSUB: 'Broadcast', '1TO1': 'One to one', RECORD: 'Record only' },
  hints: {
    PUBSUB: 'Every active follower receives each trade.',
    '1TO1': 'One follower has this master to itself; nobody else can follow.',
    RECORD: 'Trades are kept in the journal and sent to nobody.',
  },
  confirmTitle: 'Switch to “{mode}”?',
  confirm: {
    PUBSUB: 'From the next trade on, every active follower receives it.',
    '1TO1':
      'Only the one present follower receives further trades. It works only while exactly one account follows.',
    RECORD:
      'Followers receive no new trades. Copies that are open are still closed when the master closes.',
  },
  submit: 'Switch mode',
};

export const follow = {
  title: 'Follows',
  none: 'It follows nobody',
  noneHint: 'Enter the master token that the master’s owner gave you, or set it in the EA.',
  token: 'Master token',
  submit: 'Follow',
  add: 'Follow another master',
  unfollow: 'Unfollow',
  unfollowNamed: 'Unfollow {name}',
  confirmTitle: 'Stop following {name}?',
  confirm: 'No new trades are copied from it. What becomes of copies that are open?',
  keep: 'Keep them',
  keepHint: 'They are closed when the master closes.',
  close: 'Close them now',
  closeHint: 'Each one is closed at the present price.',
  wireHint:
    'This one was set in the EA. As long as the same token stays there, your choice here wins.',
  source: { wire: 'set in the EA', web: 'set here' },
  states: {
    pending: 'Waits for approval',
    active: 'Active',
    close_only: 'Closes only',
    paused: 'Paused',
    ended: 'Ended',
  },
  sizing: {
    same: 'same size as the master',
    multiplier: 'master’s size × {value}',
    fixed: 'always {value} lots',
  },
  pause: 'Pause',
  resume: 'Resume',
};

export const followers = {
  title: 'Followers',
  empty: 'Nobody follows yet',
  emptyHint: 'Give the master token to a follower; it enters it in its EA or on its dashboard.',
  columns: { name: 'Name', state: 'State', presence: 'Connection', open: 'Open copies' },
};

export const signals = {
  title: 'Signals',
  empty: 'No signals yet',
  emptyHint: 'Each trade that the master’s EA reports appears here with what became of its copies.',
  columns: {
    time: 'Time',
    kind: 'Kind',
    symbol: 'Symbol',
    side: 'Side',
    lots: 'Lots',
    price: 'Price',
    copies: 'Copies',
  },
  kinds: { open: 'Open', add: 'Add', close: 'Close' },
};

export const copies = {
  tabs: { open: 'Open', closed: 'Closed', missed: 'Not copied' },
  tabCount: '{label} ({count})',
  empty: {
    open: 'No open copies',
    openHint: 'When the master opens a trade, its copy appears here by itself.',
    closed: 'No closed copies yet',
    closedHint: 'A copy moves here when its position is closed.',
    missed: 'Nothing was missed',
    missedHint: 'A trade that could not be copied is listed here with the reason.',
  },
  newest: 'The newest {count} are shown.',
  columns: {
    time: 'Time',
    symbol: 'Symbol',
    side: 'Side',
    size: 'Master → copy, lots',
    open: 'Price, master → copy',
    close: 'Close price',
    limits: 'Stop / target',
    state: 'State',
    result: 'Result',
    reason: 'Why',
  },
  states: {
    planned: 'Planned',
    claimed: 'Sending',
    received: 'Received',
    open: 'Open',
    unconfirmed: 'Unconfirmed',
    failed: 'Refused',
    skipped: 'Not sent',
    closing: 'Closing',
    closed: 'Closed',
    attention: 'Needs you',
  },
  reasons: {
    offline: 'The follower was not connected when the signal came.',
    stale: 'The signal was too old when its turn came. Late copies are not sent.',
    paused: 'The subscription or the account was paused.',
    limit: 'The size is below the smallest allowed, or could not be computed.',
    master_closed: 'The master had closed the trade before the order was sent.',
    refused: 'The follower’s terminal refused the order.',
    silent:
      'The order was sent and no answer came in time. Look in the terminal whether it is open.',
    session_lost:
      'The connection was lost after sending and before an answer. Look in the terminal whether it is open.',
    unclear_answer: 'The terminal’s answer does not say whether a position exists. Look there.',
    closed_externally:
      'The position was closed by hand, by stop loss or take profit, or by the broker.',
    close_refused: 'The terminal refused to close; it is tried again.',
    late_evidence: 'A position was reported after the copy had ended. Look in the terminal.',
    second_position:
      'A second position was reported for this one copy. Close the one too many in the terminal.',
  },
  said: 'The terminal said: {text}',
};

export const copy = {
  title: 'Copy of #{ticket}',
  subtitle: '{symbol} to {name}',
  timeline: 'What happened',
  sinceFirst: '+{ms} ms',
  sinceFirstSeconds: '+{s} s',
  evidence: 'Line received',
  latency: 'Time on the way',
  latencies: {
    read_to_commit: 'Read to stored',
    commit_to_send: 'Stored to sent',
    send_to_ack: 'Sent to confirmed',
  },
  ms: '{value} ms',
  facts: 'Figures',
  masterLots: 'Master’s lots',
  desiredLots: 'Lots wanted',
  openLots: 'Lots open',
  followerTicket: 'Ticket at the follower',
  masterPrice: 'Master’s price',
  openPrice: 'Open price',
  closePrice: 'Close price',
  stopLoss: 'Stop loss',
  takeProfit: 'Take profit',
  result: 'Result',
  toDashboard: 'Dashboard of {name}',
  first: 'Decided when the signal was stored',
  causes: {
    signal: 'The signal was stored and this copy planned',
    claim: 'The intent to send was stored',
    ack_open: 'The terminal confirmed the open',
    ack_open_fail: 'The terminal refused the open',
    ack_close: 'The terminal confirmed the close',
    ack_close_fail: 'The terminal refused the close',
    closed_by_other: 'The position was closed by something else',
    deadline: 'No answer came in time',
    expired: 'It became too old to send',
    takeover: 'The session that may have sent it is over',
    not_written: 'It could not be written to the connection',
    close_sent: 'The order to close went out',
    master_closed: 'The master had closed before it was sent',
    requested: 'Closing was asked for here',
  },
};
