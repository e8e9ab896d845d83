export const riskReporter = {
  back: 'Risk of {name}',
  title: 'Set up the Reporter',
  intro:
    'A small EA that runs beside yours and only reports: balance, equity and positions. It cannot trade.',
  how: 'In five steps',
  steps: {
    folder: 'In the terminal choose File, Open Data Folder. Put the file into {folder}.',
    compile: 'Open it in MetaEditor and press Compile.',
    allow5:
      'Choose Tools, Options, Expert Advisors. Tick “Allow WebRequest for listed URL” and add {address}, without a port.',
    allow4:
      'MetaTrader 4 needs “Allow DLL imports”: tick it when you attach the Reporter. It is for the connection to {address} only.',
    attach:
      'Open one more chart of any symbol, since one chart holds one EA, and drag FlotillaReporter onto it.',
    inputs:
      'Enter ServerHost and ServerPort as below, and as ApiKey the key of this account: your other EA has the same, and it is under Keys on the account’s dashboard.',
  },
  download: 'Download {file}',
  source: 'Source code, {size} kB: read it before you run it.',
  checksum: 'Checksum (SHA-256)',
  address: 'ServerHost',
  port: 'ServerPort',
  harmless: 'The Reporter has no trading functions. Your other EA stays as it is.',
  state: 'Connection',
  waiting: 'Waiting for your EA…',
  waitingFigures: 'Your terminal is connected. Waiting for the first figures…',
  needsRules: 'The account has no rules yet, so nobody judges them.',
  connected: 'Connected. Figures from <age></age>.',
  noEa: 'This account is on an exchange: no EA is needed.',
};
