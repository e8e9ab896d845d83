export const riskGuard = {
  title: 'Guard',
  titleOf: 'Guard of {name}',
  hint: {
    group:
      'What happens by itself when any account of the group gets close to a line or crosses it.',
    account: 'What happens by itself when this account gets close to a line or crosses it.',
  },
  setUp: 'Set up',
  change: 'Change',
  history: 'What it did',
  never: 'It has not acted yet.',
  what: 'What it does',
  choices: {
    off: 'Off',
    notify: 'Tell me',
    stop_new: 'Stop new copies',
    close_all: 'Stop and close everything',
  },
  choiceHints: {
    off: 'Nothing happens by itself. You see it here, and alerts tell you of it.',
    notify: 'You get an alert. Copying goes on.',
    stop_new: 'You get an alert and nothing new is copied until you resume. Open copies stay.',
    close_all:
      'You get an alert, nothing new is copied until you resume, and every open copy is closed at the present price.',
  },
  when: 'From which status on',
  marks: {
    caution: 'Early: half is used.',
    critical: 'Late: a fifth is left.',
    violated: 'Too late to save it.',
  },
  blind:
    'While figures are old or missing nobody can judge, so nothing new is copied then either. That ends by itself.',
  blindNow: 'At this moment it cannot see {names}.',
  standing: 'Already there: {names}.',
  atOnce: {
    notify: 'You get an alert as soon as you save.',
    stop_new: 'As soon as you save, nothing new is copied for {name} until you resume.',
    close_all:
      'As soon as you save, every open copy of {name} is closed at the present price, and nothing new is copied until you resume.',
  },
  sure: {
    group:
      'As soon as any account of {name} is at “{status}”, every open copy of the whole group is closed without asking you.',
    account:
      'As soon as {name} is at “{status}”, every open copy of it is closed without asking you.',
  },
  sureHint:
    'Closing cannot be taken back, and the price is whatever it is at that moment. Trades that were not copied are never touched.',
  sureVerb: 'Turn on closing',
  sureNowVerb: 'Close everything now',
  stopNowVerb: 'Stop new copies now',
  back: 'Back',
  says: {
    off: {
      group: 'Off: nothing happens by itself when an account of the group gets close to a line.',
      account: 'Off: nothing happens by itself when the account gets close to a line.',
    },
    notify: {
      group: 'You are told when an account of the group reaches “{status}”. Copying goes on.',
      account: 'You are told when the account reaches “{status}”. Copying goes on.',
    },
    stop_new: {
      group:
        'When an account of the group reaches “{status}”, nothing new is copied in the whole group until you resume.',
      account: 'When the account reaches “{status}”, nothing new is copied until you resume.',
    },
    close_all: {
      group:
        'When an account of the group reaches “{status}”, every open copy of the group is closed, and nothing new is copied until you resume.',
      account:
        'When the account reaches “{status}”, every open copy of it is closed, and nothing new is copied until you resume.',
    },
  },
  acted: 'The guard acted:',
  tripped: '{account}, {rule}: {status}.',
  trippedAlone: '{account}: {status}.',
  did: {
    stop_new: {
      group: 'Nothing new is copied in {name} since <at></at>. Open copies stay and can be closed.',
      account:
        'Nothing new is copied for {name} since <at></at>. Open copies stay and can be closed.',
    },
    close_all: {
      group:
        'Nothing new is copied in {name} since <at></at>, and its open copies are being closed.',
      account:
        'Nothing new is copied for {name} since <at></at>, and its open copies are being closed.',
    },
  },
  past: {
    notify: 'You were told.',
    stop_new: 'New copies were stopped.',
    close_all: 'Everything was closed.',
  },
  stands: 'still stands',
  resumedBy: 'resumed by {name} on <at></at>',
  replaced: 'followed by a stronger action on <at></at>',
  resume: 'Resume…',
  resumeTitle: 'Resume copying for {name}?',
  resumeVerb: 'Resume copying',
  holding: 'New copies are held back.',
  holdingGroup:
    'The guard has no fresh figures of {names}. It ends by itself as soon as they arrive. Closing goes on.',
  holdingAccount:
    'The guard has no fresh figures. It ends by itself as soon as they arrive. Closing goes on.',
};
