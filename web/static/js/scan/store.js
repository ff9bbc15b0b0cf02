// What the device keeps: the queue of commands and its state, in IndexedDB. The page says which database (data-store). A promise is kept when the data are on the disk.

const open = new Promise((resolve, reject) => {
  const r = indexedDB.open(document.documentElement.dataset.store || "milkrun-scan", 1)
  r.onupgradeneeded = () => {
    r.result.createObjectStore("queue", { keyPath: "n", autoIncrement: true })
    r.result.createObjectStore("state")
  }
  r.onsuccess = () => resolve(r.result)
  r.onerror = () => reject(r.error)
})

async function run(store, mode, f) {
  const db = await open
  return new Promise((resolve, reject) => {
    const tx = db.transaction(store, mode)
    const request = f(tx.objectStore(store))
    tx.oncomplete = () => resolve(request && request.result)
    tx.onabort = tx.onerror = () => reject(tx.error)
  })
}

export const store = {
  get: key => run("state", "readonly", s => s.get(key)),
  set: (key, value) => run("state", "readwrite", s => value === undefined ? s.delete(key) : s.put(value, key)),
  queued: () => run("queue", "readonly", s => s.getAll()),
  add: record => run("queue", "readwrite", s => s.add(record)),
  put: record => run("queue", "readwrite", s => s.put(record)),
  remove: numbers => run("queue", "readwrite", s => { numbers.forEach(n => s.delete(n)) }),
}

// uuid makes an operation id; crypto.randomUUID is younger than the browsers of many handhelds.
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = b[6] & 15 | 64
  b[8] = b[8] & 63 | 128
  const h = Array.from(b, x => x.toString(16).padStart(2, "0")).join("")
  return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join("-")
}
