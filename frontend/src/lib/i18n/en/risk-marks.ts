/** Marks at which a limit becomes caution and critical, and who sets them. */
export const riskMarks = {
  title: 'When to warn',
  titleOf: 'When to warn: {name}',
  hint: {
    account: 'From how much room on a limit of this account is caution, and critical.',
    group:
      'For accounts of this group that have none of their own. An account in several groups is warned as early as any of them asks.',
    tenant: 'For every account, unless the account or one of its groups says otherwise.',
  },
  empty: {
    account:
      'Percent of the limit that is left. Empty fields follow the groups of the account, then your own defaults.',
    group: 'Percent of the limit that is left. Empty fields follow your own defaults.',
    tenant: 'Percent of the limit that is left. Empty fields follow what Flotilla begins with.',
  },
  classes: {
    money: 'Limits in money',
    count: 'Limits on positions, lots and trades',
  },
  value: 'caution from {caution} %, critical from {critical} %',
  preview: 'Caution from {caution} % left, critical from {critical} % left',
  fields: { caution: 'Caution, %', critical: 'Critical, %' },
  own: {
    account: 'Set for this account',
    group: 'Set for this group',
    tenant: 'Set by you for every account',
  },
  from: {
    rule: 'Set for this rule',
    account: 'Set for this account',
    group: '{count, plural, one {Set for the group {names}} other {Set for the groups {names}}}',
    tenant: 'From your own defaults',
    built_in: 'As Flotilla begins: nobody set others',
  },
  guards: {
    hint: 'Guards that act at caution or critical go by these marks: with others they may stop copying or close positions at once.',
    sure: '{count, plural, one {One account goes by these marks and has a guard that acts} other {# accounts go by these marks and have guards that act}} at caution or critical.',
    unknown: 'Whether guards act by these marks is not known.',
    atOnce:
      'As soon as you save, a guard may stop copying until you resume, for the account or its whole group.',
    closing:
      'For {count, plural, one {one of them a guard also closes} other {# of them guards also close}} every open copy at the present price. That cannot be taken back.',
    sureVerb: 'Save, guards may act',
  },
  change: 'Change marks',
};
