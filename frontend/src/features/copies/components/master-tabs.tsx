import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { Tabs } from '@/components/ui/tabs';
import type { MasterTab } from '../tabs';
import type { CopyNarrowing } from './copy-filters';
import { CopyTable } from './copy-table';
import { Signals } from './signals';

interface MasterTabsProps {
  accountId: string;
  currency: string;
  tab: MasterTab;
  narrowing: CopyNarrowing;
  onChange: (tab: MasterTab) => void;
  onNarrow: (narrowing: CopyNarrowing) => void;
  whatIf: ReactNode;
}

/** What a master reported, and what became of it. */
export function MasterTabs({ tab, onChange, whatIf, ...table }: MasterTabsProps) {
  const t = useTranslations('copies');
  return (
    <Card isFlush>
      <Tabs<MasterTab>
        label={t('tabs.masterLabel')}
        value={tab}
        onChange={onChange}
        tabs={[
          {
            value: 'signals',
            label: t('tabs.signals'),
            content: <Signals accountId={table.accountId} />,
          },
          { value: 'copies', label: t('tabs.all'), content: <CopyTable group="all" {...table} /> },
          { value: 'whatIf', label: t('tabs.whatIf'), content: whatIf },
        ]}
      />
    </Card>
  );
}
