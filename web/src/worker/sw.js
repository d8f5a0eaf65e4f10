// @ts-check
/**
 * Keeps the cabinet's files on the device, so that it opens without a connection. Nothing of the API
 * is kept here. A new version waits until it is asked for: open tabs go on with the files they began with.
 * VERSION and FILES are put in by the build.
 */
/** @type {any} */
const worker = self;
const CACHE = 'lkk-__VERSION__';
/** @type {string[]} */
const FILES = ['__FILES__'];

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))));
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('lkk-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data === 'use') void worker.skipWaiting();
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || /^\/(v1\/|_|sw\.js$)/.test(url.pathname)) return;
  if (request.mode === 'navigate') event.respondWith(caches.match('/index.html', { cacheName: CACHE }).then((page) => page ?? fetch(request)));
  else event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((file) => file ?? fetch(request)));
});
