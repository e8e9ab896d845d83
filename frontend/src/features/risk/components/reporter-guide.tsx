import { eaFiles } from 'virtual:ea-files';
import { Link } from '@tanstack/react-router';
import { CircleCheck, Download, LoaderCircle } from 'lucide-react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Account, AccountRisk } from '@/api/types';
import { Card } from '@/components/page';
import { Ago } from '@/components/time';
import { buttonClass } from '@/components/ui/button';
import { CopyButton } from '@/components/ui/copy-button';
import { Steps } from '@/components/ui/steps';
import { useSecondsSince } from '@/lib/time';

/** A Reporter tells figures every second. */
const FRESH_S = 30;

interface ReporterGuideProps {
  account: Account;
  risk: AccountRisk;
  /** Where terminals connect to. */
  port: number | null;
}

/** How the Reporter is installed, and whether its figures arrive. */
export function ReporterGuide({ account, risk, port }: ReporterGuideProps) {
  const t = useTranslations('risk.reporter');
  const { platform } = account;
  if (platform !== 'mt4' && platform !== 'mt5') return <p className="text-muted">{t('noEa')}</p>;
  const is5 = platform === 'mt5';
  const file = is5 ? 'FlotillaReporter.mq5' : 'FlotillaReporter.mq4';
  const folder = is5 ? 'MQL5/Experts' : 'MQL4/Experts';
  const steps = [
    t('steps.folder', { folder }),
    t('steps.compile'),
    t(is5 ? 'steps.allow5' : 'steps.allow4', { address: location.hostname }),
    t('steps.attach'),
    t('steps.inputs'),
  ];
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Card title={t('how')}>
        <Source file={file} />
        <Steps steps={steps} />
        <dl className="mt-4 divide-y divide-line rounded-card border border-line">
          <Value name={t('address')} value={location.hostname} />
          <Value name={t('port')} value={port === null ? '…' : String(port)} />
        </dl>
        <p className="mt-4 text-muted text-pretty text-sm">{t('harmless')}</p>
      </Card>
      <Card title={t('state')}>
        <Arrived account={account} risk={risk} />
      </Card>
    </div>
  );
}

/** The file itself, and what it must hash to: whoever runs it can see that nobody changed it on its way. */
function Source({ file }: { file: keyof typeof eaFiles }) {
  const t = useTranslations('risk.reporter');
  const format = useFormatter();
  const { address, bytes, sha256 } = eaFiles[file];
  const size = format.number(bytes / 1000, { maximumFractionDigits: 1, numberingSystem: 'latn' });
  return (
    <div className="mb-5 flex flex-col items-start gap-2">
      <a href={address} download={file} className={`${buttonClass('primary')} max-w-full`}>
        <Download aria-hidden size={16} className="shrink-0" />
        <span className="truncate">{t('download', { file })}</span>
      </a>
      <p className="text-muted text-sm">{t('source', { size })}</p>
      <details className="w-full text-sm">
        <summary className="min-h-9 w-fit cursor-pointer text-accent hover:underline">
          {t('checksum')}
        </summary>
        <p className="mt-1 flex items-center gap-1">
          <span className="min-w-0 font-mono [overflow-wrap:anywhere]">{sha256}</span>
          <CopyButton text={sha256} what="SHA-256" />
        </p>
      </details>
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

/** When figures came that are not old. Without rules nobody judges that, so their age does. */
function useFreshFigures({ figures_at, updated_at }: Account, risk: AccountRisk): string | null {
  const age = useSecondsSince(figures_at ?? updated_at);
  if (risk.phase) return risk.as_of && !risk.stale ? risk.as_of : null;
  return figures_at && age < FRESH_S ? figures_at : null;
}

/** Waits in plain sight: the terminal first, then the first figures. */
function Arrived({ account, risk }: { account: Account; risk: AccountRisk }) {
  const t = useTranslations('risk');
  const figuresAt = useFreshFigures(account, risk);
  if (figuresAt) {
    return (
      <div role="status">
        <p className="flex items-start gap-2 text-safe">
          <CircleCheck aria-hidden size={20} className="shrink-0" />
          <span>{t.rich('reporter.connected', { age: () => <Ago at={figuresAt} /> })}</span>
        </p>
        {!risk.phase && (
          <p className="mt-2 text-pretty">
            {t('reporter.needsRules')}{' '}
            <Link
              to="/risk/$accountId"
              params={{ accountId: account.id }}
              className="text-accent underline underline-offset-2"
            >
              {t('first.choose')}
            </Link>
          </p>
        )}
      </div>
    );
  }
  return (
    <div role="status" className="flex items-start gap-2">
      <LoaderCircle aria-hidden size={20} className="shrink-0 animate-spin text-accent" />
      <span className="text-pretty">
        {t(account.online ? 'reporter.waitingFigures' : 'reporter.waiting')}
      </span>
    </div>
  );
}
