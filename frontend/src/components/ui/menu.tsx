import type { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import {
  cloneElement,
  createContext,
  type HTMLAttributes,
  type KeyboardEvent,
  lazy,
  type ReactElement,
  type ReactNode,
  Suspense,
  use,
  useState,
} from 'react';

export interface MenuProps {
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  children: ReactNode;
}

const load = () => import('./menu-list');
const MenuList = lazy(load);

/** What a menu's entries are made of, once it is loaded. */
export const MenuParts = createContext<Pick<typeof Base, 'Item' | 'Separator'> | null>(null);

function useParts() {
  const parts = use(MenuParts);
  if (!parts) throw new Error('an entry stands outside of a menu');
  return parts;
}

/** A list of actions below a button. Until it is first opened there is only the button. */
export function Menu({ trigger, children }: MenuProps) {
  const [isAsked, setAsked] = useState(false);
  const ask = () => setAsked(true);
  const button = cloneElement(trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
    onClick: ask,
    onKeyDown: (event: KeyboardEvent) => isArrow(event) && ask(),
  });
  if (!isAsked) return button;
  return (
    <Suspense fallback={button}>
      <MenuList trigger={trigger}>{children}</MenuList>
    </Suspense>
  );
}

function isArrow(event: KeyboardEvent): boolean {
  const isOne = event.key === 'ArrowDown' || event.key === 'ArrowUp';
  // The page would scroll.
  if (isOne) event.preventDefault();
  return isOne;
}

const ITEM =
  'flex min-h-9 touch:min-h-11 w-full cursor-pointer select-none items-center gap-2.5 rounded-[4px] px-2.5 text-left outline-none data-highlighted:bg-surface-2';

interface MenuItemProps {
  icon?: LucideIcon;
  onSelect: () => void;
  isDanger?: boolean;
  /** The menu shows what comes of it. */
  staysOpen?: boolean;
  children: ReactNode;
}

export function MenuItem({
  icon: Icon,
  onSelect,
  isDanger = false,
  staysOpen = false,
  children,
}: MenuItemProps) {
  const { Item } = useParts();
  return (
    <Item
      onClick={onSelect}
      closeOnClick={!staysOpen}
      className={`${ITEM} ${isDanger ? 'text-negative' : ''}`}
    >
      {Icon && <Icon aria-hidden size={16} className={isDanger ? '' : 'text-muted'} />}
      {children}
    </Item>
  );
}

/** An entry that leads to another page. `render` is the link. */
export function MenuLink({ render, children }: { render: ReactElement; children: ReactNode }) {
  const { Item } = useParts();
  return (
    <Item render={render} className={ITEM}>
      {children}
    </Item>
  );
}

export function MenuLine() {
  const { Separator } = useParts();
  return <Separator className="my-1 h-px bg-line" />;
}
