import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Account, AccountRisk } from '@/api/types';
import { Card } from '@/components/page';
import { Ago } from '@/components/time';
import { CopyButton } from '@/components/ui/copy-button';
import { Steps } from '@/components/ui/steps';

interface ReporterGuideProps {
  platform: Account['platform'];
  isOnline: boolean;
  risk: AccountRisk;
  /** Where terminals connect to. */
  port: number | null;
}

/** How the Reporter is installed, and whether its figures arrive. */
export function ReporterGuide({ platform, isOnline, risk, port }: ReporterGuideProps) {
  const t = useTranslations('risk.reporter');
  if (platform !== 'mt4' && platform !== 'mt5') return <p className="text-muted">{t('noEa')}</p>;
  const is5 = platform === 'mt5';
  const file = is5 ? 'FlotillaReporter.mq5' : 'FlotillaReporter.mq4';
  const folder = is5 ? 'MQL5/Experts' : 'MQL4/Experts';
  const steps = [
    t('steps.folder', { file, folder }),
    t('steps.compile'),
    t(is5 ? 'steps.allow5' : 'steps.allow4', { address: location.hostname }),
    t('steps.attach'),
    t('steps.inputs'),
  ];
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Card title={t('how')}>
        <Steps steps={steps} />
        <dl className="mt-4 divide-y divide-line rounded-card border border-line">
          <Value name={t('file')} value={file} />
          <Value name={t('address')} value={location.hostname} />
          <Value name={t('port')} value={port === null ? '…' : String(port)} />
        </dl>
        <p className="mt-4 text-muted text-pretty text-sm">{t('harmless')}</p>
      </Card>
      <Card title={t('state')}>
        <Arrived isOnline={isOnline} risk={risk} />
      </Card>
    </div>
  );
}

function Value({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex items-center justify-between gap-2 pl-3">
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center font-mono text-sm">
        <span className="min-w-0 [overflow-wrap:anywhere]">{value}</span>
        <CopyButton text={value} what={name} />
      </dd>
    </div>
  );
}

/** Waits in plain sight: the terminal first, then the first figures. */
function Arrived({ isOnline, risk }: { isOnline: boolean; risk: AccountRisk }) {
  const t = useTranslations('risk.reporter');
  const asOf = risk.as_of;
  if (asOf && !risk.stale) {
    return (
      <p role="status" className="flex items-start gap-2 text-safe">
        <CircleCheck aria-hidden size={20} className="shrink-0" />
        <span>{t.rich('connected', { age: () => <Ago at={asOf} /> })}</span>
      </p>
    );
  }
  return (
    <div role="status" className="flex items-start gap-2">
      <LoaderCircle aria-hidden size={20} className="shrink-0 animate-spin text-accent" />
      <span className="text-pretty">
        {t(isOnline ? (risk.phase ? 'waitingFigures' : 'needsRules') : 'waiting')}
      </span>
    </div>
  );
}
