import { Eye, KeyRound } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account } from '@/api/types';
import { Card } from '@/components/page';
import { IconButton } from '@/components/ui/button';
import { SecretField } from '@/components/ui/secret-field';
import { isVenue } from '@/lib/venues';

const RevealDialog = lazy(async () => ({
  default: (await import('./reveal-dialog')).RevealDialog,
}));
const RotateDialog = lazy(async () => ({
  default: (await import('./rotate-dialog')).RotateDialog,
}));

/** What the terminal signs in with, and what followers need. */
export function Credentials({ account }: { account: Account }) {
  const t = useTranslations();
  return (
    <Card title={t('dashboard.credentials')}>
      <div className="flex flex-col gap-4">
        {account.master_token && (
          <SecretField
            label={t('accountForms.masterToken')}
            secret={account.master_token}
            hint={t('accountForms.masterTokenHint')}
          />
        )}
        {!isVenue(account) && (
          <ApiKey
            account={account}
            label={t('accountForms.apiKey')}
            hint={t('accountForms.apiKeyHint')}
          />
        )}
      </div>
    </Card>
  );
}

interface ApiKeyProps {
  account: Account;
  label: string;
  hint?: string;
}

/** Only the key's beginning is known here; the rest takes the password. */
export function ApiKey({ account, label, hint }: ApiKeyProps) {
  const t = useTranslations('accountForms');
  const [asked, setAsked] = useState<'reveal' | 'rotate' | null>(null);
  return (
    <div className="flex flex-col gap-1.5">
      <span className="font-medium [overflow-wrap:anywhere]">{label}</span>
      <div className="flex items-center rounded-card border border-line bg-surface-2 pl-3">
        <span className="min-w-0 flex-1 truncate py-2 font-mono text-sm">
          {account.api_key_prefix}••••••••
        </span>
        <IconButton icon={Eye} label={t('actions.reveal')} onClick={() => setAsked('reveal')} />
        <IconButton
          icon={KeyRound}
          label={t('actions.rotate')}
          onClick={() => setAsked('rotate')}
        />
      </div>
      {hint !== undefined && <span className="text-muted text-sm">{hint}</span>}
      <Suspense fallback={null}>
        {asked === 'reveal' && <RevealDialog account={account} onClose={() => setAsked(null)} />}
        {asked === 'rotate' && <RotateDialog account={account} onClose={() => setAsked(null)} />}
      </Suspense>
    </div>
  );
}
