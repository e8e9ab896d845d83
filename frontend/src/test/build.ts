import type {
  Account,
  Alert,
  Copy,
  ExchangeKey,
  Group,
  Operation,
  Position,
  PublicMaster,
  Session,
  Subscription,
  Trade,
  User,
} from '@/api/types';

const AT = '2026-11-20T12:00:00Z';

export function aUser(changes: Partial<User> = {}): User {
  return {
    id: '0193-user',
    email: 'nok@example.com',
    name: 'Nok',
    role: 'trader',
    email_verified: false,
    language: 'en',
    time_zone: 'Asia/Bangkok',
    created_at: AT,
    last_login_at: null,
    ...changes,
  };
}

export function aSession(changes: Partial<User> = {}): Session {
  return { user: aUser(changes), access_token: 'token', token_type: 'Bearer', expires_in: 600 };
}

export function anAccount(changes: Partial<Account> = {}): Account {
  return {
    id: 'account-1',
    name: 'Gold master',
    platform: 'mt5',
    copy_role: 'master',
    copy_mode: 'PUBSUB',
    master_token: 'MST-0123456789abcdef0123456789abcdef',
    api_key_prefix: 'sk_live_ab12',
    following_id: null,
    partner_id: null,
    needs_approval: null,
    is_active: true,
    is_primary: false,
    online: false,
    last_seen_at: null,
    currency: 'USD',
    starting_balance: null,
    balance: '10000',
    equity: '10012.5',
    figures_at: AT,
    capital_level: null,
    risk_tolerance: null,
    external_id: null,
    trading_enabled: false,
    adopt_inferred: true,
    close_with_partner: false,
    paper_slippage: null,
    default_sizing: null,
    is_public: false,
    slug: null,
    description: null,
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

/** A group of the accounts given. */
export function aGroup(accounts: Group['accounts'] = [], changes: Partial<Group> = {}): Group {
  return {
    id: 'group-1',
    name: 'Funded',
    user_id: '0193-user',
    base_currency: 'USD',
    account_ids: accounts.map(({ id }) => id),
    accounts: accounts.map(({ id, name }) => ({ id, name })),
    version: 1,
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

export function aTrade(changes: Partial<Trade> = {}): Trade {
  return {
    id: 'trade-1',
    account_id: 'account-1',
    source: 'ea',
    symbol: 'XAUUSD',
    direction: 'LONG',
    asset_type: 'forex',
    option_type: null,
    quantity: '0.2',
    multiplier: null,
    entry_price: '2030.5',
    exit_price: null,
    entry_at: AT,
    exit_at: null,
    stop_loss: null,
    take_profit: null,
    fees: '0',
    swap: '0',
    pnl: null,
    pnl_source: null,
    pnl_percent: null,
    r_multiple: null,
    floating_pnl: null,
    floating_pnl_estimated: false,
    floating_pnl_unknown: 'no_price',
    status: 'open',
    external_id: '1001',
    copy_id: null,
    tags: [],
    notes: null,
    executions: [],
    ...changes,
  };
}

export function aCopy(changes: Partial<Copy> = {}): Copy {
  return {
    id: 'copy-1',
    signal_id: 'signal-1',
    master_account_id: 'account-1',
    follower_account_id: 'account-2',
    follower_name: 'Follower one',
    symbol: 'XAUUSD',
    side: 'BUY',
    state: 'open',
    reason: null,
    master_ticket: '1001',
    follower_ticket: '880001',
    master_lots: '0.2',
    desired_lots: '0.1',
    open_lots: '0.1',
    opened_lots: '0.1',
    quantity: '0.1',
    quantity_unit: 'lots',
    master_price: '2030.4',
    open_price: '2030.52',
    close_price: null,
    stop_loss: null,
    take_profit: null,
    pnl: null,
    floating_pnl: null,
    floating_pnl_estimated: false,
    floating_pnl_unknown: 'no_price',
    latency_ms: { read_to_commit: '3', commit_to_send: '9', send_to_ack: '412' },
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  return {
    id: 'subscription-1',
    follower_account_id: 'account-2',
    master_account_id: 'account-1',
    master_name: 'Gold master',
    source: 'web',
    state: 'active',
    settings: {
      sizing: { mode: 'same', value: '1' },
      min_lots: null,
      max_lots: null,
      lot_step: null,
      sides: 'both',
      reverse: false,
      copy_sl_tp: true,
      on_partial: 'close',
      symbol_map: {},
      strip_suffix: null,
      add_suffix: null,
      allow_symbols: null,
      deny_symbols: null,
      max_open_copies: null,
      max_age_s: 5,
      max_deviation: null,
      units_per_lot: {},
    },
    created_at: AT,
    updated_at: AT,
    ended_at: null,
    ...changes,
  };
}

export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    id: 'alert-1',
    kind: 'open_refused',
    severity: 'warning',
    account_id: 'account-2',
    copy_id: 'copy-1',
    detail: { symbol: 'XAUUSD', side: 'BUY', master_ticket: '1001', words: 'Not enough money' },
    times_seen: 1,
    first_at: AT,
    last_at: AT,
    resolved_at: null,
    read_at: null,
    ...changes,
  };
}

export function anOperation(changes: Partial<Operation> = {}): Operation {
  return {
    id: 'operation-1',
    action: 'flatten',
    scope: 'all',
    account_id: null,
    group_id: null,
    state: 'running',
    done: 1,
    total: 3,
    accounts: [
      { account_id: 'account-2', name: 'Follower one', done: 1, total: 1, reachable: true },
      { account_id: 'account-3', name: 'Follower two', done: 0, total: 2, reachable: false },
    ],
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

export function aMaster(changes: Partial<PublicMaster> = {}): PublicMaster {
  return {
    slug: 'steady-gold',
    name: 'Steady gold',
    description: 'Gold, a few trades a week.',
    platform: 'mt5',
    currency: 'USD',
    copy_mode: 'PUBSUB',
    needs_approval: false,
    followers: 12,
    trades: 40,
    win_rate: '0.625',
    total_pnl: '1250.5',
    max_drawdown: { money: '310', percent: '0.031' },
    since: AT,
    updated_at: AT,
    ...changes,
  };
}

/** A key that works, of the demo. */
export function anExchangeKey(changes: Partial<ExchangeKey> = {}): ExchangeKey {
  return {
    account_id: 'account-2',
    environment: 'demo',
    simulated: false,
    status: 'verified',
    is_replacing: false,
    permissions: ['read', 'perpetual'],
    ip_restricted: true,
    uid_hint: '…4821',
    account_type: 'perpetual',
    position_mode: 'one_way',
    leverage: 5,
    leverage_set_at: null,
    margin: { asset: 'VST', balance: '10000', available: '9876.5' },
    last_verified_at: AT,
    last_checked_at: AT,
    last_error: null,
    polled_every_s: null,
    egress_addresses: ['203.0.113.7'],
    created_at: AT,
    updated_at: AT,
    ...changes,
  };
}

/** A position at an exchange that nothing here has opened. */
export function aPosition(changes: Partial<Position> = {}): Position {
  return {
    account_id: 'account-2',
    symbol: 'BTC-USDT',
    direction: 'LONG',
    quantity: '0.01',
    quantity_unit: 'coins',
    copy_id: null,
    trade_id: null,
    is_foreign: true,
    average_price: '109000',
    mark_price: '109250.5',
    unrealised_pnl: '2.505',
    leverage: '5',
    liquidation_price: '87650',
    read_at: AT,
    age_s: 2,
    ...changes,
  };
}
