import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { Account, AccountRisk } from '@/api/types';
import { Delta } from '@/components/figures';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Ago } from '@/components/time';
import { isVenue } from '@/lib/venues';

/** What can be said of an account that reports nothing: never more than an estimate. */
export function Estimate({ risk, account }: { risk: AccountRisk; account: Account }) {
  const t = useTranslations();
  const { figures, currency } = risk;
  if (!figures) return null;
  const { floating_profit: floating, positions, unpriced, as_of: asOf } = figures;
  return (
    <div className="my-4">
      <Card
        title={t('risk.estimate.floating')}
        aside={
          <span className="mr-2">
            <Pill tone="stale">{t('risk.estimate.title')}</Pill>
          </span>
        }
      >
        <p className="font-semibold text-lg">
          <Delta value={floating} currency={currency} />
        </p>
        <p className="text-muted text-sm">
          {unpriced > 0
            ? t('risk.estimate.unpriced', { count: unpriced })
            : t.rich('risk.estimate.from', { count: positions, age: () => <Ago at={asOf} /> })}
        </p>
        {!isVenue(account) && (
          <>
            <p className="mt-3 text-pretty">{t('risk.estimate.hint')}</p>
            <p className="mt-2">
              <Link
                to="/risk/$accountId/reporter"
                params={{ accountId: account.id }}
                className="text-accent underline underline-offset-2"
              >
                {t('risk.first.toReporter')}
              </Link>
            </p>
          </>
        )}
      </Card>
    </div>
  );
}
