import { useTranslations } from 'use-intl';
import { Drawer } from '@/components/ui/drawer';
import { Inbox } from './inbox-list';

interface InboxDrawerProps {
  isOpen: boolean;
  onClose: () => void;
}

/** The inbox at the edge of a wide screen. */
export function InboxDrawer({ isOpen, onClose }: InboxDrawerProps) {
  const t = useTranslations('alerts');
  return (
    <Drawer isOpen={isOpen} onClose={onClose} title={t('title')}>
      <Inbox onLeave={onClose} />
    </Drawer>
  );
}
