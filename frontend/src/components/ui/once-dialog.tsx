import type { ReactNode } from 'react';
import { Button } from './button';
import { Dialog, DialogActions } from './dialog';
import { SecretField } from './secret-field';

interface OnceDialogProps {
  onClose: () => void;
  /** Above the form. */
  asked: { title: string; text: string };
  /** Around the secret. */
  made: { title: string; text: string; label: string; hint?: string; done: string };
  /** Undefined until it is made. */
  secret: string | undefined;
  /** It is being made. */
  isBusy: boolean;
  /** The form that makes it. */
  children: ReactNode;
}

/**
 * Asks for what a secret is to be made of, and then shows it this once: only its own buttons
 * close it then, and nothing while it is being made.
 */
export function OnceDialog({ onClose, asked, made, secret, isBusy, children }: OnceDialogProps) {
  const words = secret === undefined ? asked : made;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isSticky={secret !== undefined}
      isBusy={isBusy}
      title={words.title}
      description={words.text}
    >
      {secret === undefined ? (
        children
      ) : (
        <>
          <SecretField
            label={made.label}
            secret={secret}
            isShown
            {...(made.hint !== undefined && { hint: made.hint })}
          />
          <DialogActions>
            <Button look="primary" onClick={onClose}>
              {made.done}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
