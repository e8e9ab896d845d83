import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
}

/** A list of actions below a button. */
export function Menu({ trigger, children }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-10 outline-none">
          <Base.Popup className="max-h-[70dvh] min-w-44 max-w-[90vw] overflow-y-auto rounded-card border border-line bg-surface-1 p-1 text-ink shadow-overlay outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const ITEM =
  'flex min-h-9 touch:min-h-11 w-full cursor-pointer select-none items-center gap-2.5 rounded-[4px] px-2.5 text-left outline-none data-highlighted:bg-surface-2';

interface MenuItemProps {
  icon?: LucideIcon;
  onSelect: () => void;
  isDanger?: boolean;
  children: ReactNode;
}

export function MenuItem({ icon: Icon, onSelect, isDanger = false, children }: MenuItemProps) {
  return (
    <Base.Item onClick={onSelect} className={`${ITEM} ${isDanger ? 'text-negative' : ''}`}>
      {Icon && <Icon aria-hidden size={16} className={isDanger ? '' : 'text-muted'} />}
      {children}
    </Base.Item>
  );
}

/** An entry that leads to another page. `render` is the link. */
export function MenuLink({ render, children }: { render: ReactElement; children: ReactNode }) {
  return (
    <Base.Item render={render} className={ITEM}>
      {children}
    </Base.Item>
  );
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
