export const decision = {
  title: 'Your decision',
  intro: {
    unconfirmed:
      'The order may have been executed. Flotilla waits for evidence and sends nothing twice; you can decide sooner.',
    attention:
      'What the terminal or the exchange reported does not settle this copy. Nothing is touched until you decide.',
    back: 'It was booked as closed, as the exchange listed its position no more and nothing said why. Now the position is there again. Link it to have it follow the master again, which closes it at once if the master is out; close it; or do nothing, and it is yours alone.',
  },
  hasTicket: 'It belongs to position #{ticket}.',
  hasNone: 'No position is known to be its own.',
  noCandidates:
    'The terminal has listed no position that could be this copy’s. Look there; if nothing is open, leave it.',
  candidates: 'Positions that may be this copy’s',
  likely: 'Appeared after the order',
  firstSeen: 'First reported',
  linkNamed: 'Link position {ticket}',
  closeNamed: 'Close position {ticket}',
  actions: { link: 'Link', close: 'Close position', leave: 'Leave as it is' },
  ask: {
    link: {
      title: 'Link position #{ticket}?',
      text: 'From now on #{ticket} counts as this copy of {symbol} on {name}, and is closed when the master closes. If it is somebody else’s trade, that trade will be closed then.',
    },
    close: {
      title: 'Close position #{ticket}?',
      text: '#{ticket} on {name} is closed at the present price, and repeated until the terminal confirms it. This cannot be undone.',
    },
    leave: {
      title: 'Leave the terminal as it is?',
      text: 'Flotilla stops watching this copy of {symbol}. A position that is open on {name} stays open, also when the master closes, until you close it yourself.',
    },
  },
  sent: 'Your decision is being carried out.',
};

export const quarantine = {
  title: 'Positions without a copy',
  intro:
    'The terminal or the exchange has these, and no copy owns them: trades made by hand, by another EA or installation, or copies whose answer was lost. They are never closed from here by themselves.',
  columns: {
    ticket: 'Ticket',
    master: 'Master’s ticket',
    side: 'Side',
    lots: 'Lots',
    first: 'First seen',
    last: 'Last listed',
  },
};

export const dryRun = {
  intro:
    'Type an order as your EA would report it. Each follower’s settings, figures and connection of this moment decide; nothing is stored or sent. Whether the size fits a follower of somebody else is not told.',
  side: 'Side',
  BUY: 'Buy',
  SELL: 'Sell',
  symbol: 'Symbol',
  price: 'Price',
  lots: 'Lots',
  stop_loss: 'Stop loss (optional)',
  take_profit: 'Take profit (optional)',
  submit: 'Show what would happen',
  nobody: 'Nobody follows this account',
  nobodyHint: 'As soon as somebody follows, you can see here what they would do.',
  results: 'What each follower would do',
  count: '{copied} of {all} would copy it.',
  copied: 'Would copy',
  copiedIfFits: 'Would copy if the size fits',
  notCopied: 'Would not',
  columns: {
    name: 'Follower',
    order: 'Order',
    lots: 'Lots',
    stops: 'Stop / target',
    answer: 'Answer',
    reason: 'Why',
  },
};
