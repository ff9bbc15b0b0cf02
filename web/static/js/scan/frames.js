// The screens of the frame: sign in, choose the site, next job, queue, menu, set up.
import { html, icon, key } from "./dom.js"
import { t, say, name, clock, lang } from "./words.js"
import { code } from "./gs1.js"
import { store } from "./store.js"

export const sinkBox = text => html`<div class="mk-sink" role="status">${icon("barcode", 26)}<span>${text}</span></div>`

const login = {
  name: "login",
  bar: () => html`${icon("milk")}Milkrun`,
  view: m => html`<div class="body">
    <p class="mk-huge">${t("login.badge")}</p>
    <p class="lbl">${t("login.badge.note")}</p>
    ${m.queue.pending.length ? html`<p class="mk-warn">${icon("cloud-off")}${t("login.pending", { Count: m.queue.pending.length })}</p>` : ""}
    ${m.ui.password ? html`<form class="mk-form" data-real>
      <label>${t("login.login")}<input name="login" autocomplete="username" autocapitalize="off" required></label>
      <label>${t("login.password")}<input name="password" type="password" autocomplete="current-password" data-keep="no" required></label>
      <button class="mk-key is-main" type="submit">${t("login.enter")}</button></form>` : html`<div class="mk-push">${sinkBox(t("login.sink"))}</div>`}
    </div><footer>${key("password", m.ui.password ? t("login.bybadge") : t("login.bypassword"))}${key("language", lang() === "zh" ? "English" : "中文", { icon: "language" })}</footer>`,
  scan: (raw, m) => enter(m, { badge: raw }),
  press: async (press, v, m, form) => {
    if (press === "password") { await m.app.setUI({ password: !m.ui.password }); return null }
    if (press === "language") { await m.app.switchLanguage(); return null }
    if (press === "submit") return enter(m, { login: form.login.value, password: form.password.value })
    return null
  },
}

async function enter(m, body) {
  const got = await m.app.post("/scan/login", body)
  if (!got) return { ask: { head: t("offline.head"), text: t("offline.login") }, quiet: true }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next) }, quiet: true }
  await m.app.setUI({ password: false })
  if (!await store.get("language")) { const l = got.user.language; if (l !== lang()) await m.app.switchLanguage() }
  m.app.rested = false
  m.app.me = { user: got.user, sites: [], site: m.app.lastSite || await store.get("site") || null }
  await store.set("me", m.app.me)
  m.app.screen = m.app.task ? "task" : "next"
  await m.app.refresh()
  m.app.queue.flush()
  return { step: true, quiet: true }
}

const site = {
  name: "site",
  bar: m => html`${m.me ? m.me.user.name : ""}`,
  view: m => html`<div class="body"><p class="mk-huge">${t("site.head")}</p><div class="mk-list">${(m.me.sites || []).map(s => key("site", name(s.name), { value: s.code, icon: "building-warehouse" }))}</div>
    ${m.me.sites && m.me.sites.length ? "" : html`<p class="lbl">${t("site.none")}</p>`}</div>`,
  scan: () => ({ ask: { head: t("site.head") } }),
  press: async (press, v, m) => {
    if (press !== "site") return null
    const s = m.me.sites.find(x => x.code === v)
    m.app.me.site = s
    await Promise.all([store.set("me", m.app.me), store.set("site", s)])
    await m.app.go("next")
    return null
  },
}

const next = {
  name: "next",
  bar: m => html`<button type="button" class="mk-bare" data-do="menu" aria-label="${t("menu.title")}">${icon("menu-2")}</button><span class="mk-cut">${m.me ? m.me.user.name + (m.me.site ? " · " + name(m.me.site.name) : "") : ""}</span>`,
  view: m => {
    const jobs = m.app.jobs ? m.app.jobs.list : null
    if (m.task) return html`<div class="body"><p class="lbl">${t("next.going")}</p>${key("resume", t("next.resume"), { main: true, icon: "player-play" })}</div>${foot()}`
    if (!jobs) return html`<div class="body"><p class="lbl">${t("next.title")}</p><section class="job"><div class="mk-skel" style="width:60%"></div><div class="mk-skel" style="height:64px;margin:18px 0"></div><div class="mk-skel"></div></section></div>${foot()}`
    if (jobs.length === 0) return html`<div class="body"><p class="mk-huge">${t("next.none")}</p><p class="lbl">${t("next.none.note")}</p>${key("refresh", t("refresh"), { icon: "refresh" })}<div class="mk-push">${sinkBox(t("next.sink"))}</div></div>${foot()}`
    const [first, ...rest] = jobs
    return html`<div class="body"><p class="lbl">${t("next.title")}</p>
      <section class="job"><div class="mk-row what">${icon(first.icon, 26)}<span class="mk-cut">${say(first.title)}</span>${first.urgent ? html`<span class="end pri">${t("next.urgent")}</span>` : first.mine ? html`<span class="end pri">${t("next.mine")}</span>` : ""}</div>
        <p class="mk-bin" data-fit="72">${first.first || "–"}</p><p class="lbl">${say(first.way)}</p>
        <dl class="three">${(first.figures || []).map(f => html`<div><dd>${f.value}</dd><dt>${say(f.label)}</dt></div>`)}${first.due ? html`<div><dd>${clock(first.due)}</dd><dt>${t("next.due")}</dt></div>` : ""}</dl>
        ${key("start", t("next.start"), { main: true, icon: "player-play", value: "0", cls: "go" })}</section>
      ${rest.length ? html`<p class="lbl after-head">${t("next.after")}</p><ul class="after">${rest.slice(0, 3).map((j, i) => html`<li><button type="button" data-do="start" data-value="${i + 1}">${icon(j.icon)}<b class="mk-cut">${say(j.title)}</b><span>${j.due ? clock(j.due) : j.first}</span></button></li>`)}</ul>` : ""}</div>${foot()}`
  },
  scan: (raw, m) => find(raw, m),
  press: async (press, v, m) => {
    if (press === "start") { const j = m.app.jobs && m.app.jobs.list[Number(v)]; if (j) await m.app.startJob(j) }
    if (press === "resume") await m.app.go("task")
    if (press === "menu") await m.app.go("menu")
    if (press === "refresh") await m.app.refresh()
    if (press === "find") return { ask: { head: t("find.head"), text: t("find.note"), choices: [{ do: "close", label: t("close") }, { do: "camera", label: t("camera"), icon: "camera" }], press: p => p === "camera" ? camera() : null } }
    if (press === "rest") await rest(m)
    return null
  },
}

const foot = () => html`<footer>${key("find", t("next.find"), { icon: "scan" })}${key("rest", t("next.rest"), { icon: "coffee" })}</footer>`

function camera() { location.href = "/scan/camera"; return null }

// rest signs the worker out; the task and the queue stay, a badge brings the worker back to them.
async function rest(m) {
  m.app.lastSite = m.me && m.me.site
  await m.app.post("/scan/logout")
  m.app.me = null
  await store.set("me", undefined)
  m.app.draw()
}

export async function find(raw, m) {
  if (!m.me || !m.me.site) return null
  const got = await m.app.get(`/scan/find?site=${m.me.site.id}&code=${encodeURIComponent(raw)}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next), scanned: got.refusal.scanned } }
  await m.app.setTask(got.task, {})
  await store.set("screen", "task")
  m.app.screen = "task"
  return { step: true }
}

const menu = {
  name: "menu",
  bar: () => html`<button type="button" class="mk-bare" data-do="back" aria-label="${t("back")}">${icon("arrow-left")}</button>${t("menu.title")}`,
  view: m => html`<div class="body mk-scroll" tabindex="0"><div class="mk-list">${Object.values(m.app.parts).filter(p => p.menu).map(p => key("part", t(p.kind + ".menu"), { value: p.kind, icon: p.icon }))}
    ${key("queue", t("queue.title"), { icon: "cloud-up" })}${key("setup", t("setup.title"), { icon: "settings" })}${key("language", lang() === "zh" ? "English" : "中文", { icon: "language" })}
    ${m.me && m.me.sites && m.me.sites.length > 1 ? key("othersite", t("site.other"), { icon: "building-warehouse" }) : ""}${key("rest", t("menu.logout"), { icon: "logout" })}</div></div>`,
  scan: (raw, m) => find(raw, m),
  press: async (press, v, m) => {
    if (press === "part") {
      const p = m.app.parts[v]
      if (p.menu && typeof p.menu === "function") return p.menu(m)
      await m.app.begin({ kind: v, id: 0 })
    }
    if (press === "setup") await m.app.go("setup")
    if (press === "language") await m.app.switchLanguage()
    if (press === "rest") await rest(m)
    if (press === "othersite") {
      if (m.app.task || m.queue.pending.length) return { ask: { head: t("site.busy"), text: t("site.busy.note") } }
      m.app.me.site = null
      await store.set("site", undefined)
      await m.app.go("next")
    }
    return null
  },
}

const queue = {
  name: "queue",
  bar: () => html`<button type="button" class="mk-bare" data-do="back" aria-label="${t("back")}">${icon("arrow-left")}</button>${t("queue.title")}`,
  view: m => {
    const q = m.queue, waiting = q.pending, bad = q.refused
    return html`<div class="body mk-scroll" tabindex="0"><div class="big"><p class="mk-qty">${waiting.length} <small>${t("queue.scans", { Count: waiting.length })}</small></p>
      <p class="lbl">${q.offline ? t("queue.offline", { Time: q.since ? clock(q.since) : "–" }) : waiting.length ? t("queue.sending") : t("queue.empty")}</p></div>
      ${bad.map((r, i) => html`<section class="bad"><p class="mk-row">${icon("alert-triangle", 24)}${t("queue.decide")}</p><p class="what">${what(r)}<br>${say(r.refusal.text)}</p>
        ${r.refusal.scanned ? html`<p class="what">${t("compare.scanned")} ${r.refusal.scanned}${r.refusal.wanted ? html` · ${t("compare.wanted")} ${r.refusal.wanted}` : ""}</p>` : ""}
        <div class="mk-keys">${(r.refusal.choices || []).slice(0, 2).map(c => html`<button type="button" class="mk-key s" data-do="decide" data-value="${i}:${c.do}">${say(c.text)}</button>`)}</div></section>`)}
      <ul class="qs">${waiting.slice().reverse().slice(0, 200).map(r => html`<li>${icon("clock")}<div><b>${what(r)}</b><span>${clock(r.madeAt, true)}</span></div></li>`)}</ul></div>
      <footer>${key("back", m.task ? t("queue.goon") : t("next.title"), { main: true, icon: "player-play" })}${key("flush", t("queue.retry"), { icon: "refresh" })}</footer>`
  },
  scan: async (raw, m) => {
    // Work goes on: a scan belongs to the task.
    if (!m.task) return find(raw, m)
    await m.app.go("task")
    return m.app.part.scan(raw, m.app.model())
  },
  press: async (press, v, m) => {
    if (press === "flush") { m.queue.tries = 0; await m.queue.flush() }
    if (press === "decide") {
      const [i, choice] = v.split(":")
      const r = m.queue.refused[Number(i)]
      if (r) return m.app.decide(r, choice)
    }
    return null
  },
}

function what(r) {
  if (r.label) return t(r.label.word, r.label.args)
  return r.raw ? t("queue.scan", { Code: r.raw.replace(/\x1d/g, "␝").slice(0, 24) }) : t("queue.kind", { Kind: r.kind })
}

// visible writes characters that cannot be seen.
const visible = s => s.replace(/\x1d/g, "<GS>").replace(/[\x00-\x1f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))

const setup = {
  name: "setup",
  bar: () => html`<button type="button" class="mk-bare" data-do="back" aria-label="${t("back")}">${icon("arrow-left")}</button>${t("setup.title")}`,
  view: m => {
    const p = m.params || {}
    return html`<div class="body mk-scroll" tabindex="0"><p class="lbl">${t("setup.note")}</p><img class="mk-symbol" src="/scan/setup.svg" alt="${t("setup.symbol")}">
      ${p.raw !== undefined ? html`<div class="mk-raw"><p class="lbl">${t("setup.raw", { Count: p.raw.length })}</p><code>${visible(p.raw)}</code></div>` : ""}
      ${p.read ? html`<ul class="mk-checks">${p.read.map(c => html`<li class="${c.ok ? "is-good" : "is-poor"}">${icon(c.ok ? "circle-check" : "alert-triangle", 22)}<span>${c.text}</span></li>`)}</ul>` : ""}
      <ul class="mk-checks"><li class="${window.isSecureContext && navigator.serviceWorker ? "is-good" : "is-poor"}">${icon(window.isSecureContext ? "circle-check" : "alert-triangle", 22)}<span>${window.isSecureContext ? t("setup.offline.ok") : t("setup.offline.no")}</span></li>
      <li>${icon("device-mobile", 22)}<span>${t("setup.device", { Device: m.app.device })}</span></li></ul>
      <div class="mk-push">${sinkBox(t("setup.sink"))}</div></div>
      <footer>${key("sound", t("setup.sound"), { icon: "volume" })}${key("back", t("back"), { main: true })}</footer>`
  },
  scan: async (raw, m) => {
    const got = await m.app.post("/scan/probe", { scan: raw })
    const read = []
    if (!got) read.push({ ok: false, text: t("offline.opening") })
    else if (got.garbled) read.push({ ok: false, text: layout(raw) })
    else {
      read.push({ ok: true, text: t("setup.layout.ok") })
      read.push(got.swapped ? { ok: false, text: t("setup.swapped") } : { ok: true, text: t("setup.case.ok") })
      read.push(got.separator === "\x1d" ? { ok: true, text: t("setup.gs.ok") } : got.separator === "" ? { ok: false, text: t("setup.gs.lost") } : { ok: true, text: t("setup.gs.other", { Code: visible(got.separator) }) })
      read.push(got.identifier ? { ok: true, text: t("setup.id.ok") } : { ok: true, text: t("setup.id.none") })
    }
    await m.app.go("setup", { raw, read })
    return { step: true, quiet: true }
  },
  press: async (press, v, m) => {
    if (press === "sound") return { right: { head: t("setup.sound"), text: "", undo: false } }
    return null
  },
}

// layout guesses from a garbled scan of the set-up symbol which keyboard the device types on.
function layout(raw) {
  if (/zz|yZ|Yz|Yy\/9/.test(raw) || /[Yy][Zz]/.test(raw) && !/Zy/.test(raw)) return t("setup.layout.german")
  if (/[&é"'(§è!çà]{4,}/.test(raw)) return t("setup.layout.french")
  if (/[\u4e00-\u9fff]/.test(raw)) return t("setup.layout.chinese")
  return t("setup.layout.other")
}

export const frames = { login, site, next, menu, queue, setup }
export { code }
