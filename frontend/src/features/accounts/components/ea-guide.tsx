import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { CopyButton } from '@/components/ui/copy-button';
import { Steps } from '@/components/ui/steps';
import { statusQuery } from '../queries';

type GuideProps = Pick<Account, 'platform' | 'copy_role'>;

/** How to connect the terminal of an account. */
export function EaGuide({ platform, copy_role }: GuideProps) {
  const t = useTranslations('guide');
  const names = useTranslations('accounts.platforms');
  const status = useQuery(statusQuery);
  if (platform !== 'mt4' && platform !== 'mt5') return <p className="text-muted">{t('noEa')}</p>;

  const steps = [
    t('steps.attach', { role: copy_role, platform: names(platform) }),
    t(platform === 'mt5' ? 'steps.allowMt5' : 'steps.allowMt4'),
    t('steps.inputs'),
    ...(copy_role === 'follower' ? [t('steps.token')] : []),
    t('steps.wait'),
  ];
  return (
    <div className="flex flex-col gap-4">
      <Steps steps={steps} />
      <dl className="divide-y divide-line rounded-card border border-line">
        <Input name={t('address')} value={location.hostname} />
        <Input name={t('port')} value={status.data ? String(status.data.ea_port) : '…'} />
      </dl>
      <p className="text-muted text-sm">{t('firewall')}</p>
    </div>
  );
}

function Input({ name, value }: { name: string; value: string }) {
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
