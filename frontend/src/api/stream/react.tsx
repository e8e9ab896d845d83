import { createContext, use, useEffect, useSyncExternalStore } from 'react';
import type { Stream, StreamState } from './stream';

const StreamContext = createContext<Stream | null>(null);

export const StreamProvider = StreamContext.Provider;

function useStream(): Stream {
  const stream = use(StreamContext);
  if (!stream) throw new Error('StreamProvider is missing');
  return stream;
}

/** How the live connection is. */
export function useStreamState(): StreamState {
  const stream = useStream();
  return useSyncExternalStore(stream.onChange, stream.state);
}

/** Keeps the live connection open while the calling component is shown. */
export function useLiveConnection(): void {
  const stream = useStream();
  useEffect(() => {
    stream.open();
    return () => stream.close();
  }, [stream]);
}

/** Receives the changes of one topic while the calling component is shown. */
export function useTopic(topic: string): void {
  const stream = useStream();
  useEffect(() => stream.watch(topic), [stream, topic]);
}
