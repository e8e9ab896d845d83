/** Pages that explain. */
export const guides = {
  bingxGuide: {
    title: 'Connect BingX',
    intro: 'What a key is, how to make one that is safe, and what Flotilla does with it.',
    toConnections: 'To the connections',
    before: {
      title: 'Before you begin',
      account: 'You need a BingX account with perpetual futures opened, proven identity included.',
      demo: 'Begin with the demo: the same steps, virtual money. BingX gives it in the app under “Demo trading”.',
      own: 'Best is a sub-account that only Flotilla trades in. Position mode, margin and rate limits belong to the whole account, so what you trade there by hand shares them.',
    },
    steps: {
      title: 'Six steps',
      open: {
        title: 'Open API management',
        text: 'Sign in at bingx.com with a computer. In the menu of your account choose “API management”. Type the address yourself; never follow a link to it.',
      },
      create: {
        title: 'Create a key',
        text: 'Choose “Create API” and give it a name such as “Flotilla”, so that you know later what it is for. BingX sends a code to confirm.',
      },
      permissions: {
        title: 'Allow two things',
        text: 'Tick “Read” and “Perpetual futures trading”. Copying needs nothing else.',
      },
      withdraw: {
        title: 'Never allow withdrawals',
        text: 'Leave “Withdraw” and the transfers off. Flotilla refuses a key that can withdraw, so that nobody who steals it can take your money away.',
      },
      address: {
        title: 'Bind it to this server',
        text: 'Enter the address of this server in the key’s address list. A stolen key is then worthless anywhere else, and BingX does not delete the key after 14 idle days.',
      },
      copy: {
        title: 'Bring key and secret here',
        text: 'Copy both into the window “Connect BingX”. BingX shows the secret only once; if you lose it, delete the key and make another.',
      },
    },
    safety: {
      title: 'How the secret is kept',
      sealed:
        'It is encrypted before it is stored, each one by itself and bound to your account. Only the part of Flotilla that places orders can open it.',
      never:
        'It is never shown again, is in no log and in no answer of the API. Administrators cannot read it.',
      scope:
        'Flotilla reads balance, positions and orders, places and cancels orders, and sets the leverage you chose. It never moves money and never changes your position mode.',
      watch:
        'The key is tried every minute and its permissions are read daily. When it fails, nothing new is opened in that account and you get an alert; closing goes on being tried.',
      stop: 'To stop at once, delete the key at BingX. To stop in order, use the stop button here first: it closes what is open.',
    },
    check: {
      title: 'What is checked when you connect',
      permissions: 'Whether the key may read and trade, and cannot withdraw.',
      uid: 'Whether the BingX account is connected already. One account, one connection: two copiers would trade against each other.',
      mode: 'Position mode (one-way or hedge) and asset mode. Both are read, neither is changed. Multi-asset mode is not traded.',
      balance: 'The balance, so that you see the right account was connected.',
    },
    trading: {
      title: 'Then switch trading on',
      text: 'A new connection only reads. Copies become orders when you switch “Trade in this account” on, and you can switch it off at any time: open copies are still closed with their master.',
    },
    problems: {
      title: 'When it is refused',
      text: 'Flotilla says which of these it is.',
    },
  },
};
