/** Lets the application open without a network. Only of a build: development has its own files. */
export function keepShell(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Without it all works but that.
  const keep = () => void register().catch(() => undefined);
  // After the first page, which needs the network more.
  if (document.readyState === 'complete') keep();
  else addEventListener('load', keep, { once: true });
}

async function register(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js');
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(performance.getEntriesByType('resource').map(({ name }) => name));
}
