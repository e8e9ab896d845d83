import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import type { Screenshot } from '@/api/types';
import { Moment } from '@/components/time';
import { IconButton } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { ScreenshotPicture } from './screenshot-picture';

interface ViewerProps {
  tradeId: string;
  shots: Screenshot[];
  /** Which one is shown; none: it is closed. */
  shown: string | null;
  onShow: (id: string | null) => void;
}

/** One picture, as large as the screen allows. */
export function ScreenshotViewer({ tradeId, shots, shown, onShow }: ViewerProps) {
  const t = useTranslations('screenshots');
  const index = shots.findIndex(({ id }) => id === shown);
  const shot = shots[index];
  const previous = shots[index - 1]?.id;
  const next = shots[index + 1]?.id;
  const isOpen = shot !== undefined;

  useEffect(() => {
    if (!isOpen) return;
    function step(event: KeyboardEvent): void {
      const to = { ArrowLeft: previous, ArrowRight: next }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      onShow(to);
    }
    // Before the window keeps the arrow keys to itself.
    window.addEventListener('keydown', step, { capture: true });
    return () => window.removeEventListener('keydown', step, { capture: true });
  }, [isOpen, previous, next, onShow]);

  const name = t('picture', { at: index + 1, count: shots.length });
  return (
    <Dialog isOpen={isOpen} onClose={() => onShow(null)} title={name} isWide>
      {shot && (
        <>
          <ScreenshotPicture key={shot.id} tradeId={tradeId} id={shot.id} name={name} isWhole />
          <div className="mt-3 flex items-center justify-between gap-2">
            <IconButton
              icon={ChevronLeft}
              label={t('previous')}
              aria-disabled={previous === undefined}
              onClick={() => previous !== undefined && onShow(previous)}
            />
            <p className="text-center text-muted text-sm">
              <Moment at={shot.created_at} format="full" />
              <span className="touch:hidden"> · {t('keys')}</span>
            </p>
            <IconButton
              icon={ChevronRight}
              label={t('next')}
              aria-disabled={next === undefined}
              onClick={() => next !== undefined && onShow(next)}
            />
          </div>
        </>
      )}
    </Dialog>
  );
}
