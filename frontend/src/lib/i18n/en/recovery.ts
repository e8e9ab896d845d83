/** What links in mails lead to, and how one gets them. */
export const recovery = {
  forgot: {
    title: 'Forgot your password?',
    intro:
      'Enter the address you sign in with. We send you a link with which you set a new password.',
    submit: 'Send the link',
    sent: 'Look into your mailbox',
    sentText:
      'If somebody signs in with {email}, a mail is on its way to it. Its link works once, for 30 minutes.',
    sentHint:
      'No mail after a few minutes? Look into the spam folder, and check that this is the address you signed up with.',
    again: 'Use another address',
    toSignIn: 'Back to the sign-in',
  },
  reset: {
    title: 'Set a new password',
    intro: 'All devices are signed out, and your keys for programs and share links stop working.',
    password: 'New password',
    submit: 'Set this password',
    done: 'Your password is changed',
    doneText: 'Sign in with the new one. We have sent you a mail that tells of the change.',
    signIn: 'Sign in',
  },
  verify: {
    title: 'Confirm your e-mail address',
    intro: 'With one press you confirm that mail to this address reaches you.',
    submit: 'Confirm this address',
    done: 'The address is confirmed',
    doneText: 'You sign in with {email}. If you forget your password, the way back leads there.',
    goOn: 'Go to Flotilla',
  },
  broken: {
    title: 'This link does not work',
    text: 'It was used already, is too old, or a part of it is missing. Each link works once.',
    reset: 'Ask for a new link',
    verify: 'Ask for a new mail in the settings',
  },
};
