import { type ComponentType, createContext, useContext } from 'react';

export interface VenueMarkProps {
  accountId: string;
  /** Tells too whether its key works, and when that was last checked. */
  showsKey?: boolean;
}

const Mark = createContext<ComponentType<VenueMarkProps> | null>(null);

/** The frame of the pages knows the accounts; what stands below it only says which one it names. */
export const VenueMarks = Mark.Provider;

/** Beside an account's name: whose money it moves, where that is a question. */
export function VenueMark(props: VenueMarkProps) {
  const Badge = useContext(Mark);
  return Badge && <Badge {...props} />;
}
