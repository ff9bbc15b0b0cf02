// Inspection: draw the sample, count defective pieces by their class with big keys, and the lot is accepted or refused by the plan.
import { html, icon, key } from "./dom.js"
import { t, name } from "./words.js"
import { checkItem } from "./gs1.js"
import { sinkBox, find } from "./frames.js"
import { lotText } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"

const kinds = { critical: ["leak", "foreign", "spoilt", "unsafe", "nolabel"], major: ["broken", "label", "content", "colour", "parts"], minor: ["dent", "scratch", "print", "dirty", "other"] }
const mine = m => m.ui.found || []
const counted = (m, c) => mine(m).filter(d => d.class === c).length
const found = (m, p) => p.found + counted(m, p.class)
const fails = m => m.task.plans.filter(p => p.sample > 0 && found(m, p) >= p.re)
const left = m => Math.max(0, m.task.sample - m.task.examined)

export default {
  kind: "inspect",
  icon: "microscope",
  reload: true,
  menu: async m => { await m.app.open("inspect", "0"); return null },
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("inspect.title")}${m.task.id ? " " + (m.task.lot || m.task.goods.code) : ""}</span>`,
  heading: () => t("inspect.title"),

  view(m) {
    if (!m.task.id) return list(m)
    if (m.task.state !== "waiting") return decided(m)
    if (m.ui.pad) return html`<div class="body mk-scroll"><p class="lbl">${t("inspect.pad." + m.ui.pad.for)}</p><p class="name">${name(m.task.goods.name)}</p>${entry("", m.ui.pad.text, name(m.task.goods.unit))}${pad("", m.ui.pad.text === "")}</div><footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
    return counting(m)
  },

  async scan(raw, m) {
    if (!m.task.id || m.task.state !== "waiting") return find(raw, m)
    const n = number(raw)
    if (n >= 0 && m.ui.pad) return typedIn(m, n)
    const fault = checkItem(raw, { goods: m.task.goods, lot: m.task.lot, expiry: m.task.expiry })
    if (fault) return { wrong: fault }
    return { right: { head: t("inspect.right"), text: name(m.task.goods.name) + (m.task.lot ? " · " + m.task.lot : ""), undo: false } }
  },

  async press(press, value, m) {
    switch (press) {
      case "leave": await m.app.leave(); return null
      case "open": await m.app.open("inspect", value); return null
      case "putaway": await m.app.open("putaway", String(m.me.site.id)); return null
      case "defect": return what(m, value)
      case "undo": return mine(m).length ? { ui: { found: mine(m).slice(0, -1) }, step: true } : { ask: { head: t("undo.nothing"), text: t("inspect.sent") } }
      case "seen": case "used": return { ui: { pad: { for: press, text: "" } }, step: true }
      case "unpad": return { ui: { pad: null }, step: true }
      case "digit": return { ui: { pad: Object.assign({}, m.ui.pad, { text: typed(m.ui.pad.text, value) }) } }
      case "pad-ok": return typedIn(m, Number(m.ui.pad.text))
      case "refuse": return record(m, Math.max(mine(m).length, m.ui.seen || 0))
      case "part": return record(m, Math.max(mine(m).length, m.ui.seen))
      case "accept": return record(m, left(m))
    }
    return null
  },

  apply(task, r) {
    if (r.kind !== "inspect.record") return task
    const b = r.body
    return Object.assign({}, task, { sent: true, examined: task.examined + b.examined, plans: task.plans.map(p => Object.assign({}, p, { found: p.found + (b[p.class] || 0) })) })
  },
}

function list(m) {
  const all = m.task.waiting || []
  return html`<div class="body mk-scroll"><p class="lbl">${all.length ? t("inspect.choose") : t("inspect.none")}</p><ul class="lines docks">${all.map(i => html`<li><button type="button" data-do="open" data-value="${i.id}">${icon("microscope", 30)}<div><b>${name(i.name)}</b><span>${i.lot ? lotText(i.lot) : "–"}</span></div><p class="n">${i.sample}<small> ${t("inspect.draw")}</small></p></button></li>`)}</ul>
    <div class="mk-push">${sinkBox(t("inspect.scan"))}</div></div>`
}

// papers says how the certificates stand on the day of receipt.
function papers(task) {
  if (task.lacks && task.lacks.length) return html`<p class="mk-warn">${icon("alert-triangle")}${t("inspect.lacks", { What: task.lacks.map(l => t("certificate." + l.kind)).join(t("walk.comma")) })}</p>`
  return html`<p class="left">${icon("shield-check", 22)}${t("inspect.papers")}</p>`
}

function counting(m) {
  const bad = fails(m), seen = m.ui.seen || 0
  return html`<div class="body mk-scroll insp"><p class="name">${name(m.task.goods.name)}</p><p class="lbl">${t("inspect.lot", { Pieces: m.task.pieces })}${m.task.lot ? html` · ${lotText(m.task.lot)}` : ""}${m.task.expiry ? " · " + m.task.expiry : ""}</p>
    <div class="mk-row sums"><div><p class="lbl">${t("inspect.sample")}</p><p class="mk-qty">${left(m)} <small>${name(m.task.goods.unit)}</small></p></div><p class="end lbl">${t("inspect.severity." + (m.task.severity || "normal"))}${m.task.level ? html`<br>${t("inspect.level", { Level: m.task.level })}` : ""}</p></div>${papers(m.task)}
    <div class="classes">${m.task.plans.map(p => html`<button type="button" class="mk-key${found(m, p) >= p.re ? " is-over" : ""}" data-do="defect" data-value="${p.class}"><span>${t("inspect.class." + p.class)}</span><b>${found(m, p)}</b><small>${t("inspect.acre", { Ac: p.ac, Re: p.re })}${p.full ? t("inspect.full") : p.sample !== m.task.sample ? t("inspect.n", { N: p.sample }) : ""}</small></button>`)}</div>
    <div class="mk-keys"><button type="button" class="mk-key s" data-do="seen">${seen ? t("inspect.seen.n", { Pieces: seen }) : t("inspect.seen")}</button><button type="button" class="mk-key s" data-do="used">${m.ui.used ? t("inspect.used.n", { Pieces: m.ui.used }) : t("inspect.used")}</button></div>
    ${m.task.sent ? html`<p class="mk-warn">${icon("clock")}${t("inspect.waiting")}</p>` : ""}</div>
    <footer>${key("undo", t("undo"))}${bad.length ? key("refuse", t("inspect.refuse"), { main: true, icon: "x" }) : seen && seen < left(m) ? key("part", t("inspect.part", { Pieces: seen }), { main: true }) : key("accept", t("inspect.accept", { Pieces: left(m) }), { main: true, icon: "check" })}</footer>`
}

// what asks what the defect is: the supplier reads it.
function what(m, cls) {
  return { ask: { head: t("inspect.class." + cls), text: t("inspect.what"), choices: kinds[cls].map(k => ({ do: "d", value: k, label: t("defect." + k) })).concat({ do: "close", label: t("back") }),
    press: (x, k) => ({ ui: { found: mine(m).concat({ class: cls, what: k }) }, step: true }) } }
}

function typedIn(m, n) {
  const what = m.ui.pad.for, most = what === "seen" ? left(m) : m.task.pieces
  if (n > most) return { ask: { head: t("receive.toomany", { Pieces: most }), text: t("inspect.toomany") } }
  return { ui: { pad: null, [what]: n }, step: true }
}

function record(m, n) {
  if (n > left(m)) return { ask: { head: t("receive.toomany", { Pieces: left(m) }), text: t("inspect.toomany") } }
  const count = c => counted(m, c), defects = []
  for (const d of mine(m)) {
    const text = t("defect." + d.what), same = defects.find(x => x.class === d.class && x.what === text)
    if (same) same.pieces++
    else defects.push({ class: d.class, what: text, pieces: 1 })
  }
  return { command: { kind: "inspect.record", body: { inspection: m.task.id, examined: n, critical: count("critical"), major: count("major"), minor: count("minor"), used: m.ui.used || 0, defects },
    label: { word: "queue.inspect", args: { Lot: m.task.lot || m.task.goods.code } } }, ui: { found: [], seen: 0, used: 0, pad: null }, step: true }
}

function decided(m) {
  const s = m.task.state, good = s === "accepted"
  return html`<div class="body mk-scroll"><p class="mk-huge">${icon(good ? "circle-check" : "hand-stop", 44)} ${t("inspect.state." + s)}</p><p class="name">${name(m.task.goods.name)}</p>
    <dl class="lot">${m.task.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(m.task.lot)}</dd>` : ""}<dt>${t("inspect.examined")}</dt><dd>${m.task.examined}</dd></dl>
    ${(m.task.failed || []).length ? html`<p class="mk-warn">${icon("alert-triangle")}${t("inspect.failed", { What: m.task.failed.map(c => t("inspect.class." + c)).join(t("walk.comma")) })}</p>` : ""}
    ${(m.task.reasons || []).map(r => html`<p class="mk-warn">${icon("hand-stop")}${t("hold." + r)}</p>`)}${papers(m.task)}<p class="lbl">${t("inspect.next." + s)}</p></div>
    <footer>${good ? key("putaway", t("putaway.menu"), { icon: "stack-2" }) : ""}${key("leave", t("pick.done.next"), { main: true, icon: "player-play" })}</footer>`
}
