import { Link } from '@tanstack/react-router';
import { ClockAlert, PlugZap, ShieldPlus } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, AccountRisk } from '@/api/types';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Empty } from '@/components/states';
import { Ago } from '@/components/time';
import { Button, buttonClass } from '@/components/ui/button';

const NewPhase = lazy(async () => ({ default: (await import('./new-phase')).NewPhase }));

/** What is missing before an account can be judged, and what to do about it. */
export function FirstSteps({ risk, account }: { risk: AccountRisk; account: Account }) {
  const t = useTranslations('risk.first');
  const words = useTranslations('riskWords');
  const [isChoosing, setChoosing] = useState(false);
  const [isOfDefaults, setOfDefaults] = useState(false);
  function choose(ofDefaults: boolean): void {
    setOfDefaults(ofDefaults);
    setChoosing(true);
  }
  if (!risk.phase) {
    return (
      <>
        <Card isFlush>
          <Empty
            icon={ShieldPlus}
            title={t('noRules')}
            hint={t('noRulesHint')}
            action={
              <div className="flex flex-wrap justify-center gap-2">
                <Button look="primary" onClick={() => choose(false)}>
                  {t('choose')}
                </Button>
                <Button onClick={() => choose(true)}>{t('defaults')}</Button>
              </div>
            }
          />
        </Card>
        <Later isWanted={isChoosing}>
          <NewPhase
            account={account}
            isOpen={isChoosing}
            isOfDefaults={isOfDefaults}
            needsReason={false}
            onClose={() => setChoosing(false)}
          />
        </Later>
      </>
    );
  }
  if (!risk.as_of) {
    return (
      <div className="mb-4">
        <Card isFlush>
          <Empty
            icon={PlugZap}
            title={t('noData')}
            hint={t(`noDataHint.${sourceOf(account)}`)}
            action={<ToSource account={account} className={buttonClass('primary')} />}
          />
        </Card>
      </div>
    );
  }
  if (!risk.stale) return null;
  const asOf = risk.as_of;
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-stale/40 bg-surface-1 px-4 py-3">
      <ClockAlert aria-hidden size={20} className="shrink-0 text-stale" />
      <p className="min-w-60 flex-1 text-pretty">
        {t.rich('stale', { age: () => <Ago at={asOf} /> })}
        {risk.disconnected && (
          <span className="block text-sm text-stale first-letter:uppercase">
            {words('disconnected')}
          </span>
        )}
      </p>
      <ToSource account={account} className="text-accent hover:underline" isCheck />
    </div>
  );
}

/** Who tells an account's figures. */
function sourceOf({ platform }: Account): 'reporter' | 'bingx' | 'paper' {
  return platform === 'bingx' || platform === 'paper' ? platform : 'reporter';
}

interface ToSourceProps {
  account: Account;
  className: string;
  /** It has told figures before. */
  isCheck?: boolean;
}

/** The way to whatever tells the figures, where the user can do something about it. */
function ToSource({ account, className, isCheck = false }: ToSourceProps) {
  const t = useTranslations('risk.first');
  const source = sourceOf(account);
  if (source === 'paper') return null;
  if (source === 'bingx') {
    return (
      <Link to="/connections" className={className}>
        {t('toConnection')}
      </Link>
    );
  }
  return (
    <Link to="/risk/$accountId/reporter" params={{ accountId: account.id }} className={className}>
      {t(isCheck ? 'checkReporter' : 'toReporter')}
    </Link>
  );
}
