import { type ReactNode, Suspense, startTransition, useEffect, useState } from 'react';

interface LaterProps {
  isWanted: boolean;
  /** Made of parts that are fetched on first use. */
  children: ReactNode;
}

/** Shows nothing until it is first wanted, and stays from then on: what was open has to close in its own way. */
export function Later({ isWanted, children }: LaterProps) {
  const [wasWanted, setWanted] = useState(isWanted);
  if (isWanted && !wasWanted) setWanted(true);
  return wasWanted && <Suspense fallback={null}>{children}</Suspense>;
}

interface AfterwardsProps {
  /** What stands there until then, of the same height. */
  room: ReactNode;
  children: ReactNode;
}

/** Draws what is below the first screen after that is there, in small pieces: a press is answered in between. */
export function Afterwards({ room, children }: AfterwardsProps) {
  const [isDue, setDue] = useState(false);
  useEffect(() => startTransition(() => setDue(true)), []);
  return isDue ? children : room;
}

/** Fetches a part once the page is at rest, for what must be there at once when it is needed. */
export function useFetchedAtRest(fetchPart: () => Promise<unknown>): void {
  useEffect(() => {
    // A failure is met again, and shown, when the part is wanted.
    const run = () => void fetchPart().catch(() => undefined);
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(run, 1_000);
      return () => clearTimeout(timer);
    }
    const request = window.requestIdleCallback(run);
    return () => window.cancelIdleCallback(request);
  }, [fetchPart]);
}
