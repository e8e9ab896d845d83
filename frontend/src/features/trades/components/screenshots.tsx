import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Presses, usePresses } from '@/api/once';
import type { Screenshot } from '@/api/types';
import { Failure, Loading } from '@/components/states';
import { Moment } from '@/components/time';
import { IconButton } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { screenshotsQuery, useDeleteScreenshot, useMayChange } from '../screenshots';
import { ScreenshotAdder } from './screenshot-adder';
import { ScreenshotPicture } from './screenshot-picture';
import { ScreenshotViewer } from './screenshot-viewer';

/** Pictures of a trade: what its owner saw. */
export function Screenshots({ tradeId }: { tradeId: string }) {
  const t = useTranslations('screenshots');
  const shots = useQuery(screenshotsQuery(tradeId));
  const mayChange = useMayChange();
  const presses = usePresses();
  return (
    <section aria-label={t('title')} className="flex flex-col gap-3">
      <h3 className="font-semibold">{t('title')}</h3>
      {shots.isPending && <Loading rows={2} />}
      {shots.isError && <Failure error={shots.error} onRetry={() => void shots.refetch()} />}
      {shots.data?.length === 0 && <p className="text-muted">{t('none')}</p>}
      {shots.data && (
        <Pictures tradeId={tradeId} presses={presses} shots={shots.data} mayChange={mayChange} />
      )}
      {shots.data && mayChange && (
        <ScreenshotAdder tradeId={tradeId} presses={presses} count={shots.data.length} />
      )}
    </section>
  );
}

interface PicturesProps {
  tradeId: string;
  presses: Presses;
  shots: Screenshot[];
  mayChange: boolean;
}

function Pictures({ tradeId, presses, shots, mayChange }: PicturesProps) {
  const t = useTranslations('screenshots');
  const [shown, setShown] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);
  const remove = useDeleteScreenshot(tradeId, presses);
  const ask = (id: string | null) => {
    remove.reset();
    setDoomed(id);
  };
  return (
    <>
      {shots.length > 0 && (
        <ul className="grid grid-cols-2 gap-3">
          {shots.map(({ id, created_at }, index) => (
            <li key={id} className="overflow-hidden rounded-card border border-line">
              <button
                type="button"
                aria-label={t('open', { at: index + 1 })}
                onClick={() => setShown(id)}
                className="block aspect-video w-full cursor-zoom-in"
              >
                <ScreenshotPicture
                  tradeId={tradeId}
                  id={id}
                  name={t('picture', { at: index + 1, count: shots.length })}
                />
              </button>
              <div className="flex min-h-9 items-center justify-between gap-1 pl-2 text-muted text-sm">
                <Moment at={created_at} format="short" />
                {mayChange && (
                  <IconButton
                    icon={Trash2}
                    label={t('deleteNamed', { at: index + 1 })}
                    onClick={() => ask(id)}
                  />
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      <ScreenshotViewer tradeId={tradeId} shots={shots} shown={shown} onShow={setShown} />
      <ConfirmDialog
        isOpen={doomed !== null}
        onClose={() => ask(null)}
        onConfirm={() => doomed && remove.mutate(doomed, { onSuccess: () => ask(null) })}
        title={t('deleteTitle')}
        consequence={t('deleteText')}
        verb={t('delete')}
        isBusy={remove.isPending}
        error={remove.error}
      />
    </>
  );
}
