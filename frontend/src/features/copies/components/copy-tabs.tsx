import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { Tabs } from '@/components/ui/tabs';
import { useCopyCount } from '../queries';
import type { CopyGroup } from '../states';
import type { FollowerTab } from '../tabs';
import type { CopyNarrowing } from './copy-filters';
import { CopyTable } from './copy-table';

const GROUPS = ['open', 'closed', 'missed', 'attention'] as const satisfies CopyGroup[];

interface CopyTabsProps {
  accountId: string;
  currency: string;
  tab: FollowerTab;
  narrowing: CopyNarrowing;
  onChange: (tab: FollowerTab) => void;
  onNarrow: (narrowing: CopyNarrowing) => void;
  /** Below the list of what needs a person. */
  quarantine: ReactNode;
  settings: ReactNode;
}

/** A follower's copies, by what became of them, and how it copies. */
export function CopyTabs({ tab, onChange, quarantine, settings, ...table }: CopyTabsProps) {
  const t = useTranslations('copies');
  const counts = {
    open: useCopyCount(table.accountId, 'open'),
    closed: null,
    missed: useCopyCount(table.accountId, 'missed'),
    attention: useCopyCount(table.accountId, 'attention'),
  };
  const lists = GROUPS.map((group) => ({
    value: group,
    label: counted(group),
    content: (
      <>
        <CopyTable group={group} {...table} />
        {group === 'attention' && quarantine}
      </>
    ),
  }));
  return (
    <Card isFlush>
      <Tabs<FollowerTab>
        label={t('tabs.label')}
        value={tab}
        onChange={onChange}
        tabs={[...lists, { value: 'settings', label: t('tabs.settings'), content: settings }]}
      />
    </Card>
  );

  function counted(group: CopyGroup): string {
    const label = t(`tabs.${group}`);
    const count = counts[group];
    return count && count !== '0' ? t('tabCount', { label, count }) : label;
  }
}
