import { Search } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Later } from '@/components/later';
import { useShortcuts } from '@/components/shortcuts';
import { IconButton } from '@/components/ui/button';
import { prepareTexts } from '@/lib/i18n/provider';
import { StopFlow } from './stop';

/** With the window it stands in, when somebody asks for it. */
const Palette = lazy(async () => {
  const [{ Palette }] = await Promise.all([import('./palette'), prepareTexts('finding')]);
  return { default: Palette };
});

/** Opens the search for whatever has a name: by its button, or Ctrl-K. */
export function QuickWays() {
  const t = useTranslations('nav');
  const [isOpen, setOpen] = useState(false);
  const [isStopping, setStopping] = useState(false);
  useShortcuts({ 'mod+k': () => setOpen(true) });
  return (
    <>
      <IconButton icon={Search} label={t('find')} onClick={() => setOpen(true)} />
      <Later isWanted={isOpen}>
        <Palette isOpen={isOpen} onClose={() => setOpen(false)} onStop={() => setStopping(true)} />
      </Later>
      <StopFlow isAsking={isStopping} onClose={() => setStopping(false)} />
    </>
  );
}
