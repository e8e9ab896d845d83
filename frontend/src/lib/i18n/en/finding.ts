/** What single keys do. */
const keys = {
  title: 'What the keys do',
  isOn: 'Single keys act',
  everywhere: 'On every page',
  journal: 'In the journal',
  names: {
    search: 'Go to an account, a group or a page',
    help: 'Show this list',
    close: 'Close what is open',
    next: 'To the next trade',
    previous: 'To the trade before',
    open: 'Open the trade',
    choose: 'Choose the trade',
    find: 'To the filter of symbols',
    add: 'Add a trade',
  },
};

/** The search for whatever has a name. */
const palette = {
  title: 'Go to',
  label: 'Name of an account, a group, a page or an action',
  hint: 'Begin to type a name',
  nothing: 'Nothing has this name.',
  kinds: { pages: 'Page', accounts: 'Account', groups: 'Group', actions: 'Action' },
};

/** What the windows of the keyboard say. */
export const finding = { keys, palette };
