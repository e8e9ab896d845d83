import { Radio, UserRound, Video } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Account, CopyMode } from '@/api/types';
import { Card } from '@/components/page';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { RadioCards } from '@/components/ui/radio-cards';
import { usePatchAccount } from '../queries';
import { PartnerSwitch } from './choice-switch';

const MODES = [
  { value: 'PUBSUB', icon: Radio },
  { value: '1TO1', icon: UserRound },
  { value: 'RECORD', icon: Video },
] as const;

/** Who receives a master's trades; each mode says what it does, and a change what it will do. */
export function ModeSwitcher({ account }: { account: Account }) {
  const t = useTranslations('mode');
  const patch = usePatchAccount(account.id);
  const [asked, setAsked] = useState<CopyMode | null>(null);

  function close(): void {
    setAsked(null);
    patch.reset();
  }

  const current = account.copy_mode ?? 'PUBSUB';
  return (
    <Card title={t('title')}>
      <RadioCards
        label={t('title')}
        isLabelHidden
        value={current}
        onChange={(mode) => mode !== current && setAsked(mode)}
        cards={MODES.map(({ value, icon }) => ({
          value,
          icon,
          title: t(`names.${value}`),
          hint: t(`hints.${value}`),
        }))}
      />
      {current === '1TO1' && (
        <div className="mt-4 border-line border-t pt-4">
          <PartnerSwitch account={account} />
        </div>
      )}
      {asked && (
        <ConfirmDialog
          isOpen
          isDanger={false}
          onClose={close}
          onConfirm={() => patch.mutate({ copy_mode: asked }, { onSuccess: close })}
          title={t('confirmTitle', { mode: t(`names.${asked}`) })}
          consequence={t(`confirm.${asked}`)}
          verb={t('submit')}
          isBusy={patch.isPending}
          error={patch.error}
        />
      )}
    </Card>
  );
}
