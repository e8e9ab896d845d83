import { useState } from 'react';
import type { Presses } from '@/api/once';
import { type Fault, MOST_PICTURES, sorted, useAddScreenshots } from '../screenshots';
import { PictureDrop } from './picture-drop';

interface AdderProps {
  tradeId: string;
  presses: Presses;
  /** How many there are. */
  count: number;
}

/** Takes pictures of a trade that is there. What cannot be one is told before it is sent. */
export function ScreenshotAdder({ tradeId, presses, count }: AdderProps) {
  const [faults, setFaults] = useState<Fault[]>([]);
  const add = useAddScreenshots(presses);

  function take(chosen: File[]): void {
    const { fit, faults } = sorted(chosen, MOST_PICTURES - count);
    setFaults(faults);
    if (fit.length === 0) return;
    const all = { tradeId, files: fit };
    add.mutate(all, { onSuccess: (refused) => setFaults([...faults, ...refused]) });
  }
  return (
    <PictureDrop
      isFull={count >= MOST_PICTURES}
      isBusy={add.isPending}
      sending={add.sending}
      faults={faults}
      onFiles={take}
    />
  );
}
