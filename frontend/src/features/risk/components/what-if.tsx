import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CopySettings, GroupRisk, RiskSummary } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { TextField } from '@/components/ui/field';
import { whatIfQuery } from '../queries';
import { type Copying, copyingBy, isGood, questionOf, SAME } from '../what-if';
import { WhatIfAnswer } from './what-if-answer';
import { WhatIfEach } from './what-if-each';
import { WhatIfSlider } from './what-if-slider';

interface WhatIfProps {
  group: GroupRisk;
  /** Settings of accounts for each master that they follow, once they were read. */
  useSettingsOf: (accountIds: string[]) => Map<string, CopySettings[]>;
}

const NOBODY: string[] = [];
const isFollower = ({ copies_from }: RiskSummary): boolean => copies_from.length > 0;

/** How large the next trade may be, so that no account reaches critical when all are stopped out. */
export function WhatIfPanel({ group, useSettingsOf }: WhatIfProps) {
  const t = useTranslations('risk.whatIf');
  // Settings are read for whoever asks, not for everybody who looks at the page.
  const [isAsked, setAsked] = useState(false);
  const [losses, setLosses] = useState<Record<string, string>>({});
  const [typed, setTyped] = useState<Record<string, Partial<Copying>>>({});
  const [lots, setLots] = useState<string | null>(null);
  const [symbol, setSymbol] = useState('');

  const { members } = group;
  const followers = members.filter(isFollower).map(({ account_id }) => account_id);
  const settings = useSettingsOf(isAsked ? followers : NOBODY);
  const currencies = [...new Set(members.map(({ currency }) => currency))].sort();
  const copying = (member: RiskSummary): Copying => ({
    ...SAME,
    ...(isFollower(member) && copyingBy(settings.get(member.account_id) ?? [])),
    risk: losses[member.currency] ?? '',
    ...typed[member.account_id],
  });
  const question = questionOf(members, copying, { lots, symbol });
  const answer = useQuery(whatIfQuery(group.group_id, question));
  const unknown = members.filter(
    (member) => settings.has(member.account_id) && copying(member).ratio === '',
  );

  return (
    <Card title={t('title')}>
      <p className="mb-3 text-muted text-pretty text-sm">{t('hint')}</p>
      <div className="flex flex-col gap-4">
        {currencies.map((currency) => (
          <TextField
            key={currency}
            label={currencies.length > 1 ? t('riskIn', { currency }) : t('risk')}
            hint={currency === currencies.at(-1) ? t('riskHint') : undefined}
            inputMode="decimal"
            autoComplete="off"
            onFocus={() => setAsked(true)}
            onChange={(event) => setLosses({ ...losses, [currency]: event.target.value })}
            error={!losses[currency] || isGood(losses[currency]) ? undefined : 'not_positive'}
          />
        ))}
        <TextField
          label={t('symbol')}
          hint={t('symbolHint')}
          autoComplete="off"
          maxLength={64}
          onChange={(event) => setSymbol(event.target.value)}
        />
        <p className="text-muted text-pretty text-sm">{t('assumed')}</p>
        {unknown.length > 0 && (
          <p role="status" className="text-caution text-pretty text-sm">
            {t('unknownRatio', { names: unknown.map((each) => each.account_name).join(', ') })}
          </p>
        )}
        <WhatIfEach
          members={members}
          copying={copying}
          isNeeded={unknown.length > 0}
          onOpen={() => setAsked(true)}
          onChange={(id, change) => setTyped({ ...typed, [id]: change })}
        />
        {answer.data && question && (
          <WhatIfSlider answer={answer.data} lots={lots} onChange={setLots} />
        )}
        <ProblemText error={answer.error} />
        {answer.data && question && (
          <WhatIfAnswer
            answer={answer.data}
            group={group}
            lots={lots}
            isOfBefore={answer.isPlaceholderData}
            ratioOf={(member) => copying(member).ratio}
          />
        )}
      </div>
    </Card>
  );
}
