import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './button';
import { type Ask, closeUnlessUnsaved, UnsavedWithin } from './unsaved';

interface DrawerProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}

/** Detail at the right edge of wide screens; phones have a page for it. With something unsaved in it, it asks before it closes. */
export function Drawer({ isOpen, onClose, title, children }: DrawerProps) {
  const t = useTranslations('common');
  const popup = useRef<HTMLDivElement>(null);
  const unsaved = useRef<Ask>(null);
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(open, { reason }) => {
        if (!open) closeUnlessUnsaved(unsaved.current, reason, onClose);
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 bg-veil transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          ref={popup}
          initialFocus={popup}
          tabIndex={-1}
          className="fixed inset-y-0 right-0 flex w-[min(28rem,100vw)] flex-col border-line border-l bg-surface-1 text-ink shadow-overlay outline-none transition-[opacity,translate] duration-150 data-ending-style:translate-x-4 data-starting-style:translate-x-4 data-ending-style:opacity-0 data-starting-style:opacity-0"
        >
          <div className="flex h-14 shrink-0 items-center justify-between gap-3 border-line border-b pr-2 pl-4">
            <Base.Title className="font-semibold text-lg">{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label={t('close')} />} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">
            <UnsavedWithin value={unsaved}>{children}</UnsavedWithin>
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
