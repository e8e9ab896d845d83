import { useInfiniteQuery } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AccountRisk, RuleRisk, Violation } from '@/api/types';
import { Countdown } from '@/components/countdown';
import { FailedCard } from '@/components/failed-card';
import { Later } from '@/components/later';
import { Card, Facts } from '@/components/page';
import { Pill } from '@/components/pill';
import { Moment } from '@/components/time';
import { Button } from '@/components/ui/button';
import { violationsQuery } from '../queries';
import { unitOf } from '../status';
import { useAmount } from './room';

const ClearViolation = lazy(async () => ({
  default: (await import('./clear-violation')).ClearViolation,
}));

/** Stays until a new phase begins; of a rule that only pauses, until its day ends. */
export function ViolationBanner({ risk }: { risk: AccountRisk }) {
  const t = useTranslations();
  const write = useAmount();
  const crossed = risk.rules.filter(({ latched }) => latched);
  if (crossed.length === 0) return null;
  return (
    <div
      role="alert"
      className="settling mb-4 flex items-start gap-3 rounded-card bg-violated px-4 py-3 text-on-fill"
    >
      <Hand aria-hidden size={20} className="mt-0.5 shrink-0" />
      <div className="flex min-w-0 flex-col gap-1">
        {crossed.map((rule) => (
          <Crossed key={rule.rule_id} rule={rule} write={write} currency={risk.currency} />
        ))}
        <p className="text-pretty text-sm">{t('risk.violations.firmDecides')}</p>
      </div>
    </div>
  );
}

interface CrossedProps {
  rule: RuleRisk;
  write: ReturnType<typeof useAmount>;
  currency: string;
}

function Crossed({ rule, write, currency }: CrossedProps) {
  const t = useTranslations();
  const name = t(`riskWords.kinds.${rule.kind}`);
  const { violation: found, pause_ends_at } = rule;
  if (!found) return <p className="font-medium">{name}</p>;
  const line = found.floor ?? found.cap;
  return (
    <p className="font-medium text-pretty">
      {t.rich('risk.violations.crossed', {
        rule: name,
        at: () => <Moment at={found.at} format="full" />,
      })}
      {line && (
        <>
          {' '}
          {t('risk.violations.measured', {
            measured: write(found.measured, rule.unit, currency),
            line: write(line, rule.unit, currency),
          })}
        </>
      )}
      {pause_ends_at && (
        <>
          {' '}
          {t.rich('risk.violations.pauseEnds', {
            at: () => <Moment at={pause_ends_at} format="full" />,
            left: () => <Countdown at={pause_ends_at} />,
          })}
        </>
      )}
    </p>
  );
}

interface ViolationListProps {
  accountId: string;
  currency: string;
  /** Administrators take back what was measured wrongly; everybody else begins a new phase. */
  mayClear: boolean;
}

/** Every line that was ever crossed, with what is known of it. */
export function ViolationList({ accountId, currency, mayClear }: ViolationListProps) {
  const t = useTranslations('risk.violations');
  const more = useTranslations('common');
  const [cleared, setCleared] = useState<Violation | null>(null);
  const violations = useInfiniteQuery(violationsQuery(accountId));
  const items = violations.data?.pages.flatMap((page) => page.items) ?? [];
  if (violations.isLoadingError) return <FailedCard title={t('title')} query={violations} />;
  if (items.length === 0) return null;
  return (
    <Card title={t('title')} isFlush>
      <ul className="divide-y divide-line">
        {items.map((violation) => (
          <Evidence
            key={violation.id}
            violation={violation}
            currency={currency}
            onClear={mayClear ? () => setCleared(violation) : undefined}
          />
        ))}
      </ul>
      {violations.hasNextPage && (
        <div className="border-line border-t px-4 py-3">
          <Button
            onClick={() => void violations.fetchNextPage()}
            isBusy={violations.isFetchingNextPage}
          >
            {more('loadMore')}
          </Button>
        </div>
      )}
      <Later isWanted={cleared !== null}>
        <ClearViolation
          accountId={accountId}
          violation={cleared}
          onClose={() => setCleared(null)}
        />
      </Later>
    </Card>
  );
}

interface EvidenceProps {
  violation: Violation;
  currency: string;
  onClear: (() => void) | undefined;
}

function Evidence({ violation, currency, onClear }: EvidenceProps) {
  const t = useTranslations();
  const write = useAmount();
  const { kind, severity, evidence, cleared_at, clear_reason } = violation;
  const amount = (value: string) => (
    <span className="figures">{write(value, unitOf(violation), currency)}</span>
  );
  const line = evidence.floor ?? evidence.cap;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">{t(`riskWords.kinds.${kind}`)}</span>
        <span className="flex flex-wrap gap-2">
          <Pill tone="neutral">{t(`risk.violations.severity.${severity}`)}</Pill>
          {cleared_at && <Pill tone="neutral">{t('risk.violations.cleared')}</Pill>}
        </span>
      </div>
      <Facts
        facts={[
          { name: t('risk.violations.at'), value: <Moment at={evidence.at} format="full" /> },
          { name: t('risk.violations.day'), value: evidence.day },
          ...(evidence.not_before
            ? [
                {
                  name: t('risk.violations.notBefore'),
                  value: <Moment at={evidence.not_before} format="full" />,
                },
              ]
            : []),
          {
            name: t('risk.violations.detected'),
            value: (
              <>
                <Moment at={evidence.detected_at} format="full" />
                {evidence.late && ` · ${t('risk.violations.late')}`}
              </>
            ),
          },
          ...(evidence.reference
            ? [{ name: t('risk.how.reference'), value: amount(evidence.reference) }]
            : []),
          { name: t('risk.violations.value'), value: amount(evidence.measured) },
          ...(line ? [{ name: t('risk.violations.line'), value: amount(line) }] : []),
          { name: t('risk.violations.worst'), value: amount(evidence.worst_buffer) },
          {
            name: t('risk.violations.source'),
            value: t(`risk.violations.sources.${evidence.source}`),
          },
          ...(cleared_at
            ? [{ name: t('risk.violations.clearReason'), value: clear_reason ?? '' }]
            : []),
        ]}
      />
      {onClear && !cleared_at && (
        <div className="mt-2">
          <Button onClick={onClear}>{t('risk.violations.clearAsk')}</Button>
        </div>
      )}
    </li>
  );
}
