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

/** The question before what was typed is lost. */
const unsaved = {
  title: 'Leave without saving?',
  text: 'What you typed here is not saved yet. It would be lost.',
  keep: 'Go on editing',
  lose: 'Discard it',
};

/** What small windows over any page say. */
export const finding = { keys, palette, unsaved };
