import { useTranslations } from 'use-intl';
import { Dialog } from '@/components/ui/dialog';
import { remember, useRemembered } from '@/lib/remembered';

/** Keys and what they do, by place. */
const LISTS = {
  everywhere: { search: ['Ctrl K'], help: ['?'], close: ['Esc'] },
  journal: {
    next: ['J', '↓'],
    previous: ['K', '↑'],
    open: ['Enter'],
    choose: ['X'],
    find: ['/'],
    add: ['N'],
  },
} as const;

const KEY =
  'inline-grid h-6 min-w-6 place-items-center rounded-[4px] border border-edge bg-surface-2 px-1.5 font-mono text-sm';

/** What can be done with single keys, and a way to switch them off for who speaks to the computer. */
export function KeyList({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useTranslations('keys');
  const isOff = useRemembered('keys') === 'off';
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('title')}>
      <label className="mb-4 flex min-h-9 cursor-pointer items-center gap-2.5">
        <input
          type="checkbox"
          className="size-4 accent-accent-fill"
          checked={!isOff}
          onChange={(event) => remember('keys', event.currentTarget.checked ? null : 'off')}
        />
        {t('isOn')}
      </label>
      <h3 className="mb-1 font-medium">{t('everywhere')}</h3>
      <Keys list={LISTS.everywhere} />
      <h3 className="mt-4 mb-1 font-medium">{t('journal')}</h3>
      <Keys list={LISTS.journal} />
    </Dialog>
  );
}

type Name = keyof typeof LISTS.everywhere | keyof typeof LISTS.journal;

function Keys({ list }: { list: Partial<Record<Name, readonly string[]>> }) {
  const t = useTranslations('keys.names');
  return (
    <dl className="divide-y divide-line border-line border-y">
      {(Object.keys(list) as Name[]).map((name) => (
        <div key={name} className="flex min-h-9 items-center justify-between gap-4 py-1">
          <dt>{t(name)}</dt>
          <dd className="flex gap-1.5">
            {list[name]?.map((key) => (
              <kbd key={key} className={KEY}>
                {key}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
