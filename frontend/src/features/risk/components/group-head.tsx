import { useTranslations } from 'use-intl';
import type { GroupRisk } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { Money, NoValue } from '@/components/figures';
import { Tile, Tiles } from '@/components/page';
import { Ago } from '@/components/time';
import { useShownGate } from './gate';
import { Pills } from './group-brief';
import { PercentLeft } from './room';
import { WeakestSentence } from './weakest-sentence';

/** The head of a risk board: the sentence, then the smallest figures with their owners. */
export function GroupHead({ group }: { group: GroupRisk }) {
  const t = useTranslations('risk.group');
  const words = useTranslations('riskWords');
  const gate = useShownGate(group.gate);
  const { min_percent, min_money, missing_rates, as_of, next_reset_at } = group;
  const resets =
    next_reset_at && group.members.find((member) => member.next_reset_at === next_reset_at);
  return (
    <>
      <section
        aria-label={t('summary')}
        className="mb-4 flex flex-col gap-3 rounded-card border border-line bg-surface-1 p-4"
      >
        <Pills group={group} />
        <WeakestSentence group={group} />
        <p className="text-muted text-pretty text-sm">{words(`gateHint.${gate}`)}</p>
      </section>
      <Tiles>
        <Tile label={t('minPercent')} hint={min_percent?.account_name}>
          <PercentLeft value={min_percent?.value} />
        </Tile>
        <Tile
          label={t('minMoney')}
          hint={
            min_money?.account_name ??
            (missing_rates.length > 0
              ? t('noRate', { currencies: missing_rates.join(', '), base: group.base_currency })
              : undefined)
          }
        >
          <Money value={min_money?.value} currency={group.base_currency} />
        </Tile>
        <Tile label={t('oldest')}>{as_of ? <Ago at={as_of} /> : <NoValue />}</Tile>
        <Tile label={t('nextReset')} hint={resets ? resets.account_name : undefined}>
          {next_reset_at ? <Countdown at={next_reset_at} /> : <NoValue />}
        </Tile>
      </Tiles>
    </>
  );
}
