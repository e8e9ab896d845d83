import { useRouter } from '@tanstack/react-router';
import {
  createContext,
  lazy,
  type ReactNode,
  type RefObject,
  useContext,
  useEffect,
  useState,
} from 'react';
import { prepareTexts } from '@/lib/i18n/provider';
import { Later } from '../later';

const load = async () => {
  const [question] = await Promise.all([import('./unsaved-question'), prepareTexts('finding')]);
  return question;
};
const UnsavedQuestion = lazy(async () => ({ default: (await load()).UnsavedQuestion }));

/** Asks whether what was typed may be lost. Null: nothing was. */
export type Ask = (() => Promise<boolean>) | null;

const Frame = createContext<RefObject<Ask> | null>(null);

interface UnsavedWithinProps {
  value: RefObject<Ask>;
  children: ReactNode;
}

/** What may be closed with something unsaved in it, and asks before it is. */
export function UnsavedWithin({ value, children }: UnsavedWithinProps) {
  return <Frame value={value}>{children}</Frame>;
}

/** Whether a window was closed by a slip of the hand, perhaps. */
export const isAccident = (reason: string): boolean =>
  reason === 'outside-press' || reason === 'escape-key';

/** Closes at once where nothing would be lost; asks otherwise, and does nothing by a slip of the hand. */
export function closeUnlessUnsaved(ask: Ask, reason: string, onClose: () => void): void {
  if (ask === null) onClose();
  else if (!isAccident(reason)) void ask().then((isLost) => isLost && onClose());
}

/** Stands in a form: while something in it is unsaved, neither its window nor its page is left unasked. */
export function Unsaved({ when }: { when: boolean }) {
  const frame = useContext(Frame);
  const { history } = useRouter();
  const [answer, setAnswer] = useState<((isLost: boolean) => void) | null>(null);
  useEffect(() => {
    if (!when) return undefined;
    // Here before it is needed: the server may be away by then. A failure is met again.
    void load().catch(() => undefined);
    let asked: ((isLost: boolean) => void) | null = null;
    let isGivenUp = false;
    async function ask(): Promise<boolean> {
      if (asked || isGivenUp) return isGivenUp;
      isGivenUp = await new Promise<boolean>((resolve) => {
        asked = resolve;
        setAnswer(() => resolve);
      });
      asked = null;
      setAnswer(null);
      return isGivenUp;
    }
    const free = history.block({
      // Whoever is no longer signed in cannot save it either.
      blockerFn: async ({ nextLocation }) => nextLocation.pathname !== '/login' && !(await ask()),
    });
    if (frame) frame.current = ask;
    return () => {
      free();
      if (frame) frame.current = null;
      // Saved meanwhile, or closed: nothing is left to ask about, and whoever waits goes on.
      asked?.(true);
    };
  }, [when, frame, history]);
  return (
    <Later isWanted={answer !== null}>
      <UnsavedQuestion isOpen={answer !== null} onAnswer={(isLost) => answer?.(isLost)} />
    </Later>
  );
}
