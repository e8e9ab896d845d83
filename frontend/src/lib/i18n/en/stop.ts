/** What the frame says of the red button and of what is stopped. */
export const stop = {
  button: 'Stop copying',
  short: 'Stop',
  banner: {
    all: 'Copying is stopped for every account.',
    group: 'Copying is stopped for the group {name}.',
    account: 'Copying is stopped for {name}.',
  },
  bannerGuard: 'The guard of <place></place> stopped copying: {what}.',
  bannerHint: 'Closes still go through.',
  bannerProgress: 'Closing copies: {done} of {total} confirmed.',
  showProgress: 'Show progress',
  since: 'since <at></at>',
  resume: 'Resume',
  resumeNamed: 'Resume {name}',
  resumeAll: 'Resume every account',
};
