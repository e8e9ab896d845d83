import { useMutation } from '@tanstack/react-query';
import { Download, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@/api/types';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { saveFile } from '@/lib/save-file';
import { exportMe } from '../queries';

const EraseDialog = lazy(async () => ({ default: (await import('./erase-dialog')).EraseDialog }));

/** Everything that is kept of the user: as a file, and to be erased. */
export function DataCard({ user }: { user: User }) {
  const t = useTranslations('settings');
  const [isErasing, setErasing] = useState(false);
  const save = useMutation({
    mutationFn: exportMe,
    onSuccess: (file) => saveFile(file, 'flotilla-export.json'),
  });
  return (
    <Card title={t('data.title')}>
      <p className="mb-4 text-pretty text-muted">{t('data.hint')}</p>
      <div className="flex flex-wrap gap-2">
        <Button icon={Download} isBusy={save.isPending} onClick={() => save.mutate()}>
          {t('data.export')}
        </Button>
        {user.role !== 'admin' && (
          <Button icon={Trash2} onClick={() => setErasing(true)}>
            {t('erase.open')}
          </Button>
        )}
      </div>
      <ProblemText error={save.error} />
      {isErasing && (
        <Suspense fallback={null}>
          <EraseDialog user={user} onClose={() => setErasing(false)} />
        </Suspense>
      )}
    </Card>
  );
}
