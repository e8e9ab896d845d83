import { CircleAlert, ImagePlus } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { type Fault, MOST_PICTURES, PICTURE_KINDS, type Sending } from '../screenshots';

/** Files that are pasted or dropped anywhere on the page, unless a window above it has them. */
function useArrivals(place: RefObject<HTMLElement | null>, onFiles: (files: File[]) => void): void {
  const take = useEffectEvent((event: Event, carried: DataTransfer | null) => {
    const target = event.target instanceof Element ? event.target : null;
    const window = target?.closest('[role="dialog"]');
    if (window && !window.contains(place.current)) return;
    const files = Array.from(carried?.files ?? []);
    if (files.length === 0) return;
    // Tables are copied as text and as a picture of it: who writes means the text.
    const isWriting = target?.matches('input, textarea') ?? false;
    if (event.type === 'paste' && isWriting && carried?.types.includes('text/plain')) return;
    event.preventDefault();
    onFiles(files);
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent) => take(event, event.clipboardData);
    const drop = (event: DragEvent) => take(event, event.dataTransfer);
    // Otherwise the browser would leave the page for the file.
    const allow = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    document.addEventListener('paste', paste);
    document.addEventListener('drop', drop);
    document.addEventListener('dragover', allow);
    return () => {
      document.removeEventListener('paste', paste);
      document.removeEventListener('drop', drop);
      document.removeEventListener('dragover', allow);
    };
  }, []);
}

interface PictureDropProps {
  /** No more fit. */
  isFull: boolean;
  /** Some are on their way: nothing is taken meanwhile. */
  isBusy: boolean;
  sending: Sending | null;
  faults: Fault[];
  onFiles: (files: File[]) => void;
  /** What was chosen. */
  children?: ReactNode;
}

/** Where pictures are dropped, pasted or chosen, with what became of them. */
export function PictureDrop(props: PictureDropProps) {
  const { isFull, isBusy, sending, faults, onFiles, children } = props;
  const t = useTranslations('screenshots');
  const place = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [late, setLate] = useState<Fault[]>([]);
  const take = (files: File[]) => {
    if (isBusy) setLate([...late, ...files.map((file): Fault => ({ file, kind: 'busy' }))]);
    else {
      setLate([]);
      onFiles(files);
    }
  };
  useArrivals(place, take);
  return (
    <div ref={place} className="rounded-card border border-line border-dashed p-3">
      {children}
      <p className="mb-3 text-pretty text-muted text-sm">
        {t(isFull ? 'full' : 'hint', { most: MOST_PICTURES })}
      </p>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={t('add')}
        accept={PICTURE_KINDS.join()}
        onChange={({ currentTarget }) => {
          take(Array.from(currentTarget.files ?? []));
          // The same file can be chosen once more.
          currentTarget.value = '';
        }}
      />
      <Button
        icon={ImagePlus}
        disabled={isFull}
        isBusy={isBusy}
        onClick={() => input.current?.click()}
      >
        {t('add')}
      </Button>
      <p aria-live="polite" className="mt-2 text-muted text-sm empty:hidden">
        {sending && t('sending', { ...sending })}
      </p>
      <Faults faults={[...faults, ...late]} />
    </div>
  );
}

function Faults({ faults }: { faults: Fault[] }) {
  const t = useTranslations('screenshots');
  const text = useProblemText();
  if (faults.length === 0) return null;
  return (
    <ul role="alert" className="mt-2 flex flex-col gap-1 text-negative text-sm">
      {faults.map((fault) => (
        <li key={faults.indexOf(fault)} className="flex items-start gap-2">
          <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {t(`faults.${fault.kind}`, {
              name: fault.file.name,
              most: MOST_PICTURES,
              reason: fault.error ? text(fault.error) : '',
            })}
          </span>
        </li>
      ))}
    </ul>
  );
}
