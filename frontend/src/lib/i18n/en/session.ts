export const session = {
  tagline: 'One login, many trading accounts.',
  pitch:
    'Copy a master’s trades to your other accounts, see every copy arrive, and know why when one does not.',
  signIn: {
    title: 'Sign in',
    submit: 'Sign in',
    toRegister: 'New here? Create an account',
    forgot: 'Forgot your password?',
    expired: 'Your session ended. Sign in and you will be back where you were.',
  },
  register: {
    title: 'Create your account',
    submit: 'Create account',
    toSignIn: 'Have an account? Sign in',
    passwordHint: 'At least 12 characters. A few unrelated words are good.',
    inviteHint: 'Needed only if this server invites its users.',
  },
  email: 'E-mail address',
  password: 'Password',
  name: 'Your name',
  inviteCode: 'Invitation code',
};

/** What can be chosen before the sign-in too. */
export const preferences = {
  language: 'Language',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
};
