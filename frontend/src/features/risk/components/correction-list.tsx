import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, CashFlow, Corrections, FloorOverride } from '@/api/types';
import { FailedCard } from '@/components/failed-card';
import { Delta, Money } from '@/components/figures';
import { Later } from '@/components/later';
import { Card } from '@/components/page';
import { Pill } from '@/components/pill';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { correctionsQuery } from '../queries';
import { useAmount } from './room';

const TakeBackFloor = lazy(async () => ({
  default: (await import('./take-back-floor')).TakeBackFloor,
}));

/** What persons have put right in the running phase, and who did. */
export function CorrectionList({ risk }: { risk: AccountRisk }) {
  const t = useTranslations('risk.corrections.list');
  const corrections = useQuery(correctionsQuery(risk.account_id));
  const [taken, setTaken] = useState<FloorOverride | null>(null);
  const {
    floor_overrides: floors,
    cash_flows: flows,
    day_starts: starts,
  } = corrections.data ?? NONE;
  if (corrections.isLoadingError) return <FailedCard title={t('title')} query={corrections} />;
  if (floors.length + flows.length + starts.length === 0) return null;
  return (
    <Card title={t('title')}>
      <div className="flex flex-col gap-4">
        <Section title={t('floors')} isShown={floors.length > 0}>
          {floors.map((set) => (
            <Floor key={set.id} set={set} risk={risk} onTakeBack={() => setTaken(set)} />
          ))}
        </Section>
        <Section title={t('cash')} isShown={flows.length > 0}>
          {flows.map((flow) => (
            <Flow key={flow.id} flow={flow} currency={risk.currency} />
          ))}
        </Section>
        <Section title={t('dayStarts')} isShown={starts.length > 0}>
          {starts.map((start) => (
            <Start key={start.label} start={start} currency={risk.currency} />
          ))}
        </Section>
      </div>
      <Later isWanted={taken !== null}>
        <TakeBackFloor
          accountId={risk.account_id}
          currency={risk.currency}
          set={taken}
          onClose={() => setTaken(null)}
        />
      </Later>
    </Card>
  );
}

const NONE: Corrections = { floor_overrides: [], cash_flows: [], day_starts: [] };

interface SectionProps {
  title: string;
  isShown: boolean;
  children: ReactNode;
}

function Section({ title, isShown, children }: SectionProps) {
  if (!isShown) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 font-medium text-sm">{title}</h3>
      <ul className="divide-y divide-line">{children}</ul>
    </section>
  );
}

interface FloorProps {
  set: FloorOverride;
  risk: AccountRisk;
  onTakeBack: () => void;
}

function Floor({ set, risk, onTakeBack }: FloorProps) {
  const t = useTranslations();
  const write = useAmount();
  const kind = risk.rules.find(({ rule_id }) => rule_id === set.rule_id)?.kind;
  const { at, reason, set_by, set_at, taken_back_at, taken_back_by, take_back_reason } = set;
  const rule = kind ? t(`riskWords.kinds.${kind}`) : set.rule_id;
  return (
    <li className="flex flex-col items-start gap-1 py-2">
      <span className="flex flex-wrap items-center gap-2">
        <span className={`figures ${taken_back_at ? 'text-muted line-through' : ''}`}>
          {t('risk.corrections.list.floor', {
            rule,
            amount: write(set.floor, 'money', risk.currency),
          })}
        </span>
        {taken_back_at && <Pill tone="neutral">{t('risk.corrections.list.takenBack')}</Pill>}
      </span>
      <span className="text-muted text-sm">
        {t.rich('risk.corrections.list.since', { at: () => <Moment at={at} format="full" /> })}
      </span>
      <Author name={set_by} at={set_at} words={reason} />
      {taken_back_at && <Author name={taken_back_by} at={taken_back_at} words={take_back_reason} />}
      {!taken_back_at && (
        <Button look="quiet" onClick={onTakeBack}>
          {t('risk.corrections.list.takeBackAsk')}
        </Button>
      )}
    </li>
  );
}

function Flow({ flow, currency }: { flow: CashFlow; currency: string }) {
  const t = useTranslations('risk.corrections');
  const { kind, amount, at, note, is_reported, set_by, set_at } = flow;
  return (
    <li className="flex flex-col gap-1 py-2">
      <span className="flex flex-wrap items-baseline justify-between gap-2">
        <span>{t(`cash.kinds.${kind}`)}</span>
        <Delta value={amount} currency={currency} />
      </span>
      <span className="text-muted text-sm">
        <Moment at={at} format="full" />
        {is_reported && ` · ${t('list.reported')}`}
      </span>
      {!is_reported && <Author name={set_by} at={set_at} words={note} />}
    </li>
  );
}

function Start({
  start,
  currency,
}: {
  start: Corrections['day_starts'][number];
  currency: string;
}) {
  const t = useTranslations('risk.corrections.list');
  const { label, balance, equity, set_by, set_at } = start;
  return (
    <li className="flex flex-col gap-1 py-2">
      <span className="figures">{label}</span>
      <span className="figures text-sm">
        {t.rich('dayStart', {
          balance: () => <Money value={balance} currency={currency} />,
          equity: () => <Money value={equity} currency={currency} />,
        })}
      </span>
      <Author name={set_by} at={set_at} words={null} />
    </li>
  );
}

interface AuthorProps {
  name: string | null | undefined;
  at: string;
  words: string | null | undefined;
}

function Author({ name, at, words }: AuthorProps) {
  const t = useTranslations('risk.corrections.list');
  return (
    <span className="text-muted text-pretty text-sm [overflow-wrap:anywhere]">
      {words && `${words} · `}
      {name && `${t('by', { name })} · `}
      <Moment at={at} format="full" />
    </span>
  );
}
