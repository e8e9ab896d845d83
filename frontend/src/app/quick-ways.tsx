import { Search } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Later } from '@/components/later';
import { useShortcuts } from '@/components/shortcuts';
import { IconButton } from '@/components/ui/button';
import { StopFlow } from './stop';

/** With the window it stands in, when somebody asks for it. */
const Palette = lazy(async () => ({ default: (await import('./palette')).Palette }));

/** Opens the search for whatever has a name: by its button, or Ctrl-K. */
export function QuickWays() {
  const t = useTranslations('palette');
  const [isOpen, setOpen] = useState(false);
  const [isStopping, setStopping] = useState(false);
  useShortcuts({ 'mod+k': () => setOpen(true) });
  return (
    <>
      <IconButton icon={Search} label={t('button')} onClick={() => setOpen(true)} />
      <Later isWanted={isOpen}>
        <Palette isOpen={isOpen} onClose={() => setOpen(false)} onStop={() => setStopping(true)} />
      </Later>
      <StopFlow isAsking={isStopping} onClose={() => setStopping(false)} />
    </>
  );
}
