import { useTranslations } from 'use-intl';
import type { AccountRisk } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { Delta, Money, NoValue } from '@/components/figures';
import { Tile, Tiles } from '@/components/page';
import { Ago } from '@/components/time';

/** The figures that an account is judged by. */
export function AccountTiles({ risk }: { risk: AccountRisk }) {
  const t = useTranslations();
  const { balance, equity, today, currency, next_reset_at, phase, as_of, stale } = risk;
  const age = as_of ? <Ago at={as_of} /> : undefined;
  return (
    <Tiles>
      <Tile label={t('risk.account.equity')} hint={age}>
        <span className={stale ? 'text-muted' : ''}>
          <Money value={equity} currency={currency} />
        </span>
      </Tile>
      <Tile label={t('risk.account.balance')} hint={age}>
        <span className={stale ? 'text-muted' : ''}>
          <Money value={balance} currency={currency} />
        </span>
      </Tile>
      <Tile label={t('risk.account.today')}>
        {stale ? (
          <span className="text-muted">
            <Money value={today} currency={currency} />
          </span>
        ) : (
          <Delta value={today} currency={currency} />
        )}
      </Tile>
      <Tile label={t('risk.account.reset')} hint={phase?.day.tz}>
        {next_reset_at ? <Countdown at={next_reset_at} /> : <NoValue />}
      </Tile>
    </Tiles>
  );
}
