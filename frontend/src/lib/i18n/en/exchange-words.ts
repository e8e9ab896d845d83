/** What any page says of an account at an exchange. */
export const venue = {
  live: 'Live',
  liveHint: 'Real money at {platform}.',
  demo: 'DEMO',
  demoHint: 'The exchange’s demo: virtual money.',
  simulated: 'Simulated',
  simulatedHint: 'Filled by Flotilla at the prices of the market. No exchange, no money.',
  simulatedExchange: 'A simulator stands in for the exchange. No real prices, no money.',
  states: {
    pending: 'Key is checked',
    verified: 'Connected',
    failed: 'Key fails',
    none: 'Not connected',
  },
  checked: 'checked <age></age>',
  neverChecked: 'not checked yet',
  polled: 'read every {seconds} s',
  toConnection: 'Connection',
};
