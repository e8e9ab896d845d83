/** What a firm says about copying, where its rules are chosen and where somebody follows. */
export const copyPolicy = {
  title: 'What the firm says about copying',
  ways: {
    own_accounts: 'Between your own accounts',
    other_people: 'From or to other people',
    copier_programs: 'By a program or an EA',
  },
  stances: {
    allowed: 'allowed',
    restricted: 'allowed under conditions',
    forbidden: 'not allowed',
    not_established: 'not established',
  },
  notEstablished:
    '{firm}: what it says about copying is not established. Read your firm’s rules before copying.',
  readOn: 'Read on {date}; confidence: {confidence}. Read the page yourself before copying.',
  source: 'The firm’s page',
  sentence:
    '{firm} about copying: own accounts {own}; other people {others}; programs {programs}. Read <link>its page</link> before you follow.',
};
