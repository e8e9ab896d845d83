import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { Tabs } from '@/components/ui/tabs';
import { useCopies } from '../queries';
import { COPY_GROUPS, type CopyGroup } from '../states';
import { CopyTable } from './copy-table';

const GROUPS = ['open', 'closed', 'missed'] as const satisfies CopyGroup[];

interface CopyTabsProps {
  accountId: string;
  currency: string;
  group: CopyGroup;
  onChange: (group: CopyGroup) => void;
}

/** A follower's copies, by what became of them. */
export function CopyTabs({ accountId, currency, group, onChange }: CopyTabsProps) {
  const t = useTranslations('copies');
  const counts: Partial<Record<CopyGroup, number>> = {
    open: useCopies(accountId, COPY_GROUPS.open).copies.length,
    missed: useCopies(accountId, COPY_GROUPS.missed).copies.length,
  };
  return (
    <Card isFlush>
      <Tabs
        label={t('tabs.open')}
        value={group}
        onChange={onChange}
        tabs={GROUPS.map((value) => ({
          value,
          label: counted(value),
          content: <CopyTable accountId={accountId} currency={currency} group={value} />,
        }))}
      />
    </Card>
  );

  function counted(value: CopyGroup): string {
    const label = t(`tabs.${value}`);
    const count = counts[value];
    return count ? t('tabCount', { label, count }) : label;
  }
}
