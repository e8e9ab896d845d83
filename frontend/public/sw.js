// Keeps the application's own files, so that it opens without a network and then
// says that the server does not answer. What the API answers is never kept: old
// figures that look new are worse than none.

const KEPT = 'flotilla-shell-3';
const SHELL = '/';
/** What the shell needs at once and whose name stays. */
const BESIDE = '/theme.js';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) =>
        kept.addAll([SHELL, BESIDE].map((path) => new Request(path, { cache: 'reload' }))),
      )
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname === BESIDE) event.respondWith(newest(request));
  else if (isPart(url)) event.respondWith(part(request));
});

// The page that brought this here had its parts before there was anybody to keep them.
self.addEventListener('message', (event) => {
  const parts = event.data.filter((each) => isPart(new URL(each, self.location.origin)));
  event.waitUntil(Promise.allSettled(parts.map((each) => part(new Request(each)))));
});

function isPart({ origin, pathname }) {
  return origin === self.location.origin && pathname.startsWith('/assets/');
}

async function newest(request) {
  try {
    return await fetch(request);
  } catch (reason) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw reason;
  }
}

/** The newest page there is; without a network the kept one, whatever its address. */
async function page(request) {
  const isOurs = !/^\/(api|docs|health|ready|metrics)(\/|$)/.test(new URL(request.url).pathname);
  try {
    const response = await fetch(request);
    // Files of ours are opened in tabs too, and are no shell.
    const isPage = response.headers.get('Content-Type')?.startsWith('text/html');
    if (response.ok && isOurs && isPage) {
      const kept = await caches.open(KEPT);
      await kept.put(SHELL, response.clone());
    }
    return response;
  } catch (reason) {
    const kept = isOurs && (await caches.match(SHELL));
    if (kept) return kept;
    throw reason;
  }
}

/** Names of these files change with what is in them, so a kept one is never old. */
async function part(request) {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok) await kept.put(request, response.clone());
  return response;
}
