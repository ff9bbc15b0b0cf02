// The queue of commands: every one has an operation id, is on the disk before the worker sees green, and leaves the device in
// the order in which it was made. One that the server refuses waits here in red until somebody decides.
import { store, uuid } from "./store.js"

const pauses = [1000, 2000, 5000, 10000, 20000]

export class Queue {
  // told hears {records, answers} of each batch, changed that the queue is another, signedOut that nobody is signed in.
  constructor({ device, site, by = () => "", told, changed, signedOut }) {
    Object.assign(this, { device, site, by, told, changed, signedOut })
    this.records = []
    this.offline = !navigator.onLine
    this.since = this.offline ? Date.now() : 0
    this.tries = 0
    addEventListener("online", () => this.flush())
    addEventListener("offline", () => this.cut())
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.flush() })
  }

  async load() {
    this.records = (await store.queued()).map(r => Object.assign(r, { state: r.state === "refused" ? "refused" : "waiting" }))
  }

  get waiting() { return this.records.filter(r => r.state !== "refused") }
  get refused() { return this.records.filter(r => r.state === "refused") }
  // shown are those that a worker would miss: scans that only count are not.
  get pending() { return this.waiting }

  // put keeps a command, with the sign of who makes it: it may be sent when another has signed in. It is not sent before release,
  // so that its time to the answer can be written.
  async put({ kind, body, screen, verdict, label, task, raw }) {
    const r = { op: uuid(), by: this.by(), kind, body: body || {}, screen: screen || "", verdict: verdict || "", ms: 0, label, task, raw, madeAt: new Date().toISOString(), state: "held" }
    r.n = await store.add(r)
    this.records.push(r)
    return r
  }

  release(r, ms) {
    r.ms = ms
    if (r.state === "held") r.state = "waiting"
    store.put(r).catch(() => {})
    this.changed()
    this.flush()
  }

  async drop(r) {
    await store.remove([r.n])
    this.records = this.records.filter(x => x !== r)
    this.changed()
  }

  cut() {
    if (!this.offline) this.since = Date.now()
    this.offline = true
    this.changed()
  }

  // send posts commands and gives the answers; null without the network.
  async send(records) {
    const body = { device: this.device(), site: this.site(), sent_at: new Date().toISOString(),
      commands: records.map(r => ({ op: r.op, kind: r.kind, made_at: r.madeAt, screen: r.screen, verdict: r.verdict, local_ms: r.ms, body: r.body, by: r.by || undefined })) }
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), 15000)
    let res
    try {
      res = await fetch(document.documentElement.dataset.commands || "/scan/commands", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body), signal: stop.signal })
    } catch (e) {
      this.cut()
      return null
    } finally { clearTimeout(timer) }
    if (res.status === 401 || res.status === 403) { this.signedOut(); return null }
    if (!res.ok) return null
    this.offline = false
    this.since = 0
    return (await res.json()).answers
  }

  async flush() {
    if (this.busy) { this.again = true; return }
    this.busy = true
    clearTimeout(this.timer)
    try {
      do {
        this.again = false
        const next = this.records.filter(r => r.state === "waiting").slice(0, 50)
        if (next.length === 0) break
        // A command is never overtaken: one that is still held ends the batch.
        const held = this.records.findIndex(r => r.state === "held")
        const batch = held < 0 ? next : next.filter(r => this.records.indexOf(r) < held)
        if (batch.length === 0) break
        const answers = await this.send(batch)
        if (!answers) { this.later(); break }
        this.tries = 0
        await this.take(batch, answers)
        if (answers.length < batch.length || answers.some(a => a.state === "retry")) { this.later(); break }
        this.again = true
      } while (this.again)
    } finally {
      this.busy = false
      this.changed()
    }
  }

  async take(batch, answers) {
    const gone = [], told = []
    for (const a of answers) {
      const r = batch.find(x => x.op === a.op)
      if (!r) continue
      if (a.state === "done") gone.push(r)
      if (a.state === "refused") {
        Object.assign(r, { state: "refused", refusal: a.refusal })
        await store.put(r)
      }
      told.push({ record: r, answer: a })
    }
    await this.told(told)
    await store.remove(gone.map(r => r.n))
    this.records = this.records.filter(r => !gone.includes(r))
  }

  later() {
    this.timer = setTimeout(() => this.flush(), pauses[Math.min(this.tries++, pauses.length - 1)])
  }
}
