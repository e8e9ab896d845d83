const screenshots = {
  title: 'Screenshots',
  hint: 'Drop pictures here, paste one with Ctrl+V, or choose files: PNG, JPEG or WebP, up to 5 MiB each, {most} per trade.',
  none: 'No screenshots yet',
  add: 'Add screenshots',
  full: 'This trade has {most} screenshots, the most it can have. Delete one to add another.',
  sending: 'Sending {at} of {count}…',
  picture: 'Screenshot {at} of {count}',
  open: 'Open screenshot {at}',
  unseen: 'This picture could not be loaded.',
  previous: 'Previous screenshot',
  next: 'Next screenshot',
  keys: 'Arrow keys go to the other screenshots, Esc closes.',
  delete: 'Delete',
  deleteNamed: 'Delete screenshot {at}',
  removeNamed: 'Remove screenshot {at}',
  unsent: 'The trade is added, these screenshots are not yet. Nothing else has to be told again.',
  sendAgain: 'Send again',
  deleteTitle: 'Delete this screenshot?',
  deleteText: 'It is gone for good; the trade stays as it is.',
  faults: {
    kind: '{name} is neither PNG, JPEG nor WebP.',
    size: '{name} is larger than 5 MiB.',
    empty: '{name} is empty.',
    many: '{name} is one too many: a trade has at most {most} screenshots.',
    busy: '{name} came while others were being sent. Add it again.',
    broken: '{name} is damaged, or no PNG, JPEG or WebP file.',
    quota:
      '{name} does not fit: your space for screenshots is full. Delete some that you no longer need.',
    other: '{name} was not added. {reason}',
  },
};

/** What is said of pictures of trades. */
export const picturing = { screenshots };
