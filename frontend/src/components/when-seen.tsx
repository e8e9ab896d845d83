import { type ReactNode, useEffect, useRef, useState } from 'react';
import { watchNearness } from './nearness';

/** The lowest part of a screen, where bars of the page and of the browser are. */
const ABOVE_BARS = '0px 0px -20% 0px';

interface WhenSeenProps {
  /** The class of its height. */
  height: string;
  children: ReactNode;
}

/** Draws what takes long once more than its upper edge is on the screen, and keeps it. */
export function WhenSeen({ height, children }: WhenSeenProps) {
  const box = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(!('IntersectionObserver' in window));
  useEffect(() => {
    const element = box.current;
    if (!element || isSeen) return;
    return watchNearness(element, ABOVE_BARS, ({ isIntersecting }) => {
      if (isIntersecting) setSeen(true);
    });
  }, [isSeen]);
  return (
    <div ref={box} className={height}>
      {isSeen && children}
    </div>
  );
}
