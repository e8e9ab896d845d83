/** Names of cached answers. The stream changes them, the features read them. */
export const keys = {
  me: ['me'],
  status: ['status'],
  accounts: ['accounts'],
  account: (accountId: string) => ['account', accountId],
  subscriptions: (accountId: string) => ['account', accountId, 'subscriptions'],
  followers: (accountId: string) => ['account', accountId, 'followers'],
  signals: (accountId: string) => ['account', accountId, 'signals'],
  copies: (accountId: string) => ['account', accountId, 'copies'],
  copy: (copyId: string) => ['copy', copyId],
  trades: ['trades'],
  alerts: ['alerts', 'list'],
  unread: ['alerts', 'unread'],
  stop: ['stop'],
  operation: (operationId: string) => ['stop', operationId],
} as const satisfies Record<string, readonly string[] | ((id: string) => readonly string[])>;
