// Receiving: scan carton after carton. The one that was scanned last stands on the screen with lot, expiry and pieces, and is
// booked by the next scan or by its key. What is wrong with goods blocks the screen and is two taps away.
import { html, icon, key } from "./dom.js"
import { t, name, say } from "./words.js"
import { code } from "./gs1.js"
import { sinkBox, find } from "./frames.js"
import { lotText } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"
import { dayOf } from "./day.js"
import { came, sum, differs, judge, ofLine, readScan } from "./dock.js"

const amount = (n, g) => t("amount", { N: n, Unit: name(g.unit) })
const lineOf = (task, p) => task.lines.find(l => l.no === p.line)
const share = task => { const all = sum(task.lines, l => l.pieces); return all ? Math.min(100, Math.round(100 * sum(task.lines, came) / all)) : 0 }

export default {
  kind: "receive",
  icon: "package-import",
  reload: true,
  menu: async m => { await m.app.open("receive", "0"); return null },
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${m.task.id ? t("receive.bar", { Number: m.task.number }) : t("receive.title")}</span>${m.task.id && m.task.source !== "blind" ? html`<span class="prog"><i style="width:${share(m.task)}%"></i></span>` : ""}`,
  heading: m => m.task.id ? t("receive.bar", { Number: m.task.number }) : t("receive.title"),

  view(m) {
    if (m.ui.blind) return blind(m)
    if (!m.task.id) return list(m)
    if (m.task.state === "received" || m.task.state === "cancelled") return closed(m)
    if (m.task.state === "expected") return opening(m)
    if (m.ui.closing) return closing(m)
    if (m.ui.form) return form(m)
    if (m.ui.pad) return counting(m)
    return m.ui.pending ? carton(m) : waiting(m)
  },

  async scan(raw, m) {
    if (!m.task.id) {
      const c = code(raw), d = (m.task.docks || []).find(x => x.number.toUpperCase() === c)
      if (d) { await m.app.open("receive", String(d.id)); return { step: true, quiet: true } }
      return find(raw, m)
    }
    if (m.task.state === "expected") return { ask: { head: t("receive.begin.first"), text: t("receive.begin.note") } }
    if (m.task.state !== "receiving") return find(raw, m)
    const n = number(raw)
    if (n > 0 && m.ui.pending) return { ui: { pending: Object.assign({}, m.ui.pending, { pieces: n }), pad: null }, step: true }
    return arrive(raw, m)
  },

  async press(press, value, m, element) {
    switch (press) {
      case "leave": return leave(m)
      case "next": await m.app.leave(); return null
      case "open": await m.app.open("receive", value); return null
      case "putaway": await m.app.open("putaway", String(m.me.site.id)); return null
      case "inspect": await m.app.open("inspect", "0"); return null
      case "blind": return { ui: { blind: true }, step: true }
      case "notblind": return { ui: { blind: false }, step: true }
      case "begin": return { command: { kind: "receive.start", body: { delivery: m.task.id, dock: "" }, label: { word: "queue.receive.start", args: { Number: m.task.number } } }, step: true }
      case "less": case "more": return change(m, press === "more" ? 1 : -1)
      case "pallet": return { ui: { pending: Object.assign({}, m.ui.pending, { pieces: m.ui.pending.rest }) }, step: true }
      case "count": return { ui: { pad: { for: "pieces", text: "" } }, step: true }
      case "digit": return { ui: { pad: Object.assign({}, m.ui.pad, { text: typed(m.ui.pad.text, value) }) } }
      case "pad-ok": return counted(m)
      case "unpad": return { ui: { pad: null }, step: true }
      case "book": return book(m)
      case "bad": return bad(m)
      case "undo": return undo(m)
      case "finish": return finish(m)
      case "goon": return { ui: { closing: false }, step: true }
      case "noform": return { ui: { form: null }, step: true }
      case "submit": return submit(m, element)
    }
    return null
  },

  apply(task, r) {
    const b = r.body
    switch (r.kind) {
      case "receive.start": return Object.assign({}, task, { state: "receiving" })
      case "receive.close": return Object.assign({}, task, { state: "received", checks: -1 })
      case "receive.scan": return add(Object.assign({}, task, { cartons: b.carton ? task.cartons.concat(b.carton) : task.cartons }), b, b.pieces)
      case "receive.undo": return b.was ? add(Object.assign({}, task, { cartons: task.cartons.filter(c => c !== b.was.carton) }), b.was, -b.was.pieces) : task
    }
    return task
  },

  decide(press, r) {
    if (r.kind !== "receive.scan") return null
    const again = patch => ({ command: { kind: r.kind, body: Object.assign({}, r.body, patch), task: r.task, label: r.label }, step: true })
    if (press === "refuse") return again({ outcome: "refused" })
    if (press.startsWith("accept ")) return again({ accept: press.slice(7).split(" ") })
    return null
  },
}

// add moves a line on by pieces; goods without a line wait for the server's word.
function add(task, b, n) {
  const field = b.outcome === "damaged" ? "damaged" : b.outcome === "refused" ? "refused" : "good"
  return Object.assign({}, task, { lines: task.lines.map(l => l.no === b.line ? Object.assign({}, l, { [field]: Math.max(0, l[field] + n) }) : l) })
}

// ---- choosing a delivery

function list(m) {
  const all = m.task.docks || []
  return html`<div class="body mk-scroll"><p class="lbl">${all.length ? t("receive.choose") : t("receive.none")}</p>
    <ul class="lines docks">${all.map(d => html`<li><button type="button" data-do="open" data-value="${d.id}">${icon(d.source === "transfer" ? "transfer" : d.source === "blind" ? "eye-off" : "truck-delivery", 30)}<div><b>${d.number}</b><span>${[name(d.from), name(d.goods)].filter(Boolean).join(" · ")}</span><span>${d.state === "receiving" ? t("receive.doing") : [d.arrives, d.slot].filter(Boolean).join(" ")}</span></div><p class="n">${d.came}<small>/${d.announced}</small></p></button></li>`)}</ul>
    <div class="mk-push">${sinkBox(t("receive.scan.note"))}</div></div><footer>${key("blind", t("receive.blind"), { icon: "eye-off" })}</footer>`
}

function opening(m) {
  return html`<div class="body mk-scroll"><p class="lbl">${t("receive.expected")}</p><p class="mk-bin" data-fit="44">${m.task.number}</p>${lines(m.task.lines)}</div>
    <footer>${key("begin", t("receive.begin"), { main: true, icon: "player-play" })}</footer>`
}

const lines = all => html`<ul class="lines">${all.map(l => html`<li><div><b>${name(l.goods.name)}</b><span>${l.lot ? html`${lotText(l.lot)} ` : ""}${l.expiry || ""}</span></div><p class="n">${came(l)}<small>/${l.pieces}</small></p></li>`)}</ul>`

const reasons = ["no_note", "early", "other_number", "private"]

function blind(m) {
  return html`<div class="body mk-scroll"><p class="mk-huge">${t("receive.blind.head")}</p><p class="lbl">${t("receive.blind.note")}</p>
    <form class="mk-form" data-real><label>${t("receive.blind.reason")}<select name="reason">${reasons.map(r => html`<option value="${r}">${t("receive.blind." + r)}</option>`)}</select></label>
    <label>${t("receive.blind.more")}<input name="more" maxlength="120" autocomplete="off"></label><label>${t("receive.blind.number")}<input name="number" maxlength="40" autocomplete="off"></label>
    <label>${t("receive.blind.carrier")}<input name="carrier" maxlength="40" autocomplete="off"></label><button class="mk-key is-main" type="submit">${t("receive.blind.begin")}</button></form></div>
    <footer>${key("notblind", t("back"), { icon: "arrow-left" })}</footer>`
}

// ---- scanning

function waiting(m) {
  const last = m.task.arrivals && m.task.arrivals[0], all = sum(m.task.lines, l => l.pieces)
  return html`<div class="body mk-scroll"><p class="lbl">${m.task.source === "blind" ? t("receive.came") : t("receive.sofar")}</p><p class="mk-qty">${sum(m.task.lines, came)}${all ? html` <small>/ ${all}</small>` : ""}</p>
    ${m.ui.done ? html`<p class="mk-good">${icon("circle-check")}${m.ui.done}</p>` : last ? html`<p class="lbl">${t("receive.last", { Pieces: last.pieces, Lot: last.lot || "–" })}</p>` : ""}
    ${lines(m.task.lines)}<div class="mk-push">${sinkBox(t("receive.scan"))}</div></div>
    <footer>${key("undo", t("undo"), { icon: "arrow-back-up" })}${key("finish", t("receive.finish"), { icon: "clipboard-check" })}</footer>`
}

const tag = (ai, read) => html`<i>${read ? ai : t("receive.bynote")}</i>`

function carton(m) {
  const p = m.ui.pending, l = lineOf(m.task, p), j = judge(m.task, p)
  const head = p.accept.length ? t("receive.accepted", { What: p.accept.map(f => t("fault.arrival_" + f)).join(t("walk.comma")) }) : p.carton ? t("receive.read.carton") : t("receive.read")
  const left = p.expiry && p.goods.life ? j.required ? t("receive.life", { Left: Math.floor(100 * j.left / p.goods.life), Want: Math.ceil(100 * j.required / p.goods.life) }) : t("receive.days", { Count: j.left }) : ""
  const rest = Math.ceil(p.rest / p.per)
  return html`<div class="body mk-scroll recv"><div class="ok${p.accept.length ? " is-ask" : ""}" role="status">${icon(p.accept.length ? "alert-triangle" : "circle-check", 30)}<b>${head}</b><span>${name(p.goods.name)}</span></div>
    <dl class="gs">${p.lot ? html`<div><dt>${t("lot")} ${tag("10", p.read.lot)}</dt><dd>${p.lot}</dd></div>` : ""}${p.expiry ? html`<div><dt>${t("expires")} ${tag("17", p.read.expiry)}</dt><dd>${p.expiry}</dd></div>` : ""}<div><dt>${p.goods.gtin ? html`${t("gtin")} <i>01</i>` : t("sku")}</dt><dd class="s">${p.goods.gtin || p.goods.code}</dd></div></dl>
    ${left ? html`<p class="left${j.left < j.required ? " is-poor" : ""}">${icon(j.left < j.required ? "alert-triangle" : "shield-check", 22)}${left}</p>` : ""}<div class="rule"></div>
    <div class="mk-row sums"><button type="button" class="many" data-do="count"><span class="lbl">${p.carton || p.pieces === p.per ? t("receive.this") : t("receive.these")}</span><span class="mk-qty">${p.pieces} <small>${name(p.goods.unit)}</small></span></button>
    ${l && l.pieces ? html`<div class="end"><p class="lbl">${t("receive.total")}</p><p class="tot">${came(l) + p.pieces} <span>/ ${l.pieces}</span></p></div>` : ""}</div>
    <div class="step"><button type="button" class="mk-key" data-do="less" aria-label="${t("receive.less")}">${icon("minus", 28)}</button><button type="button" class="mk-key" data-do="more" aria-label="${t("receive.more")}">${icon("plus", 28)}</button>${rest > 1 ? key("pallet", t("receive.pallet", { Count: rest }), { wide: true }) : ""}</div>
    <div class="mk-push">${sinkBox(t("receive.scan.next"))}</div></div>
    <footer>${key("bad", t("receive.bad"))}${key("undo", t("undo"))}${key("book", t("receive.book"), { main: true })}</footer>`
}

// booked is what an undo has to know of the last command.
function booked(m, r) { return r && r.kind === "receive.scan" ? { op: r.op, line: r.body.line, pieces: r.body.pieces, outcome: r.body.outcome, carton: r.body.carton } : null }

function command(m, p, outcome, n) {
  return { kind: "receive.scan", body: { delivery: m.task.id, line: p.line, sku: p.sku, lot: p.lot, produced: p.produced || null, expiry: p.expiry || null, pieces: n, outcome: outcome || "good",
    accept: p.accept, carton: p.carton, note: p.note || "" }, label: { word: outcome && outcome !== "good" ? "queue.receive." + outcome : "queue.receive", args: { Name: p.goods.name, Pieces: n } } }
}

const fits = m => judge(m.task, m.ui.pending).faults.every(f => m.ui.pending.accept.includes(f))

// arrive reads a scan and books the carton before it.
async function arrive(raw, m, sure) {
  const before = m.ui.pending
  if (before && !fits(m)) return fault(m, before)
  let got = readScan(raw, m.task, sure)
  if (got.bad) return { wrong: { fault: "unread", scanned: raw } }
  if (got.unknown !== undefined) got = await ask(raw, m, got.unknown)
  if (got.out) return got.out
  const booking = before ? { command: command(m, before, "good", before.pieces), ui: r => ({ pending: null, closing: false, form: null, last: booked(m, r) }) } : { ui: { closing: false, form: null } }
  const after = task => Object.assign({}, m, { task, ui: Object.assign({}, m.ui, { pending: null }) })
  const then = before ? after(add(m.task, booking.command.body, before.pieces)) : m
  if (got.suspect) return Object.assign(booking, suspect(m, raw, got))
  if (got.choose) return Object.assign(booking, choose(m, got))
  const p = refreshed(then, got.proposal)
  if (p.carton && (m.task.cartons.includes(p.carton) || before && before.carton === p.carton)) {
    const was = (m.task.arrivals || []).find(a => a.carton === p.carton)
    return { wrong: { fault: "carton_twice", scanned: p.carton, text: was ? t("receive.twice", { By: was.by }) : "" } }
  }
  return merge(booking, propose(then, p))
}

// refreshed counts what is left of the line after the carton before it.
function refreshed(m, p) {
  const l = lineOf(m.task, p)
  if (!l || !l.pieces) return p
  const rest = Math.max(0, l.pieces - came(l) - l.refused)
  return Object.assign(p, { rest, pieces: rest > 0 && p.pieces === p.per ? Math.min(p.per, rest) : p.pieces })
}

// merge joins a booking of the carton before with the answer to this one.
function merge(booking, out) {
  const patch = (f, r) => typeof f === "function" ? f(r) : f || {}
  return Object.assign({}, out, { command: booking.command, ui: r => Object.assign({}, patch(booking.ui, r), patch(out.ui, r)) })
}

// propose puts goods on the screen, or says what is wrong with them.
function propose(m, p) {
  const j = judge(m.task, p), l = lineOf(m.task, p)
  if (l && l.pieces === 0 && j.faults.includes("wrong_lot")) p.accept = p.accept.concat("wrong_lot") // nothing was announced of it
  const open = j.faults.filter(f => !p.accept.includes(f))
  if (open.length === 0) return { ui: { pending: p, pad: null, done: "" }, step: true }
  if (open[0] === "no_expiry" && open.length === 1) return { ui: { form: p, done: "" }, ask: { head: t("receive.nodate"), text: t("receive.nodate.note") } }
  return fault(m, p)
}

// fault blocks the screen with the weightiest of what is wrong; taking the goods accepts all of it.
function fault(m, p) {
  const j = judge(m.task, p), faults = j.faults.filter(f => !p.accept.includes(f))
  const worst = ["expired", "short_life", "no_expiry", "unexpected", "wrong_lot", "over"].find(f => faults.includes(f))
  const args = { Over: j.over, Days: j.left, Want: j.required, Name: p.goods.name }
  const take = { do: "take", label: t(["over", "wrong_lot"].includes(worst) ? "receive.take" : "receive.hold", { Pieces: p.pieces }) }
  const choices = [take, { do: "refuse", label: t("receive.refuse") }]
  if (worst === "over" && p.pieces > j.over) choices.splice(1, 0, { do: "part", label: t("receive.part", { Pieces: p.pieces - j.over, Over: j.over }) })
  choices.push({ do: "drop", label: t("receive.drop"), icon: "arrow-back-up" })
  return { ui: { pending: p }, wrong: Object.assign({ fault: "arrival_" + worst, text: t("next.arrival_" + worst, args), choices, wantedLabel: t("receive.announced") }, compared(m, p, j, worst), {
    press: press => {
      const now = m.app.model(), all = Object.assign({}, p, { accept: p.accept.concat(faults) })
      if (press === "take") return settle(now, all, "good", p.pieces)
      if (press === "refuse") return settle(now, all, "refused", p.pieces)
      if (press === "part") return merge(settle(now, Object.assign({}, p, { accept: p.accept.concat(faults.filter(f => f !== "over")) }), "good", p.pieces - j.over),
        { ui: { refuse: j.over }, ask: { head: t("receive.parted", { Over: j.over }), text: t("receive.parted.note"), choices: [{ do: "send", label: t("receive.refused.book", { Pieces: j.over }) }, { do: "close", label: t("receive.drop") }],
          press: x => x === "send" ? settle(m.app.model(), Object.assign({}, all, { carton: "" }), "refused", j.over) : null } })
      if (press === "drop") return { ui: { pending: null }, step: true }
      return null
    } }) }
}

// compared sets what came above what was announced.
function compared(m, p, j, worst) {
  switch (worst) {
    case "over": return { scanned: String(cameOf(m, p) + p.pieces), wanted: String(lineOf(m.task, p).pieces), scannedNote: name(p.goods.name) }
    case "wrong_lot": return { scanned: p.lot || "–", wanted: j.wanted, scannedNote: p.expiry, wantedNote: j.wantedExpiry }
    case "short_life": return { scanned: String(j.left), wanted: String(j.required), scannedNote: p.expiry, wantedNote: t("receive.least"), wantedLabel: t("receive.wanted") }
    case "expired": return { scanned: "", where: "", hint: [p.lot, p.expiry].filter(Boolean).join(" · ") }
  }
  return { hint: [name(p.goods.name), p.goods.code, p.lot].filter(Boolean).join(" · ") }
}

const cameOf = (m, p) => { const l = lineOf(m.task, p); return l ? came(l) + l.refused : 0 }

// settle books pieces with an outcome and says so.
function settle(m, p, outcome, n) {
  const word = outcome === "good" ? "receive.right" : "receive.right." + outcome, said = t(word, { Amount: amount(n, p.goods) })
  return { command: command(m, p, outcome, n), ui: r => ({ pending: null, pad: null, form: null, done: said, last: booked(m, r) }), right: { head: said, text: [name(p.goods.name), p.lot].filter(Boolean).join(" · ") } }
}

function book(m) {
  const p = m.ui.pending
  if (!p) return { ask: { head: t("receive.scan") } }
  if (!fits(m)) return fault(m, p)
  return settle(m, p, "good", p.pieces)
}

function change(m, by) {
  const p = m.ui.pending, n = p.pieces + by
  return n < 1 ? { ask: { head: t("receive.one"), text: t("receive.one.note") } } : { ui: { pending: Object.assign({}, p, { pieces: n }) }, step: true }
}

// finish books the carton on the screen and shows what differs.
function finish(m) {
  if (!m.ui.pending) return { ui: { closing: true }, step: true }
  const out = book(m)
  return out.command ? { command: out.command, ui: r => Object.assign(out.ui(r), { closing: true }), step: true } : out
}

// bad asks what is wrong with the carton on the screen: the second tap books it.
function bad(m) {
  const p = m.ui.pending
  const some = p.pieces > 1 ? [{ do: "some-damaged", label: t("receive.damaged.some") }, { do: "some-refused", label: t("receive.refused.some") }] : []
  const all = Object.assign({}, p, { accept: p.accept.concat(judge(m.task, p).faults) })
  return { ask: { head: t("receive.bad.head"), text: name(p.goods.name) + " · " + amount(p.pieces, p.goods),
    choices: [{ do: "damaged", label: t("receive.damaged", { Pieces: p.pieces }) }, { do: "refused", label: t("receive.refused", { Pieces: p.pieces }) }].concat(some, { do: "close", label: t("back") }),
    press: x => x.startsWith("some-") ? { ui: { pad: { for: x.slice(5), text: "" } }, step: true } : settle(m, all, x, p.pieces) } }
}

function counting(m) {
  const p = m.ui.pending, what = m.ui.pad
  return html`<div class="body mk-scroll"><p class="lbl">${t("receive.pad." + what.for)}</p><p class="name">${name(p.goods.name)}</p>${entry(t("receive.of", { Pieces: p.pieces }), what.text, name(p.goods.unit))}${pad("", what.text === "")}</div>
    <footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
}

function counted(m) {
  const n = Number(m.ui.pad.text), p = m.ui.pending, what = m.ui.pad.for
  if (!(n > 0)) return { ask: { head: t("receive.one"), text: t("receive.one.note") } }
  if (what === "pieces") return { ui: { pending: Object.assign({}, p, { pieces: n }), pad: null }, step: true }
  if (n > p.pieces) return { ask: { head: t("receive.toomany", { Pieces: p.pieces }), text: t("receive.toomany.note") } }
  const out = settle(m, Object.assign({}, p, { accept: p.accept.concat(judge(m.task, p).faults), carton: n < p.pieces ? "" : p.carton }), what, n)
  const rest = n < p.pieces ? Object.assign({}, p, { pieces: p.pieces - n }) : null
  return Object.assign(out, { ui: r => ({ pending: rest, pad: null, last: booked(m, r) }) })
}

function undo(m) {
  if (m.ui.pending) return { ui: { pending: null, pad: null, done: "" }, ask: { head: t("receive.dropped"), text: t("receive.dropped.note") } }
  const last = m.ui.last
  const word = { word: "queue.receive.undo", args: { Pieces: last ? last.pieces : 0 } }
  if (last) return { command: { kind: "receive.undo", body: { delivery: m.task.id, op: last.op, was: last }, label: word }, ui: { last: null, done: "", closing: false }, ask: { head: t("pick.undone"), text: t("receive.undone", { Pieces: last.pieces }) } }
  const a = (m.task.arrivals || []).find(x => m.me.user && x.by === m.me.user.name)
  if (!a || m.ui.took === a.id) return { ask: { head: t("undo.nothing") } }
  return { command: { kind: "receive.undo", body: { delivery: m.task.id, arrival: a.id, was: a }, label: { word: word.word, args: { Pieces: a.pieces } } }, ui: { took: a.id, done: "", closing: false }, ask: { head: t("pick.undone"), text: t("receive.undone", { Pieces: a.pieces }) } }
}

function leave(m) {
  if (m.ui.blind) return { ui: { blind: false }, step: true }
  if (!m.ui.pending || m.task.state !== "receiving") { m.app.leave(); return null }
  const out = book(m)
  return out.command ? Object.assign(out, { after: () => m.app.leave() }) : out
}

// ---- codes that need a word

function suspect(m, raw, got) {
  return { ask: { head: t("receive.swallowed"), text: t("receive.swallowed.note", { Whole: got.read.lot, Lot: got.suspect.lot, Day: got.suspect.expiry || got.suspect.produced }),
    choices: [{ do: "cut", label: t("receive.swallowed.cut", { Lot: got.suspect.lot }) }, { do: "whole", label: t("receive.swallowed.whole", { Lot: got.read.lot }) }, { do: "drop", label: t("receive.drop") }],
    press: x => x === "drop" ? { ui: { pending: null }, step: true } : arrive(x === "cut" ? got.suspect.raw : raw, m.app.model(), true) } }
}

function choose(m, got) {
  return { ask: { head: t("receive.whichlot"), text: t("receive.whichlot.note"), choices: got.choose.map(l => ({ do: "line", value: l.no, label: l.lot + (l.expiry ? " · " + l.expiry : "") })).concat({ do: "close", label: t("receive.drop") }),
    press: (x, no) => { const now = m.app.model(); return propose(now, refreshed(now, ofLine(now.task, Number(no), got.read))) } } }
}

// ask lets the server read what the note does not announce.
async function ask(raw, m, unknown) {
  const got = await m.app.get(`/scan/task/receive/${m.task.id}~${encodeURIComponent(raw)}?site=${m.me.site.id}`)
  if (!got) return { out: { ask: { head: t("offline.head"), text: t("receive.unknown.offline", { Code: unknown }) } } }
  if (got.refusal) return { out: { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next), scanned: got.refusal.scanned || unknown } } }
  const a = got.task
  return { proposal: { sku: a.goods.id, goods: a.goods, line: a.line, lot: a.lot, produced: a.produced || "", expiry: a.expiry || "", carton: a.carton, pieces: a.pieces, per: a.per, rest: 0, accept: [], read: { lot: !!a.lot, expiry: !!a.expiry } } }
}

function form(m) {
  const p = m.ui.form
  return html`<div class="body mk-scroll"><p class="name">${name(p.goods.name)}</p><p class="lbl">${t("receive.form.note")}</p>
    <form class="mk-form" data-real><label>${t("lot")}<input name="lot" maxlength="40" autocomplete="off" autocapitalize="characters" value="${p.lot}"></label>
    <label>${t("receive.form.expiry")}<input name="expiry" inputmode="numeric" autocomplete="off" placeholder="20280214"></label><label>${t("receive.form.produced")}<input name="produced" inputmode="numeric" autocomplete="off" placeholder="20260214"></label>
    <button class="mk-key is-main" type="submit">${t("receive.form.ok")}</button></form></div><footer>${key("noform", t("receive.drop"), { icon: "arrow-left" })}</footer>`
}

function submit(m, f) {
  if (m.ui.blind) return beginBlind(m, f)
  if (m.ui.closing) {
    return { command: { kind: "receive.close", body: { delivery: m.task.id, note: f.note.value.trim() }, label: { word: "queue.receive.close", args: { Number: m.task.number } } }, ui: { closing: false, pending: null, last: null },
      right: { head: t("receive.closed"), text: m.task.number, undo: false } }
  }
  const expiry = dayOf(f.expiry.value), produced = dayOf(f.produced.value)
  if (expiry === null || produced === null) return { wrong: { head: t("receive.form.bad"), text: t("receive.form.bad.note"), scanned: expiry === null ? f.expiry.value : f.produced.value } }
  const p = Object.assign({}, m.ui.form, { lot: f.lot.value.trim(), expiry, produced, read: { lot: true, expiry: true } })
  if (!expiry && produced && p.goods.life) p.expiry = new Date(Date.parse(produced) + p.goods.life * 86400000).toISOString().slice(0, 10)
  const line = m.task.lines.find(l => l.goods.id === p.sku && l.lot === p.lot)
  if (line) p.line = line.no
  if (!p.expiry) return { ui: { form: null }, ...fault(m, p) }
  const out = propose(m, p)
  return Object.assign(out, { ui: Object.assign({}, out.ui, { form: null }) })
}

async function beginBlind(m, f) {
  const reason = [t("receive.blind." + f.reason.value), f.more.value.trim()].filter(Boolean).join("：")
  const got = await m.app.call("receive.blind", { site: m.me.site.id, number: f.number.value.trim(), carrier: f.carrier.value.trim(), reason }, "receive")
  if (got.offline) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next) } }
  await m.app.begin(got.result)
  return null
}

// ---- the end

function chips(l) {
  const d = came(l) - l.pieces, out = []
  if (l.pieces && d < 0) out.push(t("receive.diff.short", { Pieces: -d }))
  if (l.pieces && d > 0) out.push(t("receive.diff.over", { Pieces: d }))
  if (!l.pieces && came(l)) out.push(t("receive.diff.unannounced"))
  if (l.damaged) out.push(t("receive.diff.damaged", { Pieces: l.damaged }))
  if (l.refused) out.push(t("receive.diff.refused", { Pieces: l.refused }))
  for (const f of l.faults || []) if (!["over", "unexpected"].includes(f)) out.push(t("fault.arrival_" + f))
  return out
}

const rows = task => html`<ul class="lines">${task.lines.filter(l => task.source === "blind" || differs(l)).map(l => html`<li><div><b>${name(l.goods.name)}</b><span>${l.lot ? html`${lotText(l.lot)} ` : ""}</span><span>${chips(l).map((c, i) => html`${i ? " · " : ""}<em>${c}</em>`)}</span></div><p class="n">${came(l)}${l.pieces ? html`<small>/${l.pieces}</small>` : ""}</p></li>`)}</ul>`

function closing(m) {
  const off = m.task.source === "blind" ? 0 : m.task.lines.filter(differs).length
  return html`<div class="body mk-scroll"><p class="mk-huge">${off ? t("receive.differs", { Count: off }) : t("receive.complete")}</p><p class="lbl">${t("receive.differs.note")}</p>${rows(m.task)}
    <form class="mk-form"><label>${t("receive.note")}<input name="note" maxlength="200" autocomplete="off"></label><button class="mk-key is-main" type="submit">${icon("clipboard-check")}${t("receive.close", { Count: sum(m.task.lines, came) })}</button></form></div>
    <footer>${key("goon", t("receive.goon"), { icon: "arrow-left" })}</footer>`
}

function closed(m) {
  if (m.task.state === "cancelled") return html`<div class="body"><p class="mk-warn">${icon("hand-stop")}${t("refused.delivery.cancelled", { Number: m.task.number })}</p><p class="lbl">${t("next.delivery")}</p></div><footer>${key("next", t("next.title"), { main: true })}</footer>`
  const n = m.task.checks
  return html`<div class="body mk-scroll"><p class="mk-huge">${icon("circle-check", 44)} ${t("receive.done", { Count: sum(m.task.lines, came) })}</p><p class="lbl">${m.task.number}</p>
    ${n > 0 ? html`<p class="mk-warn">${icon("microscope")}${t("receive.checks", { Count: n })}</p>` : n === 0 ? html`<p class="mk-good">${icon("circle-check")}${t("receive.free")}</p>` : ""}${rows(m.task)}
    <div class="mk-list mk-push">${key("putaway", t("putaway.menu"), { icon: "stack-2" })}${n > 0 ? key("inspect", t("inspect.menu"), { icon: "microscope" }) : ""}</div></div>
    <footer>${key("next", t("pick.done.next"), { main: true, icon: "player-play" })}</footer>`
}
