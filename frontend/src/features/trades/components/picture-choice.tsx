import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { IconButton } from '@/components/ui/button';
import type { PictureDraft } from '../picture-draft';
import { MOST_PICTURES, type Sending } from '../screenshots';
import { PictureDrop } from './picture-drop';
import { Picture } from './screenshot-picture';

interface PictureChoiceProps {
  draft: PictureDraft;
  isBusy: boolean;
  sending: Sending | null;
}

/** Pictures for a trade that is being typed in: they are sent once it is there. */
export function PictureChoice({ draft, isBusy, sending }: PictureChoiceProps) {
  const t = useTranslations('screenshots');
  const count = draft.chosen.length;
  return (
    <section aria-label={t('title')} className="flex flex-col gap-1.5">
      <p className="font-medium">{t('title')}</p>
      <PictureDrop
        isFull={count >= MOST_PICTURES}
        isBusy={isBusy}
        sending={sending}
        faults={draft.faults}
        onFiles={draft.add}
      >
        {count > 0 && (
          <ul className="mb-3 grid grid-cols-2 gap-3 sm:grid-cols-3">
            {draft.chosen.map((each, index) => (
              <li key={each.id} className="overflow-hidden rounded-card border border-line">
                <div className="aspect-video w-full">
                  <Picture content={each.file} name={t('picture', { at: index + 1, count })} />
                </div>
                <div className="flex items-center justify-between gap-1 pl-2 text-muted text-sm">
                  <span className="min-w-0 truncate">{each.file.name}</span>
                  <IconButton
                    icon={X}
                    label={t('removeNamed', { at: index + 1 })}
                    aria-disabled={isBusy || undefined}
                    onClick={() => !isBusy && draft.remove(each)}
                  />
                </div>
              </li>
            ))}
          </ul>
        )}
      </PictureDrop>
    </section>
  );
}
