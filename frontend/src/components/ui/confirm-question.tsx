import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useNewError } from '../new-error';
import { ProblemText } from '../problem';
import { Button } from './button';
import { Dialog, DialogActions } from './dialog';

export interface ConfirmDialogProps {
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** What will happen. */
  consequence: ReactNode;
  /** The verb on the button. */
  verb: string;
  isBusy: boolean;
  error: Error | null;
  isDanger?: boolean;
  children?: ReactNode;
}

/**
 * What a `ConfirmDialog` shows, with all that a window needs. While the answer is under way nothing
 * closes it: that would take nothing back, and what became of it would not be heard.
 */
export function ConfirmQuestion({
  isOpen,
  onClose,
  onConfirm,
  title,
  consequence,
  verb,
  isBusy,
  error,
  isDanger = true,
  children,
}: ConfirmDialogProps) {
  const t = useTranslations('common');
  const shown = useNewError(error, isOpen);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      isBusy={isBusy}
      title={title}
      description={consequence}
    >
      {children}
      <ProblemText error={shown} />
      <DialogActions>
        <Button onClick={onClose} disabled={isBusy}>
          {t('cancel')}
        </Button>
        <Button
          look={isDanger ? 'danger' : 'primary'}
          onClick={() => {
            // On its way out it can still be pressed, and asks for what is over.
            if (isOpen) onConfirm();
          }}
          isBusy={isBusy}
        >
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
