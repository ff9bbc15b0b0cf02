// The frame: it holds who works where on which task, hands scans and presses to the screen at hand, keeps what they command in the
// queue, and shows the answer. A screen never waits for the server: it is drawn from the task that the device holds with the
// commands that are still on their way.
import { html, icon, nodes, key } from "./dom.js"
import { t, say, speak, lang, name, clock, inZone } from "./words.js"
import { store } from "./store.js"
import { Queue } from "./queue.js"
import { Sink } from "./sink.js"
import { sound, wake } from "./sound.js"

const rightFor = 900 // ms that a green answer stands

export class App {
  constructor(root, frames, parts) {
    this.root = root
    this.frames = frames
    this.parts = parts
    this.me = null // {user, site, sites, device}
    this.task = null // as the server last said
    this.ui = {} // where in the task the worker is; kept beside it
    this.screen = "next"
    this.params = {}
    this.answer = null
    this.jobs = null
    this.scans = []
  }

  async start() {
    for (const k of ["me", "task", "ui", "jobs", "params"]) this[k] = await store.get(k) || this[k]
    this.screen = await store.get("screen") || "next"
    if (this.me && this.me.site) inZone(this.me.site.zone)
    speak(await store.get("language") || (this.me && this.me.user.language) || "zh")
    this.device = await store.get("device")
    if (!this.device) {
      this.device = "H-" + Array.from(crypto.getRandomValues(new Uint8Array(3)), b => b.toString(16).padStart(2, "0")).join("").toUpperCase()
      await store.set("device", this.device)
    }
    this.queue = new Queue({ device: () => this.device, site: () => this.me && this.me.site ? this.me.site.id : 0, by: () => this.me && this.me.user.by || "",
      told: x => this.told(x), changed: () => this.draw(), signedOut: () => this.signedOut() })
    await this.queue.load()
    this.frame()
    if (!this.me) this.screen = "login"
    this.draw()
    const camera = await store.get("camera")
    if (camera) {
      await store.set("camera", undefined)
      this.scanned(camera, performance.now())
    }
    await this.refresh()
    this.queue.flush()
    setInterval(() => { if (this.screen === "next" && !this.task && !document.hidden) this.refresh() }, 15000)
  }

  frame() {
    const h1 = html`<textarea id="mk-sink" class="mk-sink-input" rows="1" inputmode="none" autocomplete="off" autocapitalize="off" spellcheck="false" aria-label="${t("sink.label")}"></textarea>`
    this.root.className = "mk-hand"
    this.root.replaceChildren(nodes(h1))
    this.sink = new Sink(this.root.querySelector("#mk-sink"), (text, at) => this.scanned(text, at))
    this.root.addEventListener("click", e => {
      wake()
      const b = e.target.closest("[data-do]")
      if (b && !b.disabled) this.pressed(b.dataset.do, b.dataset.value, b, e)
    })
    // While a finger is on the page nothing is drawn: a key that is replaced under it would lose its press.
    this.root.addEventListener("pointerdown", () => {
      this.touched = true
      clearTimeout(this.lifting)
      this.lifting = setTimeout(() => this.lift(), 700)
    })
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => {
      clearTimeout(this.lifting)
      this.lifting = setTimeout(() => this.lift(), 0) // behind the click
    })
    this.root.addEventListener("submit", e => {
      e.preventDefault()
      this.pressed("submit", "", e.target)
    })
    document.addEventListener("keydown", wake, { once: true })
  }

  // ---- what screens see and do

  get part() { return this.task ? this.parts[this.task.kind] : null }

  current() {
    if (!this.me && this.screen !== "setup" && this.screen !== "queue") return this.frames.login
    if (this.me && !this.me.site && !["queue", "setup", "menu"].includes(this.screen)) return this.frames.site
    if (this.screen === "task") return this.part || this.frames.next
    return this.frames[this.screen] || this.frames.next
  }

  // held is the task with the commands applied that the server does not know yet: the counters are the server's, moved on.
  held() {
    const p = this.part
    if (!p || !p.apply) return this.task
    let task = this.task
    const mine = this.taskKey(task)
    for (const r of this.queue.waiting) {
      if (r.task === mine && r.kind !== "scan") task = p.apply(task, r)
    }
    return task
  }

  taskKey(task) { return task ? task.kind + "/" + task.id : "" }

  model() { return { app: this, task: this.held(), ui: this.ui, me: this.me, params: this.params, queue: this.queue } }

  async go(screen, params) {
    this.screen = screen
    this.params = params || {}
    this.answer = null
    await Promise.all([store.set("screen", screen), store.set("params", this.params)])
    this.draw()
    if (screen === "next") this.refresh()
  }

  async setUI(patch) {
    this.ui = Object.assign({}, this.ui, patch)
    await store.set("ui", this.ui)
  }

  async setTask(task, ui) {
    this.task = task
    await store.set("task", task || undefined)
    if (ui) {
      this.ui = ui
      await store.set("ui", ui)
    }
  }

  // begin puts a task on the screen; leave ends it.
  async begin(task) {
    await this.setTask(task, {})
    await this.go("task")
  }

  async leave() {
    await this.setTask(null, {})
    await this.go("next")
  }

  // call does a command that has to be answered before the worker goes on: taking a job. {result} | {refusal} | {offline}.
  async call(kind, body, screen) {
    await this.queue.flush()
    const r = await this.queue.put({ kind, body, screen: screen || this.screen })
    const answers = await this.queue.send([r])
    await this.queue.drop(r)
    if (!answers) return { offline: true }
    return answers[0] && answers[0].state === "done" ? { result: answers[0].result } : { refusal: answers[0] && answers[0].refusal }
  }

  // get asks the server for something to read; null without the network.
  async get(address) {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), 8000)
    try {
      const res = await fetch(address, { headers: { Accept: "application/json" }, signal: stop.signal })
      if (res.status === 401 || res.status === 403) { this.signedOut(); return null }
      if (!res.ok) return null
      if (this.queue.offline) this.queue.flush()
      this.queue.offline = false
      return await res.json()
    } catch (e) {
      this.queue.cut()
      return null
    } finally { clearTimeout(timer) }
  }

  async post(address, body) {
    try {
      const res = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body || {}) })
      return res.ok ? await res.json() : null
    } catch (e) {
      this.queue.cut()
      return null
    }
  }

  // open asks for a task by its key and begins it.
  async open(kind, taskKey) {
    const site = this.me.site ? this.me.site.id : ""
    const got = await this.get(`/scan/task/${encodeURIComponent(kind)}/${encodeURIComponent(taskKey)}?site=${site}`)
    return this.opened(got)
  }

  async opened(got) {
    if (!got) return this.show({ ask: { head: t("offline.head"), text: t("offline.opening") } })
    if (got.refusal) return this.refuse(got.refusal)
    return this.begin(got.task)
  }

  // refresh asks who works here and what waits. A task that the server knows of and the device does not is taken up again: after
  // a change of battery, device or login.
  async refresh() {
    const site = this.me && this.me.site ? this.me.site.code : ""
    const s = await this.get("/scan/state?site=" + encodeURIComponent(site))
    if (!s) { this.draw(); return }
    const site2 = s.site || (this.me && s.sites.find(x => this.me.site && x.id === this.me.site.id)) || null
    this.me = { user: s.user, sites: s.sites, site: site2 }
    if (site2) inZone(site2.zone)
    this.jobs = { list: s.jobs, at: Date.now(), stuck: s.stuck }
    await Promise.all([store.set("me", this.me), store.set("jobs", this.jobs)])
    if (this.screen === "login") this.screen = this.task ? "task" : "next"
    const own = s.jobs.find(j => j.mine && j.start)
    if (!this.task && own && this.screen === "next" && !this.rested) {
      this.draw()
      return this.startJob(own)
    }
    if (this.task && this.task.id && this.queue.waiting.length === 0 && this.parts[this.task.kind] && this.parts[this.task.kind].reload) await this.reload()
    this.draw()
  }

  async reload() {
    if (!this.task || !this.me || !this.me.site) return
    const got = await this.get(`/scan/task/${this.task.kind}/${encodeURIComponent(this.task.key || this.task.id)}?site=${this.me.site.id}`)
    if (got && got.task && this.task && got.task.kind === this.task.kind && String(got.task.id) === String(this.task.id)) await this.setTask(got.task)
  }

  async startJob(job) {
    if (!job.start) return this.open(job.kind, job.key)
    const got = await this.call(job.start, job.body, "next")
    if (got.offline) return this.show({ ask: { head: t("offline.head"), text: t("offline.opening") } })
    if (got.refusal) { this.refresh(); return this.refuse(got.refusal) }
    this.rested = false
    const same = this.task && this.taskKey(this.task) === this.taskKey(got.result)
    if (same) { await this.setTask(got.result); return this.go("task") }
    return this.begin(got.result)
  }

  // ---- scans and presses, one after the other; those that come while one is being saved wait here

  scanned(raw, at) {
    wake()
    this.last = null // what is pressed after a scan is pressed on purpose
    this.scans.push({ raw, at })
    this.work()
  }

  async work() {
    if (this.working) return
    this.working = true
    try {
      while (this.scans.length) {
        const s = this.scans.shift()
        try {
          if (s.press) await this.press(s)
          else await this.scan(s)
        } catch (e) {
          console.error(e)
          this.show({ wrong: { head: t("fault.page"), text: t("next.page") } })
        }
      }
    } finally { this.working = false }
  }

  lost(raw) { return { wrong: { fault: "unread", scanned: raw } } }

  async scan(s) {
    const screen = this.current()
    const out = screen.scan ? await screen.scan(s.raw, this.model()) : null
    await this.settle(out || this.lost(s.raw), s, screen)
  }

  pressed(press, value, element, e) {
    // A glove presses twice: a second press at the same spot within a third of a second is the same press.
    const at = performance.now(), x = e ? e.clientX : 0, y = e ? e.clientY : 0
    const same = this.last && at - this.last.at < 330 && Math.abs(x - this.last.x) < 48 && Math.abs(y - this.last.y) < 48
    if (same && press !== "digit") return
    this.last = { at, x, y }
    this.scans.push({ press, value, element, at, answer: this.answer, raw: "" })
    this.work()
  }

  async press(s) {
    const { press, value, element, answer: over } = s
    // The answer that was pressed may have gone meanwhile: a green one ends by itself.
    if (press === "close") return this.dismiss()
    if (press === "queue") return this.go(this.screen === "queue" ? (this.task ? "task" : "next") : "queue")
    if (press === "back") return this.go(this.task ? "task" : "next")
    const screen = this.current()
    let out = null
    if (over && over.press) out = await over.press(press, value)
    else if (screen.press) out = await screen.press(press, value, this.model(), element)
    if (out) await this.settle(out, s, screen)
    else this.draw()
    this.sink.focus(false)
  }

  // settle does what a screen answered to a scan or a press:
  // {command: {kind, body, label}, ui, right: {head, text, next}, wrong: {...}, ask: {...}, step: true, after: f}
  async settle(out, s, screen) {
    if (!out) return
    const verdict = out.wrong ? out.wrong.fault || "wrong" : s.raw ? "right" : ""
    const where = screen.name || screen.kind || this.screen
    let record = null
    if (out.command) {
      const c = out.command
      record = await this.queue.put({ kind: c.kind, body: c.body, label: c.label, screen: where, verdict, task: c.task || this.taskKey(this.task), raw: s.raw })
    } else if (s.raw && !out.quiet) {
      record = await this.queue.put({ kind: "scan", body: { raw: s.raw.slice(0, 120) }, label: out.label, screen: where, verdict, raw: s.raw })
    }
    if (out.ui) await this.setUI(typeof out.ui === "function" ? out.ui(record) : out.ui)
    this.show(out)
    if (record) this.queue.release(record, Math.round((performance.now() - s.at) * 10) / 10)
    if (out.after) await out.after(record)
  }

  // show draws the screen as it is now with the answer over it.
  show(out) {
    clearTimeout(this.timer)
    this.answer = out.right ? { tone: "right", ...out.right } : out.wrong ? { tone: "wrong", ...out.wrong } : out.ask ? { tone: "ask", ...out.ask } : null
    if (out.right) sound.right()
    else if (out.wrong) sound.wrong()
    else if (out.ask) sound.ask()
    else if (out.step) sound.right()
    this.draw()
    if (out.right) this.timer = setTimeout(() => { if (this.answer && this.answer.tone === "right") this.dismiss() }, rightFor)
  }

  dismiss() {
    clearTimeout(this.timer)
    this.answer = null
    this.draw()
    this.sink.focus(true)
  }

  // refuse shows the server's refusal over the screen; it stays until it is decided, or a right scan clears it.
  refuse(r, record) {
    this.show({ wrong: { fault: r.code, head: say(r.text), text: say(r.next), scanned: r.scanned, wanted: r.wanted, scannedNote: r.scanned_note, wantedNote: r.wanted_note,
      choices: record ? r.choices : null, press: record ? (press => this.decide(record, press)) : null } })
  }

  // decide ends a refused command: the part's own deed for the choice, or one of the frame's.
  async decide(record, press) {
    const p = this.parts[String(record.kind).split(".")[0]]
    this.answer = null
    if (press === "retry") {
      Object.assign(record, { state: "waiting", refusal: null })
      await store.put(record)
      this.queue.flush()
      return null
    }
    let out = null
    if (p && p.decide) out = await p.decide(press, record, this.model())
    if (press === "look" && !out) {
      if (this.task && record.task === this.taskKey(this.task)) await this.go("task")
      else if (record.task) await this.open(record.task.split("/")[0], record.task.split("/").slice(1).join("/"))
      return null
    }
    const said = await this.queue.put({ kind: "decide", body: { op: record.op, decision: press }, screen: this.screen, label: { word: "queue.decided" }, task: record.task })
    this.queue.release(said, 0)
    await this.queue.drop(record)
    return out
  }

  async told(all) {
    let refused = null
    for (const { record, answer } of all) {
      if (answer.state === "done" && answer.result && this.task && this.taskKey(answer.result) === this.taskKey(this.task)) await this.setTask(answer.result)
      if (answer.state === "refused" && record.kind !== "scan") refused = record
    }
    if (!refused) return
    await this.reload()
    // What was done this moment is said at once; what was done long ago, without the network, waits in the queue.
    if (Date.now() - new Date(refused.madeAt).getTime() < 8000 && this.screen === "task") this.refuse(refused.refusal, refused)
    else sound.ask()
  }

  async signedOut() {
    if (!this.me) return
    this.me = null
    await store.set("me", undefined)
    this.draw()
  }

  async switchLanguage() {
    const l = lang() === "zh" ? "en" : "zh"
    speak(l)
    await store.set("language", l)
    this.draw()
    const form = new URLSearchParams({ language: l })
    fetch("/preferences", { method: "POST", body: form, redirect: "manual" }).catch(() => {})
  }

  // ---- drawing

  bar(screen, m) {
    const q = this.queue, waiting = q.pending.length, refused = q.refused.length
    const left = screen.bar ? screen.bar(m) : html`${t((screen.name || screen.kind) + ".title")}`
    let state
    if (refused > 0) state = html`${icon("hand-stop", 20)}${t("sync.needs", { Count: refused })}`
    else if (q.offline) state = html`${icon("cloud-off", 20)}${waiting ? t("sync.offline", { Count: waiting }) : t("sync.off")}`
    else if (waiting) state = html`${icon("clock", 20)}${t("sync.sending", { Count: waiting })}`
    else state = html`${icon("wifi", 20)}${t("sync.saved")}`
    const tone = refused > 0 ? " is-bad" : q.offline ? " is-off" : ""
    return html`<div class="bar${tone}">${left}<button type="button" class="end mk-sync" data-do="queue">${state}</button></div>`
  }

  // lift draws what came while the finger was on the page.
  lift() {
    this.touched = false
    if (this.undrawn) this.draw()
  }

  draw() {
    if (!this.queue || this.drawing) return
    this.undrawn = !!this.touched
    if (this.undrawn) return
    const screen = this.current(), m = this.model()
    const title = screen.heading ? screen.heading(m) : t((screen.name || screen.kind) + ".title")
    const page = nodes(html`${this.bar(screen, m)}<h1 class="mk-vh">${title}</h1>${screen.view(m)}${this.answer ? this.over(this.answer) : ""}`)
    this.place(Array.from(page.children))
    document.title = title + " · Milkrun"
    if (!this.root.querySelector("[data-real]")) this.sink.focus(false)
  }

  // place puts the parts of the page in, and leaves alone those that are as they were: a finger that is just pressing one of
  // their buttons, and what was typed, must not be lost to a counter that moves.
  place(fresh) {
    const old = Array.from(this.root.children).filter(n => n !== this.sink.input)
    const focus = this.focused()
    const typed = this.fields()
    fresh.forEach((n, i) => {
      n.mkSource = n.outerHTML
      if (i >= old.length) this.root.insertBefore(n, this.sink.input)
      else if (old[i].mkSource !== n.mkSource) this.root.replaceChild(n, old[i])
      else return
      fit(n, this.root.clientWidth)
    })
    old.slice(fresh.length).forEach(n => n.remove())
    this.refill(typed)
    if (focus && !this.root.contains(document.activeElement)) { const f = this.root.querySelector(focus); if (f) f.focus({ preventScroll: true }) }
  }

  // What was typed into fields outlives a drawing of the page.
  fields() {
    const out = {}
    this.root.querySelectorAll("input[name], select[name]").forEach(f => { out[f.name] = f.value })
    return out
  }

  focused() {
    const a = document.activeElement
    return a && a !== this.sink.input && this.root.contains(a) && a.name ? `[name="${a.name}"]` : ""
  }

  refill(values) {
    this.root.querySelectorAll("input[name], select[name]").forEach(f => { if (values[f.name] !== undefined && f.dataset.keep !== "no" && f.value !== values[f.name]) f.value = values[f.name] })
  }

  over(a) {
    const keys = (a.choices || []).map(c => key(c.do, c.label || say(c.text), { dark: a.tone !== "ask", icon: c.icon, value: c.value }))
    if (a.tone === "right") {
      return html`<section class="mk-answer is-right" role="status" aria-label="${a.head}">
        <div class="mk-yes">${icon("circle-check", 136)}<p class="head">${a.head}</p><p class="say">${a.text}</p></div>
        ${a.next ? html`<div class="nx"><p class="lbl">${a.next.label}</p><p class="mk-bin" data-fit>${a.next.bin}</p><p class="way">${a.next.way}</p></div>` : ""}
        ${a.undo === false ? "" : key("undo", t("undo.this"), { dark: true, icon: "arrow-back-up", cls: "low" })}
      </section>`
    }
    const fault = a.fault && !a.head ? t("fault." + a.fault) : a.head
    const next = a.text || (a.fault ? t("next." + a.fault) : "")
    return html`<section class="mk-answer ${a.tone === "ask" ? "is-ask" : "is-wrong"}" role="alert" aria-label="${fault}">
      <div class="mk-row top">${icon(a.tone === "ask" ? "help-circle" : "circle-x", 76)}<p class="head${fault.length > 9 ? " is-long" : ""}">${fault}</p></div>
      <p class="say">${next}</p>
      ${a.scanned || a.wanted ? compare(a) : ""}
      ${a.where ? html`<p class="where">${icon("map-pin", 24)}${a.where}</p>` : ""}
      <div class="foot">${a.hint ? html`<p class="hint">${a.hint}</p>` : ""}<div class="mk-keys">${keys.length ? keys : key("close", t("close"), { dark: a.tone !== "ask" })}</div></div>
    </section>`
  }
}

// compare sets what was scanned above what is wanted, the characters that differ large.
function compare(a) {
  const [x, y] = differing(a.scanned || "", a.wanted || "")
  return html`<dl class="cmp">${a.scanned ? html`<div><dt>${icon("x")}${t("compare.scanned")}</dt><dd>${x}</dd>${a.scannedNote ? html`<dd class="s">${note(a.scannedNote)}</dd>` : ""}</div>` : ""}
    ${a.wanted ? html`<div class="need"><dt>${icon("check")}${a.wantedLabel || t("compare.wanted")}</dt><dd>${y}</dd>${a.wantedNote ? html`<dd class="s">${note(a.wantedNote)}</dd>` : ""}</div>` : ""}</dl>`
}

function note(s) { return /^\d{4}-\d\d-\d\d$/.test(s) ? t("expiry", { Day: s }) : s }

function differing(a, b) {
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  let j = 0
  while (j < a.length - i && j < b.length - i && a[a.length - 1 - j] === b[b.length - 1 - j]) j++
  // A difference in the last four is shown as the last four: that is how lots are read.
  if (a.length === b.length && i >= a.length - 4 && a.length > 4) { i = a.length - 4; j = 0 }
  const mark = s => s.length > i + j ? html`${s.slice(0, i)}<b>${s.slice(i, s.length - j)}</b>${j ? s.slice(-j) : ""}` : html`${s}`
  return a && b ? [mark(a), mark(b)] : [html`<b>${a}</b>`, html`<b>${b}</b>`]
}

// fit makes big codes as wide as the screen: min(96 px, width / (0.55 × characters)).
function fit(part, width) {
  part.querySelectorAll("[data-fit]").forEach(e => {
    const most = Number(e.dataset.fit) || 96
    const w = Math.min(most, (width - 32) / (.55 * Math.max(4, e.textContent.trim().length)))
    e.style.fontSize = Math.floor(w) + "px"
    e.style.lineHeight = Math.floor(w * 1.08) + "px"
  })
}

export { name, clock }
