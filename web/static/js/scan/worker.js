// The service worker: it keeps the page and its files of one release (RELEASE, FILES and PAGE stand above, written by the server), so
// that the handheld starts without the network. It never keeps answers about stock.

const KIND = PAGE.slice(1) + "-"
const NAME = KIND + RELEASE

self.addEventListener("install", e => e.waitUntil(caches.open(NAME).then(c => c.addAll(FILES)).then(() => self.skipWaiting())))

self.addEventListener("activate", e => e.waitUntil(caches.keys()
  .then(keys => Promise.all(keys.filter(k => k.startsWith(KIND) && k !== NAME).map(k => caches.delete(k))))
  .then(() => self.clients.claim())))

self.addEventListener("fetch", e => {
  const url = new URL(e.request.url)
  if (e.request.method !== "GET" || url.origin !== location.origin) return
  if (e.request.mode === "navigate" && url.pathname === PAGE) return e.respondWith(page(e.request))
  // Another page that is kept, such as the camera's: from the server while there is one.
  if (e.request.mode === "navigate" && FILES.includes(url.pathname)) return e.respondWith(fetch(e.request).catch(async () => (await caches.open(NAME)).match(url.pathname)))
  if (url.pathname.startsWith(RELEASE + "/")) e.respondWith(file(e.request))
})

// page asks the server first: a new release shows at once. Without an answer in 2.5 s the kept page is as good.
async function page(request) {
  const kept = async () => (await caches.open(NAME)).match(PAGE)
  const late = new Promise(resolve => setTimeout(resolve, 2500)).then(kept)
  const fresh = fetch(request).then(async r => {
    if (r.ok) (await caches.open(NAME)).put(PAGE, r.clone())
    return r.ok ? r : (await kept()) || r
  }).catch(kept)
  return (await Promise.race([fresh, late])) || fresh
}

async function file(request) {
  const cache = await caches.open(NAME)
  const hit = await cache.match(request)
  if (hit) return hit
  const r = await fetch(request)
  if (r.ok) cache.put(request, r.clone())
  return r
}
