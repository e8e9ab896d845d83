import { Tag, Trash2, X } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Trade } from '@/api/types';
import type { Column } from '@/components/data-table';
import { Later } from '@/components/later';
import { Button, IconButton } from '@/components/ui/button';

const TagDialog = lazy(async () => ({ default: (await import('./bulk-dialogs')).TagDialog }));
const DeleteDialog = lazy(async () => ({
  default: (await import('./bulk-dialogs')).DeleteDialog,
}));

const BOX = 'size-4 touch:size-5 cursor-pointer accent-accent-fill';

export type Chosen = ReadonlySet<string>;

interface ChosenProps {
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}

/** The column by which rows are chosen. */
export function useChoiceColumn({ chosen, onChange }: ChosenProps): Column<Trade> {
  const t = useTranslations('trades.bulk');
  return {
    id: 'choice',
    header: <span className="sr-only">{t('choose')}</span>,
    phone: 'lead',
    cell: ({ id, symbol }) => (
      <input
        type="checkbox"
        className={BOX}
        aria-label={t('chooseNamed', { symbol })}
        checked={chosen.has(id)}
        onChange={(event) => {
          const next = new Set(chosen);
          if (event.currentTarget.checked) next.add(id);
          else next.delete(id);
          onChange(next);
        }}
      />
    ),
  };
}

/** What can be done to the rows that are chosen. Nothing while there are none. */
export function SelectionBar({ chosen, onChange, rows }: ChosenProps & { rows: Trade[] }) {
  const t = useTranslations('trades.bulk');
  const [asks, setAsks] = useState<'tag' | 'delete' | null>(null);
  const trades = rows.filter(({ id }) => chosen.has(id));
  const count = trades.length;
  if (count === 0) return null;
  const done = () => {
    setAsks(null);
    onChange(new Set());
  };
  const ids = trades.map(({ id }) => id);
  return (
    <div className="sticky top-14 z-[5] flex flex-wrap items-center gap-2 rounded-t-card border-line border-b bg-accent-soft px-4 py-1.5">
      <span role="status" className="figures mr-auto font-medium">
        {t('count', { count })}
      </span>
      {count < rows.length && (
        <Button look="quiet" onClick={() => onChange(new Set(rows.map(({ id }) => id)))}>
          {t('all', { count: rows.length })}
        </Button>
      )}
      <Button icon={Tag} onClick={() => setAsks('tag')}>
        {t('tag')}
      </Button>
      <Button icon={Trash2} onClick={() => setAsks('delete')}>
        {t('delete')}
      </Button>
      <IconButton icon={X} label={t('none')} onClick={() => onChange(new Set())} />
      <Later isWanted={asks !== null}>
        <TagDialog isOpen={asks === 'tag'} ids={ids} onClose={() => setAsks(null)} onDone={done} />
        <DeleteDialog
          isOpen={asks === 'delete'}
          trades={trades}
          onClose={() => setAsks(null)}
          onDone={done}
        />
      </Later>
    </div>
  );
}
