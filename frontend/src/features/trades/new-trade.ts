import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { usePresses } from '@/api/once';
import type { CreateTrade } from '@/api/types';
import { useCreateTrade } from './edits';
import { type Fault, useAddScreenshots } from './screenshots';

interface Addition {
  /** A new trade, or the one that is there already, by its id. */
  to: CreateTrade | string;
  files: File[];
}

/**
 * Makes a trade and sends its pictures after it, although the form may be closed meanwhile;
 * answers which of them were refused. `made` is the trade that still waits for some.
 */
export function useAddTrade() {
  const [made, setMade] = useState<string | null>(null);
  const create = useCreateTrade();
  const send = useAddScreenshots(usePresses());
  const add = useMutation({
    mutationFn: async ({ to, files }: Addition): Promise<Fault[]> => {
      const tradeId = typeof to === 'string' ? to : (await create.mutateAsync(to)).id;
      if (files.length === 0) return [];
      const refused = await send.mutateAsync({ tradeId, files });
      if (refused.length > 0) setMade(tradeId);
      return refused;
    },
  });
  return { ...add, made, sending: send.sending };
}
