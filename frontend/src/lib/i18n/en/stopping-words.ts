/** What the windows of the red button say. */
export const stopping = {
  title: 'Stop copying',
  where: 'Where',
  scopes: { all: 'Everything', group: 'One group', account: 'One account' },
  scopeHints: {
    all: 'Every master and every follower of yours.',
    group: 'Every account that is in it.',
    account: 'A follower’s own copies, or what a master leads.',
  },
  account: 'Account',
  group: 'Group',
  what: 'What',
  actions: { stop_new: 'Stop new copies', flatten: 'Stop and close everything' },
  actionHints: {
    stop_new: 'Open copies stay and close when their master closes.',
    flatten: 'Every open copy is closed at the present price.',
  },
  consequence: {
    stop_new: 'From now on nothing new is copied, until you resume.',
    flatten:
      'From now on nothing new is copied, until you resume, and every open copy is closed now. This cannot be taken back.',
    group:
      'An account that is put into the group later is stopped too; one that is taken out copies again.',
    masters:
      'There is a master in the group: others who follow it receive nothing new either. Their open copies stay theirs.',
    master:
      'This is a master: others who follow it receive nothing new either. Their open copies stay theirs.',
  },
  verbs: { stop_new: 'Stop new copies', flatten: 'Close everything' },
  progressTitle: {
    stop_new: 'New copies are stopped',
    flatten: 'Closing every copy',
    resume: 'Copying goes on',
    close_account: 'Closing every copy of an account',
  },
  waiting: 'The worker is asked…',
  nothing: 'No copy was open.',
  done: 'Every copy is closed, and each terminal has confirmed it.',
  doneStop: 'Nothing new is copied from now on.',
  failed: 'This could not be done. The account may have been removed.',
  closed: '{done} of {total} closed',
  progressOf: 'Closed in {name}',
  unreachable: 'Not connected: its closes wait for the terminal. To be sure, close there by hand.',
  leave: 'You may close this window; it goes on. The strip above every page keeps you informed.',
  resumeTitle: 'Resume copying?',
  resumeConsequence: {
    all: 'From now on new trades are copied again. What was missed is not made up for. Accounts and groups that you stopped by themselves stay stopped.',
    group:
      'From now on new trades are copied again for the accounts of {name}. What was missed is not made up for. Accounts that are also stopped otherwise stay stopped.',
    account:
      'From now on new trades are copied again for {name}. What was missed is not made up for.',
  },
  /** After a guard acted. */
  resumeGuard:
    'From now on new trades are copied again; what was missed is not made up for. The guard stays on: it acts again when an account gets worse, or gets better and then bad again. As long as it stays as bad as now, the guard leaves your decision alone.',
  resumeVerb: 'Resume copying',
};
