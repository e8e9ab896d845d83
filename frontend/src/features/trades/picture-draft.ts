import { useState } from 'react';
import { newKey } from '@/lib/new-key';
import { type Fault, MOST_PICTURES, sorted } from './screenshots';

interface Chosen {
  id: string;
  file: File;
}

/** Pictures that wait for their trade. */
export interface PictureDraft {
  chosen: Chosen[];
  faults: Fault[];
  add: (files: File[]) => void;
  remove: (gone: Chosen) => void;
  /** The others are with the trade: these were refused. */
  keep: (refused: Fault[]) => void;
}

export function usePictureDraft(): PictureDraft {
  const [chosen, setChosen] = useState<Chosen[]>([]);
  const [faults, setFaults] = useState<Fault[]>([]);
  return {
    chosen,
    faults,
    add: (files) => {
      const { fit, faults } = sorted(files, MOST_PICTURES - chosen.length);
      setChosen([...chosen, ...fit.map((file) => ({ id: newKey(), file }))]);
      setFaults(faults);
    },
    remove: (gone) => {
      setChosen(chosen.filter(({ id }) => id !== gone.id));
      setFaults(faults.filter(({ file }) => file !== gone.file));
    },
    keep: (refused) => {
      setChosen(chosen.filter(({ file }) => refused.some((each) => each.file === file)));
      setFaults(refused);
    },
  };
}
