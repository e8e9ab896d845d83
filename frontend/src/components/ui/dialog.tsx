import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './button';
import { type Ask, closeUnlessUnsaved, isAccident, UnsavedWithin } from './unsaved';

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Closes by its own button only: what it shows is not shown again. */
  isSticky?: boolean;
  /** Closes by nothing: it waits for an answer that is not given again. */
  isBusy?: boolean;
  /** With room for two columns. */
  isWide?: boolean;
}

/** A window above the page; on phones it rests on the lower edge, within thumb's reach. With something unsaved in it, it asks before it closes. */
export function Dialog({
  isOpen,
  onClose,
  title,
  description,
  children,
  isSticky = false,
  isBusy = false,
  isWide = false,
}: DialogProps) {
  const t = useTranslations('common');
  const popup = useRef<HTMLDivElement>(null);
  const unsaved = useRef<Ask>(null);

  // The first field, not the button that closes. On a phone it would open the keyboard unasked.
  function firstField(opened: string): HTMLElement | true {
    if (opened === 'touch') return true;
    return popup.current?.querySelector<HTMLElement>('input:not([aria-hidden])') ?? true;
  }

  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(open, { reason }) => {
        if (open || isBusy || (isSticky && isAccident(reason))) return;
        closeUnlessUnsaved(unsaved.current, reason, onClose);
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 bg-veil transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          ref={popup}
          initialFocus={firstField}
          className={`fixed inset-x-0 bottom-0 max-h-[92dvh] overflow-y-auto scroll-pb-32 rounded-t-card border border-line bg-surface-1 p-5 pb-(--lower-edge) text-ink shadow-overlay outline-none transition-[opacity,translate] duration-150 data-ending-style:translate-y-2 data-starting-style:translate-y-2 data-ending-style:opacity-0 data-starting-style:opacity-0 sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-card sm:p-6 ${isWide ? 'sm:w-[min(56rem,calc(100vw-2rem))]' : 'sm:w-[min(32rem,calc(100vw-2rem))]'}`}
        >
          <div className="mb-4 flex items-start justify-between gap-3">
            <Base.Title className="min-w-0 font-semibold text-lg [overflow-wrap:anywhere]">
              {title}
            </Base.Title>
            <div className="-mt-1.5 -mr-2">
              <Base.Close
                render={
                  <IconButton icon={X} label={t('close')} aria-disabled={isBusy || undefined} />
                }
              />
            </div>
          </div>
          {description !== undefined && (
            <Base.Description render={<div />} className="mb-4 text-muted">
              {description}
            </Base.Description>
          )}
          <UnsavedWithin value={unsaved}>{children}</UnsavedWithin>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** The buttons at a dialog's foot; the last one is the main one. They stay in view. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky bottom-[calc(-1*var(--lower-edge))] -mx-5 mt-6 mb-[calc(-1*var(--lower-edge))] flex flex-col-reverse gap-2 border-line border-t bg-surface-1 px-5 pt-3 pb-(--lower-edge) sm:-bottom-6 sm:-mx-6 sm:-mb-6 sm:flex-row sm:justify-end sm:px-6 sm:py-4">
      {children}
    </div>
  );
}
