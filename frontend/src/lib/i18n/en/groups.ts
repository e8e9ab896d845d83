export const groups = {
  title: 'Groups',
  intro: 'Accounts that belong together, stopped with one press.',
  board: 'Open the risk board',
  add: 'New group',
  create: 'Create group',
  name: 'Name',
  nameHint: 'A trade that is not copied because the group is stopped tells this name.',
  empty: 'No groups yet',
  emptyHint:
    'Put accounts together that belong together, such as those of one firm or one client. In an emergency you stop new copies in the whole group, or close everything in it, with one press, and all other accounts go on. An account may be in several groups.',
  stopped: 'Copying stopped',
  noAccounts: 'No account is in this group yet.',
  accountsOf: 'Accounts of {name}',
  account: 'Account',
  addAccount: 'Add account',
  addAccountTo: 'Add an account to {name}',
  joinsStopped:
    'Copying is stopped for this group: the account copies nothing new from now on. What it has open stays open.',
  stop: 'Stop copying…',
  rename: 'Rename',
  renameTitle: 'Rename {name}',
  delete: 'Delete group',
  deleteTitle: 'Delete {name}?',
  deleteText: 'Its accounts stay, and so does everything they have open.',
  deleteStopped:
    'Copying is stopped for this group. Resume it first: deleting it would let its accounts copy again.',
  remove: 'Take out',
  removeNamed: 'Take {name} out of the group',
  removeTitle: 'Take {account} out of {name}?',
  removeText: 'The account itself stays as it is.',
  removeStopped:
    'Copying is stopped for this group. Outside of it the account copies new trades again, unless something else stops it.',
};
