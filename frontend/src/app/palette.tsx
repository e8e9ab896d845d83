import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Boxes, type LucideIcon, OctagonX, Wallet } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog } from '@/components/ui/dialog';
import { VenueMark } from '@/components/venue-mark';
import { accountsQuery } from '@/features/accounts/queries';
import { groupsQuery } from '@/features/groups/queries';
import { PAGES } from './nav';

interface PaletteProps {
  isOpen: boolean;
  onClose: () => void;
  onStop: () => void;
}

type Kind = 'pages' | 'accounts' | 'groups' | 'actions';

interface Entry {
  id: string;
  kind: Kind;
  name: string;
  icon: LucideIcon;
  accountId?: string;
  act: () => void;
}

/** Shown of those that fit. */
const MOST = 12;

/** From anywhere to an account, a group, a page or an action, by a few letters of its name. */
export function Palette({ isOpen, onClose, onStop }: PaletteProps) {
  const t = useTranslations('palette');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('title')}>
      <Search onClose={onClose} onStop={onStop} />
    </Dialog>
  );
}

function Search({ onClose, onStop }: Omit<PaletteProps, 'isOpen'>) {
  const t = useTranslations('palette');
  const list = useId();
  const [typed, setTyped] = useState('');
  const [marked, setMarked] = useState(0);
  const found = fitting(useEntries(onStop), typed).slice(0, MOST);
  const at = Math.min(marked, found.length - 1);

  function choose(entry: Entry | undefined): void {
    if (!entry) return;
    onClose();
    entry.act();
  }
  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setMarked((at + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <input
        role="combobox"
        aria-label={t('label')}
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found[at] && `${list}-${found[at].id}`}
        autoComplete="off"
        spellCheck={false}
        placeholder={t('hint')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setMarked(0);
        }}
        onKeyDown={press}
        className="h-11 w-full rounded-card border border-edge bg-surface-1 px-3 text-lg text-ink placeholder:text-muted"
      />
      <div id={list} role="listbox" aria-label={t('title')} className="mt-3 min-h-24">
        {found.map((entry, place) => (
          <Option
            key={entry.id}
            id={`${list}-${entry.id}`}
            entry={entry}
            isMarked={place === at}
            onChoose={() => choose(entry)}
          />
        ))}
      </div>
      <p role="status" className="text-muted">
        {found.length === 0 && t('nothing')}
      </p>
    </>
  );
}

interface OptionProps {
  id: string;
  entry: Entry;
  isMarked: boolean;
  onChoose: () => void;
}

function Option({ id, entry, isMarked, onChoose }: OptionProps) {
  const t = useTranslations('palette.kinds');
  const { icon: Icon, name, kind, accountId } = entry;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are pressed in the field above
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
    <div
      id={id}
      role="option"
      aria-selected={isMarked}
      onClick={onChoose}
      className="flex min-h-9 touch:min-h-11 cursor-pointer items-center gap-2.5 rounded-[4px] px-2.5 hover:bg-surface-2 aria-selected:bg-accent-soft"
    >
      <Icon aria-hidden size={16} className="shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate">{name}</span>
      {accountId !== undefined && <VenueMark accountId={accountId} />}
      <span className="text-muted text-sm">{t(kind)}</span>
    </div>
  );
}

function useEntries(onStop: () => void): Entry[] {
  const t = useTranslations();
  const router = useRouter();
  const accounts = useQuery(accountsQuery).data?.items ?? [];
  const groups = useQuery(groupsQuery).data?.items ?? [];
  return [
    ...PAGES.map(
      ({ to, name, icon }): Entry => ({
        id: name,
        kind: 'pages',
        name: t(`nav.${name}`),
        icon,
        act: () => void router.navigate({ to }),
      }),
    ),
    ...accounts.map(
      ({ id, name }): Entry => ({
        id,
        kind: 'accounts',
        name,
        icon: Wallet,
        accountId: id,
        act: () => void router.navigate({ to: '/dashboard/$accountId', params: { accountId: id } }),
      }),
    ),
    ...groups.map(
      ({ id, name }): Entry => ({
        id,
        kind: 'groups',
        name,
        icon: Boxes,
        act: () => void router.navigate({ to: '/groups/$groupId', params: { groupId: id } }),
      }),
    ),
    { id: 'stop', kind: 'actions', name: t('stop.button'), icon: OctagonX, act: onStop },
  ];
}

/** Those in whose name each typed word stands; first where a name begins with it. */
function fitting(entries: Entry[], typed: string): Entry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = ({ name }: Entry) => Number(name.toLowerCase().startsWith(words[0] ?? ''));
  return entries
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((a, b) => begins(b) - begins(a));
}
