import { lazy } from 'react';
import { Later } from '../later';
import type { ConfirmDialogProps } from './confirm-question';

const ConfirmQuestion = lazy(async () => ({
  default: (await import('./confirm-question')).ConfirmQuestion,
}));

/** Asks once, names the thing and the consequence. Fetched when there is something to ask. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Later isWanted={props.isOpen}>
      <ConfirmQuestion {...props} />
    </Later>
  );
}
