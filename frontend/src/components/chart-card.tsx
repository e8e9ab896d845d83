import { ChartLine, Table } from 'lucide-react';
import { type ReactNode, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from './page';
import { Button } from './ui/button';

interface ChartCardProps {
  title: string;
  /** What it shows, in one sentence. */
  note?: ReactNode;
  chart: ReactNode;
  /** The class of the chart's height, kept free for it until it is here. */
  height?: string;
  /** The numbers of the chart. */
  table: ReactNode;
  /** What the button says, where the statistics' texts are not fetched. */
  words?: { showTable: string; showChart: string };
}

/** A chart, and its numbers behind a button. */
export function ChartCard({ words, ...props }: ChartCardProps) {
  return words ? <Shown words={words} {...props} /> : <Usual {...props} />;
}

function Usual(props: Omit<ChartCardProps, 'words'>) {
  const t = useTranslations('charts');
  return <Shown words={{ showTable: t('showTable'), showChart: t('showChart') }} {...props} />;
}

function Shown({
  title,
  note,
  chart,
  height = 'h-64',
  table,
  words,
}: Required<Pick<ChartCardProps, 'words'>> & ChartCardProps) {
  const [isTable, setTable] = useState(false);
  return (
    <Card
      title={title}
      isFlush
      aside={
        <Button look="quiet" icon={isTable ? ChartLine : Table} onClick={() => setTable(!isTable)}>
          {isTable ? words.showChart : words.showTable}
        </Button>
      }
    >
      {isTable ? (
        <section
          className="max-h-96 overflow-y-auto"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={title}
        >
          {table}
        </section>
      ) : (
        <div className="p-4">
          <Suspense fallback={<ChartRoom height={height} />}>{chart}</Suspense>
          {note !== undefined && <p className="mt-2 text-pretty text-muted text-sm">{note}</p>}
        </div>
      )}
    </Card>
  );
}

/** As high as the chart that will stand here: nothing below it moves when it comes. */
export function ChartRoom({ height = 'h-64' }: { height?: string }) {
  const t = useTranslations('common');
  return (
    <div role="status" className={`${height} animate-pulse rounded-card bg-surface-2`}>
      <span className="sr-only">{t('loading')}</span>
    </div>
  );
}
