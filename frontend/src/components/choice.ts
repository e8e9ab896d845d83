import { useState } from 'react';

/**
 * What is chosen from a list that may come after its window: the first row, until another is
 * chosen. It stays chosen whatever becomes of the list; empty while there is nothing.
 */
export function useChoice(first: string | undefined): [string, (id: string) => void] {
  const [chosen, choose] = useState(first);
  if (chosen === undefined && first !== undefined) choose(first);
  return [chosen ?? first ?? '', choose];
}
