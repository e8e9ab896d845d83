import { Tag, Trash2, X } from 'lucide-react';
import { lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BulkAnswer, Trade } from '@/api/types';
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

interface Done extends BulkAnswer {
  by: 'tagged' | 'deleted';
}

/** What can be done to the rows that are chosen, and what was. Nothing while there is neither. */
export function SelectionBar({ chosen, onChange, rows }: ChosenProps & { rows: Trade[] }) {
  const t = useTranslations();
  const [asks, setAsks] = useState<'tag' | 'delete' | null>(null);
  /** The windows stay about these until they are closed, however rows come and go. */
  const [asked, setAsked] = useState<Trade[]>([]);
  /** Each question begins with empty fields. */
  const [round, setRound] = useState(0);
  const [told, setTold] = useState<Done | null>(null);
  const trades = rows.filter(({ id }) => chosen.has(id));
  if (told && trades.length > 0) setTold(null);
  const close = () => setAsks(null);
  const done = (by: Done['by']) => (answer: BulkAnswer) => {
    close();
    setTold({ by, ...answer });
    onChange(new Set());
  };
  return (
    <>
      <div className={trades.length > 0 || told ? BAR : 'sr-only'}>
        {/* There before it says anything: else nothing of it is read aloud. */}
        <span role="status" className={`figures mr-auto ${told ? '' : 'font-medium'}`}>
          {trades.length > 0
            ? t('trades.bulk.count', { count: trades.length })
            : told && <Told done={told} />}
        </span>
        {trades.length > 0 ? (
          <Choices
            count={trades.length}
            rows={rows}
            onChange={onChange}
            onAsk={(question) => {
              setAsked(trades);
              setRound(round + 1);
              setAsks(question);
            }}
          />
        ) : (
          told && <IconButton icon={X} label={t('common.close')} onClick={() => setTold(null)} />
        )}
      </div>
      <Later isWanted={asks !== null}>
        <TagDialog
          key={`tag-${round}`}
          isOpen={asks === 'tag'}
          ids={asked.map(({ id }) => id)}
          onClose={close}
          onDone={done('tagged')}
        />
        <DeleteDialog
          key={`delete-${round}`}
          isOpen={asks === 'delete'}
          trades={asked}
          onClose={close}
          onDone={done('deleted')}
        />
      </Later>
    </>
  );
}

const BAR =
  'sticky top-14 z-[5] flex flex-wrap items-center gap-2 rounded-t-card border-line border-b bg-accent-soft px-4 py-1.5';

interface ChoicesProps {
  count: number;
  rows: Trade[];
  onChange: (chosen: Chosen) => void;
  onAsk: (question: 'tag' | 'delete') => void;
}

function Choices({ count, rows, onChange, onAsk }: ChoicesProps) {
  const t = useTranslations('trades.bulk');
  return (
    <>
      {count < rows.length && (
        <Button look="quiet" onClick={() => onChange(new Set(rows.map(({ id }) => id)))}>
          {t('all', { count: rows.length })}
        </Button>
      )}
      <Button icon={Tag} onClick={() => onAsk('tag')}>
        {t('tag')}
      </Button>
      <Button icon={Trash2} onClick={() => onAsk('delete')}>
        {t('delete')}
      </Button>
      <IconButton icon={X} label={t('none')} onClick={() => onChange(new Set())} />
    </>
  );
}

function Told({ done: { by, changed, skipped } }: { done: Done }) {
  const t = useTranslations('trades.bulk');
  return (
    <>
      {t(by, { count: changed })}
      {skipped > 0 && ` ${t('skipped', { count: skipped })}`}
    </>
  );
}
