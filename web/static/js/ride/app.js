// The rider's phone: it holds the day as the server last told it, does what the rider presses to it at once, and queues the same
// as a command. What the server answers replaces the day, with the commands that still wait done to it anew.
import { store } from "../scan/store.js"
import { Queue } from "../scan/queue.js"
import { sound, wake } from "../scan/sound.js"
import { inZone, lang, speak } from "../scan/words.js"
import { apply, labelled, toLeave } from "./rules.js"
import { screens } from "./screens.js"

const every = 10000

export class App {
  constructor(root) {
    this.root = root
    this.day = null
    this.view = { name: "home" }
    this.queue = new Queue({ device: () => "", site: () => 0, told: told => this.told(told), changed: () => this.draw(), signedOut: () => { this.out = true; this.draw() } })
  }

  async start() {
    speak(await store.get("language") || "zh")
    this.base = await store.get("day")
    this.view = await store.get("view") || this.view
    await this.queue.load()
    this.loaded = await store.get("loaded") || { round: 0, parcels: [] }
    this.redo()
    this.root.addEventListener("pointerdown", wake)
    this.root.addEventListener("click", e => {
      const b = e.target.closest("[data-do]")
      if (b && !b.disabled) this.press(b.dataset.do, b.dataset.value)
    })
    this.root.addEventListener("submit", e => { e.preventDefault(); this.press("code", new FormData(e.target).get("code")) })
    this.root.addEventListener("change", e => { if (e.target.dataset.load) this.tick(Number(e.target.dataset.load), e.target.checked) })
    this.root.addEventListener("change", e => { if (e.target.type === "file" && e.target.files[0]) this.photo(e.target.files[0]) })
    if (navigator.geolocation) navigator.geolocation.watchPosition(p => { this.at = p.coords }, () => {}, { maximumAge: 30000 })
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask() })
    setInterval(() => { if (!document.hidden) this.ask() }, every)
    setInterval(() => this.draw(), 1000)
    const read = await store.get("camera")
    if (read) {
      await store.set("camera", "")
      this.scanned(read)
    }
    this.draw()
    this.queue.flush()
    this.ask()
  }

  // ask reads the day anew, when nothing waits to be sent.
  async ask() {
    if (this.queue.waiting.length) return this.queue.flush()
    try {
      const res = await fetch("/ride/day", { headers: { Accept: "application/json" } })
      if (res.status === 401 || res.status === 403) { this.out = true; return this.draw() }
      if (!res.ok) return
      this.out = false
      this.queue.offline = false
      this.keep(await res.json())
    } catch (e) { this.queue.cut() }
  }

  keep(day) {
    const news = d => (d ? d.rounds : []).filter(r => r.changed).map(r => r.id + ":" + r.version)
    const offered = d => (d ? d.rounds : []).filter(r => r.state === "offered").map(r => r.id)
    const fresh = offered(day).some(id => !offered(this.base).includes(id)) || news(day).some(v => !news(this.base).includes(v))
    this.skew = Date.parse(day.now) - Date.now()
    this.base = day
    store.set("day", day).catch(() => {})
    this.redo()
    if (fresh) sound.right()
    this.draw()
  }

  now() { return Date.now() + (this.skew || 0) }

  // redo does the commands that wait to the day that the server told.
  redo() {
    inZone(this.base && this.base.zone)
    this.day = this.base ? JSON.parse(JSON.stringify(this.base)) : null
    for (const r of this.queue.waiting) if (this.day) apply(this.day, r.kind, r.body, Date.parse(r.madeAt) + (this.skew || 0))
  }

  told(list) {
    const last = list.length && list[list.length - 1].answer.result
    if (list.some(x => x.answer.state === "refused")) sound.wrong()
    if (last) {
      // The answered commands are in what the server told; those behind them are done to it again.
      this.queue.records = this.queue.records.filter(r => !list.some(x => x.record === r && x.answer.state === "done"))
      this.keep(last)
    }
  }

  get round() {
    const all = this.day ? this.day.rounds : []
    return all.find(r => r.state === "started") || all.find(r => r.state === "accepted") || all.find(r => r.state === "offered")
  }

  // following is the next round of a rider who is on the road.
  get following() {
    const all = this.day ? this.day.rounds : []
    return all.some(r => r.state === "started") ? all.find(r => r.state !== "started") : undefined
  }

  // ticked are the parcels of the round that the rider has loaded so far.
  get ticked() { return this.round && this.loaded.round === this.round.id ? this.loaded.parcels : [] }

  tick(parcel, on) {
    const rest = this.ticked.filter(id => id !== parcel)
    this.loaded = { round: this.round.id, parcels: on ? [...rest, parcel] : rest }
    store.set("loaded", this.loaded).catch(() => {})
    this.draw()
  }

  // scanned takes what the camera has read of a label: loading it is ticked off, on the way it opens the parcel's stop.
  scanned(code) {
    const r = this.round, s = labelled(r, code)
    this.read = String(code).slice(0, 40)
    if (!s || s.outcome || r.state === "offered") {
      sound.wrong()
      this.misread = s && s.outcome ? "label_done" : "label_other"
      return
    }
    sound.right()
    if (r.state === "accepted") return this.tick(s.parcel, true)
    this.view = { name: "drop", parcel: s.parcel, checked: true }
  }

  get stop() { return this.round && this.round.stops.find(s => !s.outcome) }

  async tell(kind, body = {}, label = kind) {
    if (this.at) Object.assign(body, { lat: this.at.latitude, lon: this.at.longitude })
    const r = await this.queue.put({ kind, body, label })
    apply(this.day, kind, body, this.now())
    this.queue.release(r, 0)
    this.go("home")
  }

  go(name, more = {}) {
    this.view = { name, ...more }
    this.said = ""
    this.misread = ""
    store.set("view", this.view).catch(() => {})
    this.drawn = ""
    this.draw()
    scrollTo(0, 0)
  }

  async press(what, value) {
    const r = this.view.name === "following" && this.following ? this.following : this.round
    const s = this.view.parcel ? r && r.stops.find(x => x.parcel === this.view.parcel) : this.stop
    switch (what) {
      case "on": return this.tell("on", { hours: Number(value) })
      case "off": return this.tell("off")
      case "accept": sound.right(); return this.tell("accept", { round: r.id })
      case "refuse": return this.tell("refuse", { round: r.id, reason: value })
      case "start": sound.right(); return this.tell("start", { round: r.id, parcels: toLeave(r, this.ticked) })
      case "see": return this.tell("see", { round: r.id, version: r.version })
      case "decline": return this.tell("decline", { round: r.id, parcel: Number(value) })
      case "camera": return location.assign("/ride/camera")
      case "finish": sound.right(); return this.tell("finish", { round: r.id })
      case "drop": sound.right(); return this.tell("drop", { round: r.id, parcel: s.parcel }, s.number)
      case "code": {
        const code = String(value || "").trim()
        if (!/^\d{4}$/.test(code)) {
          sound.wrong()
          this.said = "code4"
          this.drawn = ""
          const box = this.root.querySelector("input[name=code]")
          if (box) box.value = "" // what is typed would not be drawn over
          return this.draw()
        }
        sound.right()
        return this.tell("drop", { round: r.id, parcel: s.parcel, code }, s.number)
      }
      case "fail": sound.wrong(); return this.tell("fail", { round: r.id, parcel: s.parcel, fail: value }, s.number)
      case "undo": return this.tell("undo", { round: r.id, parcel: Number(value) })
      case "arrive": return this.go("drop", { parcel: Number(value) || s.parcel })
      case "trouble": return this.go("trouble", { parcel: s.parcel })
      case "go": return this.go(value)
      case "language":
        speak(lang() === "zh" ? "en" : "zh")
        store.set("language", lang()).catch(() => {})
        this.drawn = ""
        return this.draw()
      case "discard": {
        const q = this.queue.records.find(x => String(x.n) === value)
        if (q) await this.queue.drop(q)
        this.redo()
        return this.ask()
      }
      case "again": {
        const q = this.queue.records.find(x => String(x.n) === value)
        if (!q) return
        await this.queue.drop(q)
        const fresh = await this.queue.put({ kind: q.kind, body: q.body, label: q.label })
        return this.queue.release(fresh, 0)
      }
    }
  }

  // photo makes a picture small enough for a bad network and hands the parcel over with it.
  async photo(file) {
    const r = this.round, s = r.stops.find(x => x.parcel === this.view.parcel) || this.stop
    const bitmap = await createImageBitmap(file)
    const by = Math.min(1, 1280 / Math.max(bitmap.width, bitmap.height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.round(bitmap.width * by)
    canvas.height = Math.round(bitmap.height * by)
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    const photo = canvas.toDataURL("image/jpeg", 0.7).split(",")[1]
    sound.right()
    this.tell("drop", { round: r.id, parcel: s.parcel, photo }, s.number)
  }

  draw() {
    const text = String(screens(this))
    if (text === this.drawn) return
    const typed = this.root.querySelector("input[name=code]")
    if (typed && typed.value && this.drawnView === this.view) {
      // What is being typed is not drawn over.
      return
    }
    this.drawn = text
    this.drawnView = this.view
    this.root.innerHTML = text
    const box = this.root.querySelector("input[name=code]")
    if (box) box.focus()
  }
}
