import { Menu as Base } from '@base-ui/react/menu';
import { MenuParts, type MenuProps } from './menu';

const PARTS = { Item: Base.Item, Separator: Base.Separator };

/** The menu itself, open from the start: it is loaded when somebody asks for it. */
export default function MenuList({ trigger, children }: MenuProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-10 outline-none">
          <Base.Popup className="max-h-[70dvh] min-w-44 max-w-[90vw] overflow-y-auto rounded-card border border-line bg-surface-1 p-1 text-ink shadow-overlay outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <MenuParts value={PARTS}>{children}</MenuParts>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
