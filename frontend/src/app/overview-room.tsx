import { Loading } from '@/components/states';

/** In place of all figures. As high as the screen: what stands below is not seen before it has its place. */
export function FleetRoom() {
  return (
    <div className="min-h-dvh">
      <Loading rows={8} />
    </div>
  );
}
