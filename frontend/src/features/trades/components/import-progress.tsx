import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { ProgressBar } from '@/components/ui/progress-bar';
import { importProgressQuery, stageOf } from '../imports';

interface ImportProgressProps {
  /** Of the file, in bytes. */
  size: number;
  /** Trades in the file; null while it is looked into. */
  trades: number | null;
}

/** How far the file is: on its way, checked row by row, compared with the journal or taken in. */
export function ImportProgress({ size, trades }: ImportProgressProps) {
  const t = useTranslations('imports.progress');
  const { received_bytes, checked_rows, written_trades } = useQuery(importProgressQuery).data;
  const stage = stageOf({ received_bytes, checked_rows, written_trades }, size, trades !== null);
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);
  const { done, total, text } = {
    sending: {
      done: received_bytes,
      total: size,
      text: t('bytes', { done: megabytes(received_bytes), all: megabytes(size) }),
    },
    checking: { done: checked_rows, total: null, text: t('rows', { count: checked_rows }) },
    comparing: {
      done: written_trades,
      total: null,
      text: t('compared', { count: written_trades }),
    },
    writing: {
      done: written_trades,
      total: trades,
      text: t('written', { done: written_trades, count: trades ?? 0 }),
    },
  }[stage];
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        {/* What is said aloud are the stages alone: figures that change each second would drown them. */}
        <p aria-live="polite">{t(stage)}</p>
        <span className="figures whitespace-nowrap text-muted">{text}</span>
      </div>
      <ProgressBar label={t('label')} done={done} total={total} text={text} />
    </div>
  );
}
