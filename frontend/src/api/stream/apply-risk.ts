import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys';
import type { AccountRisk, GroupRisk, Page, RiskRoom, RiskSummary, RuleRisk } from '../types';
import type { StreamMessage } from './messages';

export type RiskMessage = Extract<StreamMessage, { type: `risk.${string}` | `guard.${string}` }>;

/** Kinds whose floors last longer than a day. */
const LASTING: readonly RuleRisk['kind'][] = ['max_total_loss', 'trailing_drawdown', 'min_equity'];

export function isRiskMessage(message: StreamMessage): message is RiskMessage {
  return message.type.startsWith('risk.') || message.type.startsWith('guard.');
}

/** Brings cached risk up to date; returns what should be read again. */
export function applyRisk(queries: QueryClient, message: RiskMessage): QueryKey[] {
  switch (message.type) {
    case 'risk.account':
      applyAccountRisk(queries, message.data);
      return [];
    case 'risk.group':
      applyGroupRisk(queries, message.data);
      return [];
    case 'risk.transition':
    case 'risk.stale':
      return [keys.risks, keys.risk(message.data.account_id)];
    case 'risk.violation': {
      const id = message.data.account_id;
      return [keys.risks, keys.risk(id), keys.violations(id), keys.riskHistory(id)];
    }
    case 'guard.tripped':
    case 'guard.resumed': {
      const id = message.data.scope_id;
      return [
        ...[keys.stop, keys.risks, keys.groupRisk(id), keys.risk(id)],
        ...[keys.guard(id), keys.guardTrips(id)],
      ];
    }
    case 'risk.reset': {
      const id = message.data.account_id;
      return [keys.risks, keys.risk(id), keys.riskDays(id)];
    }
  }
}

/** What came late is dropped: it would show an older state as the present one. */
function applyAccountRisk(queries: QueryClient, risk: AccountRisk): void {
  const before = queries.getQueryData<AccountRisk>(keys.risk(risk.account_id));
  if (before && Date.parse(before.computed_at) > Date.parse(risk.computed_at)) return;
  queries.setQueryData(keys.risk(risk.account_id), risk);
  patchSummaries(queries, (summary) =>
    summary.account_id === risk.account_id ? summarised(summary, risk) : summary,
  );
}

function applyGroupRisk(queries: QueryClient, group: GroupRisk): void {
  const before = queries.getQueryData<GroupRisk>(keys.groupRisk(group.group_id));
  if (before && before.seq > group.seq) return;
  queries.setQueryData(keys.groupRisk(group.group_id), group);
  const members = new Map(group.members.map((member) => [member.account_id, member]));
  patchSummaries(queries, (summary) => members.get(summary.account_id) ?? summary);
}

/** The list counts as read when it was read: messages tell of some of its accounts only. */
function patchSummaries(queries: QueryClient, patch: (summary: RiskSummary) => RiskSummary): void {
  const updatedAt = queries.getQueryState(keys.risks)?.dataUpdatedAt ?? 0;
  queries.setQueryData<Page<RiskSummary>>(
    keys.risks,
    (page) => page && { ...page, items: page.items.map(patch) },
    { updatedAt },
  );
}

/** The account in short, as the list of all accounts has it. */
function summarised(before: RiskSummary, risk: AccountRisk): RiskSummary {
  const { currency, status, reason, last_known_status, as_of, age_s, stale, disconnected } = risk;
  const { balance, equity, today, next_reset_at, weakest_rule_id } = risk;
  const weakest = risk.rules.find(({ rule_id }) => rule_id === weakest_rule_id);
  return {
    ...before,
    template_id: risk.phase?.template_id ?? null,
    ...{ currency, status, reason, last_known_status, as_of, age_s, stale, disconnected },
    ...{ balance, equity, today, next_reset_at },
    pause_ends_at: soonest(risk.rules.map(({ pause_ends_at }) => pause_ends_at)),
    weakest: weakest ? room(weakest) : null,
    daily: roomOf(risk, before.daily, ({ kind }) => kind === 'max_daily_loss'),
    total: roomOf(risk, before.total, ({ kind }) => LASTING.includes(kind)),
  };
}

function soonest(moments: readonly (string | null)[]): string | null {
  const known = moments.flatMap((at) => at ?? []);
  return known.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}

/** The only rule of a sort, or the one that the server had chosen of several. */
function roomOf(
  risk: AccountRisk,
  before: RiskRoom | null | undefined,
  isOne: (rule: RuleRisk) => boolean,
): RiskRoom | null {
  const rules = risk.rules.filter(isOne);
  const chosen =
    rules.find(({ rule_id }) => rule_id === risk.weakest_rule_id) ??
    rules.find(({ rule_id }) => rule_id === before?.rule_id) ??
    rules[0];
  return chosen ? room(chosen) : null;
}

function room(rule: RuleRisk): RiskRoom {
  const { rule_id, kind, unit, status, last_known_status, limit, floor } = rule;
  const { buffer, buffer_percent, locked, latched, next_reset_at } = rule;
  return {
    ...{ rule_id, kind, status, last_known_status, limit, floor },
    unit: unit === 'money' || unit === 'lots' ? unit : 'count',
    ...{ buffer, buffer_percent, locked, latched, next_reset_at },
  };
}
