import { useQuery } from '@tanstack/react-query';
import { BadgeCheck, Ellipsis } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, AccountRules } from '@/api/types';
import { Money } from '@/components/figures';
import { Later } from '@/components/later';
import { Card, Facts } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Failure, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { Button, IconButton } from '@/components/ui/button';
import { Menu, MenuItem, MenuLine } from '@/components/ui/menu';
import { rulesQuery, useConfirmRules } from '../queries';
import { hasSettableFloor, useRuleText } from '../rule-words';

const NewPhase = lazy(async () => ({ default: (await import('./new-phase')).NewPhase }));
const RulesEditor = lazy(async () => ({ default: (await import('./rules-editor')).RulesEditor }));
const Corrections = lazy(async () => ({ default: (await import('./corrections')).Corrections }));

const CORRECTIONS = ['snapshot', 'cash', 'dayStart', 'floor'] as const;

type Asked = 'phase' | 'edit' | (typeof CORRECTIONS)[number];

/** The rules of the running phase, and what can be put right. */
export function PhaseCard({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.phase');
  const [asked, setAsked] = useState<Asked | null>(null);
  const rules = useQuery(rulesQuery(risk.account_id));
  const close = () => setAsked(null);
  const hasFloor = risk.rules.some(hasSettableFloor);
  const isCorrection = asked !== null && asked !== 'phase' && asked !== 'edit';
  return (
    <Card
      title={t('title')}
      aside={
        <Menu trigger={<IconButton icon={Ellipsis} label={t('options')} />}>
          {CORRECTIONS.filter((each) => each !== 'floor' || hasFloor).map((each) => (
            <MenuItem key={each} onSelect={() => setAsked(each)}>
              {t(`menu.${each}`)}
            </MenuItem>
          ))}
          <MenuLine />
          <MenuItem onSelect={() => setAsked('phase')}>{t('menu.phase')}</MenuItem>
        </Menu>
      }
    >
      {rules.isPending && <Loading rows={3} />}
      {rules.isLoadingError && <Failure error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.data && <Known rules={rules.data} accountId={risk.account_id} />}
      {rules.data && (
        <div className="mt-3">
          <Button onClick={() => setAsked('edit')}>{t('edit')}</Button>
        </div>
      )}
      <Later isWanted={asked === 'phase'}>
        <NewPhase
          account={{
            id: risk.account_id,
            currency: risk.currency,
            starting_balance: null,
            balance: risk.balance ?? null,
          }}
          isOpen={asked === 'phase'}
          needsReason={risk.status === 'violated'}
          onClose={close}
        />
      </Later>
      {rules.data && (
        <Later isWanted={asked === 'edit'}>
          <RulesEditor
            rules={rules.data}
            accountId={risk.account_id}
            isOpen={asked === 'edit'}
            onClose={close}
          />
        </Later>
      )}
      <Later isWanted={isCorrection}>
        <Corrections risk={risk} asked={isCorrection ? asked : null} onClose={close} />
      </Later>
    </Card>
  );
}

function Known({ rules, accountId }: { rules: AccountRules; accountId: string }) {
  const t = useTranslations();
  const text = useRuleText();
  const confirm = useConfirmRules(accountId);
  const { currency, day, started_at, starting_balance, confirmed_at, version } = rules;
  return (
    <>
      <Facts
        facts={[
          ...rules.rules.map((rule) => ({
            name: t(`riskWords.kinds.${rule.kind}`),
            value: text(rule, currency),
          })),
          {
            name: t('risk.phase.start'),
            value: <Money value={starting_balance} currency={currency} />,
          },
          ...(started_at
            ? [{ name: t('risk.phase.since'), value: <Moment at={started_at} format="full" /> }]
            : []),
          { name: t('risk.phase.day'), value: `${day.reset} ${day.tz}` },
        ]}
      />
      <div className="mt-3 border-line border-t pt-3">
        {confirmed_at ? (
          <p className="flex items-start gap-2 text-safe text-sm">
            <BadgeCheck aria-hidden size={16} className="mt-0.5 shrink-0" />
            <span>
              {t.rich('risk.phase.confirmed', {
                at: () => <Moment at={confirmed_at} format="date" />,
              })}
            </span>
          </p>
        ) : (
          <>
            <p className="mb-2 text-pretty text-sm">{t('risk.phase.confirmHint')}</p>
            <Button
              icon={BadgeCheck}
              isBusy={confirm.isPending}
              onClick={() => confirm.mutate(version)}
            >
              {t('risk.phase.confirm')}
            </Button>
            <ProblemText error={confirm.error} />
          </>
        )}
      </div>
    </>
  );
}
