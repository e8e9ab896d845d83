/**
 * Tells how an element stands to the screen, at once and whenever it comes near or leaves, until the
 * answer is called. A busy page hears of several changes together, the oldest first: only the last
 * of them says how things are. Tells nothing where a browser cannot.
 */
export function watchNearness(
  element: Element,
  margin: string,
  tell: (entry: IntersectionObserverEntry) => void,
): () => void {
  if (!('IntersectionObserver' in window)) return () => undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      const newest = entries.at(-1);
      if (newest) tell(newest);
    },
    { rootMargin: margin },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
