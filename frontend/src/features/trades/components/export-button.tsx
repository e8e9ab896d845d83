import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { TradeFilter } from '@/api/stream/apply';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { saveFile } from '@/lib/save-file';
import { exportTrades } from '../queries';

/** Saves the trades that fit the filter as a file. */
export function ExportButton({ filter }: { filter: TradeFilter }) {
  const t = useTranslations('trades');
  const save = useMutation({
    mutationFn: () => exportTrades(filter),
    onSuccess: (file) => saveFile(file, 'flotilla-trades.csv'),
  });
  return (
    <>
      <Button icon={Download} isBusy={save.isPending} onClick={() => save.mutate()}>
        {t('export')}
      </Button>
      <ProblemText error={save.error} />
    </>
  );
}
