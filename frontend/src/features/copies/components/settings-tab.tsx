import { useQuery } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Subscription } from '@/api/types';
import { Empty, Failure, Loading } from '@/components/states';
import { SelectField } from '@/components/ui/field';
import { type Ask, closeUnlessUnsaved, UnsavedWithin } from '@/components/ui/unsaved';
import { subscriptionsQuery } from '../queries';
import type { ContractChoice } from '../settings-values';
import { SettingsForm } from './settings-form';
import { StateSwitch } from './state-switch';

interface SettingsTabProps {
  accountId: string;
  /** It trades at an exchange. */
  isVenue?: boolean;
  contracts: FindContracts;
}

/** Finds contracts of the follower's exchange, and tells which one was chosen for what. */
export type FindContracts = (onChoose: (chosen: ContractChoice) => void) => ReactNode;

/** How a follower copies each of its masters. */
export function SettingsTab({ accountId, isVenue = false, contracts }: SettingsTabProps) {
  const t = useTranslations('copySettings');
  const [chosen, setChosen] = useState('');
  const unsaved = useRef<Ask>(null);
  const list = useQuery(subscriptionsQuery(accountId));
  if (list.isPending) return <Loading rows={6} />;
  if (list.isLoadingError)
    return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const subscription = list.data.find(({ id }) => id === chosen) ?? list.data[0];
  if (!subscription) {
    return <Empty icon={SlidersHorizontal} title={t('none')} hint={t('noneHint')} />;
  }
  return (
    <div className="flex flex-col gap-6 p-4">
      {list.data.length > 1 && (
        <div className="max-w-sm">
          <SelectField
            label={t('master')}
            value={subscription.id}
            onChange={({ currentTarget: { value } }) =>
              closeUnlessUnsaved(unsaved.current, 'chosen', () => setChosen(value))
            }
            options={list.data.map(({ id, master_name }) => ({ value: id, label: master_name }))}
          />
        </div>
      )}
      <UnsavedWithin value={unsaved}>
        <OneMaster
          key={subscription.id}
          subscription={subscription}
          isVenue={isVenue}
          contracts={contracts}
        />
      </UnsavedWithin>
    </div>
  );
}

interface OneMasterProps {
  subscription: Subscription;
  isVenue: boolean;
  contracts: FindContracts;
}

function OneMaster({ subscription, isVenue, contracts }: OneMasterProps) {
  return (
    <>
      <StateSwitch subscription={subscription} />
      <SettingsForm subscription={subscription} isVenue={isVenue} contracts={contracts} />
    </>
  );
}
