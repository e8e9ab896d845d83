import type {
  AccountRisk,
  AccountRules,
  Deviation,
  GroupRisk,
  GuardState,
  InheritedMarks,
  RiskDefaults,
  RiskRule,
  RuleRisk,
} from '@/api/types';

const AT = '2026-11-20T12:00:00Z';

export function aRule(changes: Partial<RuleRisk> = {}): RuleRisk {
  return {
    rule_id: 'daily',
    kind: 'max_daily_loss',
    unit: 'money',
    limit: '5000',
    floor: '95000',
    reference: '100000',
    current: '96250',
    buffer: '1250',
    buffer_percent: '25',
    status: 'caution',
    last_known_status: 'caution',
    latched: false,
    violation: null,
    locked: null,
    suspected_breach: false,
    missing_stop: null,
    day: '2026-11-20',
    day_start_quality: 'exact',
    next_reset_at: null,
    pause_ends_at: null,
    thresholds: { caution: '50', critical: '20' },
    thresholds_from: { level: 'built_in', groups: [] },
    thresholds_money: null,
    ...changes,
  };
}

export function aGuardState(changes: Partial<GuardState> = {}): GuardState {
  return {
    guard: null,
    trip: null,
    holding: false,
    holding_accounts: [],
    crossed_accounts: [],
    ...changes,
  };
}

export function aRisk(changes: Partial<AccountRisk> = {}): AccountRisk {
  const rule = aRule();
  return {
    account_id: 'account-1',
    phase: {
      id: 'phase-1',
      version: 3,
      started_at: AT,
      starting_balance: '100000',
      day: { tz: 'Europe/Prague', reset: '00:00' },
      stale_after_s: 30,
      template_id: 'ftmo_2step_p1',
      template_size: 100000,
      confirmed_at: null,
    },
    currency: 'USD',
    status: 'caution',
    reason: null,
    last_known_status: 'caution',
    as_of: AT,
    age_s: 3,
    stale: false,
    disconnected: false,
    clock_skew: false,
    clock_ahead_ms: null,
    largest_gap_s: 4,
    balance: '100000',
    equity: '96250',
    today: '-3750',
    next_reset_at: null,
    weakest_rule_id: 'daily',
    rules: [rule],
    objectives: [],
    after_reset: [],
    stopped_out: null,
    figures: null,
    guard: aGuardState(),
    computed_at: AT,
    ...changes,
  };
}

type Summary = GroupRisk['members'][number];

export function aSummary(changes: Partial<Summary> = {}): Summary {
  const { rule_id, kind, status, last_known_status, limit, floor, buffer, buffer_percent } =
    aRule();
  const room = {
    ...{ rule_id, kind, status, last_known_status, limit, floor, buffer, buffer_percent },
    ...{ unit: 'money' as const, locked: null, latched: false, next_reset_at: null },
  };
  return {
    account_id: 'account-1',
    account_name: 'FTMO-3',
    template_id: 'ftmo_2step_p1',
    follows: [],
    copies_from: [],
    currency: 'USD',
    status: 'caution',
    reason: null,
    last_known_status: 'caution',
    as_of: AT,
    age_s: 3,
    stale: false,
    disconnected: false,
    balance: '100000',
    equity: '96250',
    today: '-3750',
    next_reset_at: null,
    guard_stopped: false,
    pause_ends_at: null,
    weakest: room,
    daily: room,
    total: null,
    ...changes,
  };
}

export function aGroupRisk(changes: Partial<GroupRisk> = {}): GroupRisk {
  return {
    group_id: 'group-1',
    group_name: 'Funded',
    base_currency: 'USD',
    overall_status: 'caution',
    weakest_account_id: 'account-1',
    weakest_account_name: 'FTMO-3',
    weakest_rule_id: 'daily',
    tied_with: [],
    rule_states: {
      max_daily_loss: {
        status: 'caution',
        weakest_account_id: 'account-1',
        weakest_account_name: 'FTMO-3',
        weakest_rule_id: 'daily',
        min_buffer: '1250',
        min_buffer_account_id: 'account-1',
        min_buffer_unit: 'money',
        min_buffer_percent: '25',
        min_buffer_percent_account_id: 'account-1',
        thresholds: { caution: '50', critical: '20' },
        members_without: [],
      },
    },
    objectives: {},
    min_percent: { account_id: 'account-1', account_name: 'FTMO-3', value: '25' },
    min_money: { account_id: 'account-1', account_name: 'FTMO-3', value: '1250' },
    gate: 'warn',
    complete: true,
    stale_members: [],
    unknown_members: [],
    missing_rates: [],
    rates: [],
    required_rules: null,
    deviations: [],
    deviations_total: 0,
    deviating_accounts: [],
    members: [aSummary()],
    guard: aGuardState(),
    next_reset_at: null,
    as_of: AT,
    timestamp: AT,
    seq: 1,
    ...changes,
  };
}

export function someInheritedMarks(changes: Partial<InheritedMarks> = {}): InheritedMarks {
  return {
    thresholds: {
      money: { caution: '50', critical: '20' },
      count: { caution: '25', critical: '0' },
    },
    money_from: { level: 'built_in', groups: [] },
    count_from: { level: 'built_in', groups: [] },
    ...changes,
  };
}

/** Of an account that has none yet. */
export function noRules(): AccountRules {
  const inherited = someInheritedMarks();
  return {
    version: 0,
    phase_id: null,
    started_at: null,
    currency: 'USD',
    starting_balance: null,
    day: { tz: 'Europe/Prague', reset: '00:00' },
    stale_after_s: 30,
    thresholds: inherited.thresholds,
    own_thresholds: { money: null, count: null },
    inherited,
    rules: [],
    template_id: null,
    template_size: null,
    confirmed_at: null,
  };
}

/** Four numbers, and the rules that the server makes of them. */
export function someDefaults(changes: Partial<RiskDefaults> = {}): RiskDefaults {
  const limit = (value: string) => ({ type: 'percent', value, of: 'initial' }) as const;
  const rules: RiskRule[] = [
    { id: 'positions', kind: 'max_open_positions', severity: 'soft', cap: '2' },
    { id: 'risk_per_trade', kind: 'max_risk_per_trade', severity: 'soft', limit: limit('2') },
    { id: 'daily', kind: 'max_daily_loss', limit: limit('5'), reference: 'max' },
    { id: 'total', kind: 'max_total_loss', limit: limit('15') },
  ];
  return {
    max_open_positions: 2,
    risk_per_trade_percent: '2',
    daily_loss_percent: '5',
    max_drawdown_percent: '15',
    thresholds: null,
    version: 0,
    rules,
    ...changes,
  };
}

export function aDeviation(changes: Partial<Deviation> = {}): Deviation {
  return {
    account_id: 'account-1',
    account_name: 'FTMO-3',
    rule_id: 'daily',
    kind: 'max_daily_loss',
    deviation: 'looser',
    field: 'limit',
    unit: 'money',
    currency: 'USD',
    actual_rule_id: 'own_daily',
    required: '5000',
    actual: '6000',
    ...changes,
  };
}
