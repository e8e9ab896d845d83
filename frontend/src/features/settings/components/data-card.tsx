import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/page';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { saveFile } from '@/lib/save-file';
import { exportMe } from '../queries';

/** Everything that is kept of the user, as a file. */
export function DataCard() {
  const t = useTranslations('settings.data');
  const save = useMutation({
    mutationFn: exportMe,
    onSuccess: (file) => saveFile(file, 'flotilla-export.json'),
  });
  return (
    <Card title={t('title')}>
      <p className="mb-4 text-pretty text-muted">{t('hint')}</p>
      <Button icon={Download} isBusy={save.isPending} onClick={() => save.mutate()}>
        {t('export')}
      </Button>
      <ProblemText error={save.error} />
    </Card>
  );
}
