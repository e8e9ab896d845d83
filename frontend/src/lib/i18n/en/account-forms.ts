/** What is done with an account, and the windows for it. */
export const accountForms = {
  actions: {
    open: 'Open dashboard',
    rename: 'Rename',
    sizing: 'Size of copies',
    reveal: 'Show API key',
    rotate: 'Replace API key',
    archive: 'Archive',
  },
  form: {
    title: 'New account',
    name: 'Name',
    nameHint: 'Such as “FTMO 100k” or “Gold master”.',
    role: 'What does it do?',
    platform: 'Platform',
    currency: 'Currency',
    externalId: 'Account number at the broker',
    externalIdHint: 'To tell accounts apart. It is not used to sign in.',
    startingBalance: 'Starting balance',
    preset: 'Begin with',
    noPreset: 'No preset',
    submit: 'Create account',
  },
  preset: {
    profile: 'Profile',
    tolerances: {
      aggressive: 'aggressive',
      balanced: 'balanced',
      optimal: 'moderate',
      conservative: 'conservative',
    },
    atOnce: '{count} at a time',
    day: 'A day begins',
    size: 'Size of a copy',
    ofEquity: 'of the equity lost if the stop is hit',
    noCopies: 'Only followers copy',
    note: 'Nothing is saved until you create the account. A trade that is too large, or the daily loss, pauses it until the next day; the total loss ends its phase. You can change the rules later on its risk page, and the size in its menu.',
  },
  rulesMissing: {
    title: '{name} was created without its rules',
    text: 'The account is there, only the rules of the preset could not be saved. Try again, or set them later on its risk page.',
    retry: 'Try again',
    skip: 'Go on without rules',
  },
  created: {
    title: '{name} is ready to connect',
    once: 'This key is shown only now. Copy it before you close this window; later it takes your password to see it.',
    done: 'I have copied the key',
  },
  apiKey: 'API key',
  masterToken: 'Master token',
  masterTokenHint: 'Give it to those who may follow this account.',
  apiKeyHint: 'The terminal signs in with it. Whoever has it can act as this account.',
  sizing: {
    title: 'Size of copies of {name}',
    text: 'Offered whenever this account begins to follow a master; you can still choose another size then. Masters it follows already keep theirs.',
  },
  rename: { title: 'Rename {name}', submit: 'Rename' },
  archive: {
    title: 'Archive {name}?',
    text: 'Its terminal is disconnected and its key stops working. Nothing is closed at the broker, and its history stays.',
    master: 'Its followers receive nothing more from it.',
    submit: 'Archive account',
  },
  rotate: {
    title: 'Replace the key of {name}?',
    text: 'The present key stops working at once and the terminal is disconnected, until you enter the new key there. Trades made in between are not copied.',
    submit: 'Replace key',
    doneTitle: 'New key of {name}',
  },
  reveal: {
    title: 'Show the key of {name}',
    text: 'Enter your password. Each time a key is shown is written down in the audit.',
    password: 'Your password',
    submit: 'Show key',
  },
  deactivate: {
    title: 'Switch {name} off?',
    text: 'Its terminal is disconnected and it neither sends nor receives trades until you switch it on again. Open positions stay open at the broker.',
    submit: 'Switch off',
  },
};

export const guide = {
  title: 'Connect the terminal',
  intro: 'Enter these in the inputs of the Expert Advisor.',
  steps: {
    attach:
      'Attach the {role, select, master {master} other {follower}} EA to a chart in {platform}.',
    allowMt5:
      'Under Tools → Options → Expert Advisors, add the server address to the allowed addresses.',
    allowMt4:
      'In the EA’s Common tab, tick “Allow DLL imports”: MetaTrader 4 connects through Windows’ socket library.',
    inputs: 'Enter server address, port and API key as shown here.',
    token:
      'Enter the master token of the account to follow, or leave it empty and follow on this page.',
    wait: 'The account turns online here within a few seconds.',
  },
  address: 'Server address',
  port: 'Port',
  noEa: 'Accounts of this platform have no Expert Advisor. Its trades can be kept in the journal.',
  firewall: 'If it stays offline, a firewall between terminal and server may block the port.',
};

export const choices = {
  adopt_inferred: {
    label: 'Find lost answers by itself',
    hint: 'When the answer to an order is lost and exactly one new position in the terminal fits, it is taken for the copy. Off: each such copy waits for your decision.',
  },
  close_with_partner: {
    label: 'Close with the partner',
    hint: 'When the partner’s position ends by itself, by its stop, by its broker or by hand, the master’s trade is closed too.',
    confirmTitle: 'Close trades of {name} with its partner?',
    confirm:
      'From now on, each position that the partner loses closes the master’s trade as well, at the price of that moment.',
    submit: 'Close with the partner',
  },
};
