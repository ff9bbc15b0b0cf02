// Moving and looking up: scan a bin to see what stands in it, scan goods to see where they stand. From a bin: scan the goods, then
// the bin where they go; or set them apart with a reason.
import { html, icon, key } from "./dom.js"
import { t, name, say } from "./words.js"
import { code, parse, sameTrade } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { lotText } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"
import { fits } from "./fit.js"

const amount = (n, g) => t("amount", { N: n, Unit: name(g.unit) })
const chosen = m => m.task.bin ? m.task.here.find(c => c.key === m.ui.key) : null
const pieces = (m, c) => Math.min(m.ui.pieces || c.pieces, c.pieces)

export default {
  kind: "move",
  icon: "arrows-exchange",
  menu: true,
  reload: true,
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t(chosen(m) ? "move.title" : "move.look")}</span>`,
  heading: () => t("move.title"),

  view(m) {
    const c = chosen(m)
    if (c && m.ui.pad) return html`<div class="body mk-scroll"><p class="lbl">${t("move.howmany")}</p><p class="name">${name(c.goods.name)}</p>${entry(t("receive.of", { Pieces: c.pieces }), m.ui.pad.text, name(c.goods.unit))}${pad("", m.ui.pad.text === "")}</div><footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
    if (c) return going(m, c)
    if (!m.task.id) return html`<div class="body"><p class="mk-huge">${t("move.first")}</p><p class="lbl">${t("move.first.note")}</p><div class="mk-push">${sinkBox(t("move.scan.any"))}</div></div>`
    return m.task.bin ? bin(m) : places(m)
  },

  async scan(raw, m) {
    const c = chosen(m), n = number(raw), read = parse(raw)
    if (c && n > 0) return quantity(m, c, n)
    if (read.bad) return { wrong: { fault: "unread", scanned: raw } }
    if (m.task.bin) {
      const hits = m.task.here.filter(x => (read.gtin ? sameTrade(read.gtin, x.goods.gtin) : read.text && (read.text.toUpperCase() === x.goods.code.toUpperCase() || x.lot && read.text === x.lot)) && (!read.lot || read.lot === x.lot))
      if (hits.length === 1) return pick(hits[0])
      if (hits.length > 1) return { ask: { head: t("receive.whichlot"), text: t("move.which"), choices: hits.map(x => ({ do: "x", value: x.key, label: [x.lot || "–", x.status !== "available" ? t("status." + x.status) : "", x.pieces].filter(Boolean).join(" · ") })).concat({ do: "close", label: t("back") }), press: (p, k) => pick(m.task.here.find(x => x.key === k)) } }
      if (read.gtin && c) return { wrong: { fault: "wrong_sku", scanned: read.gtin, wanted: c.goods.gtin || c.goods.code } }
    }
    if (c && !read.gtin) return to(m, c, code(raw), pieces(m, c), false)
    return look(raw, m)
  },

  async press(press, value, m) {
    const c = chosen(m)
    switch (press) {
      case "leave":
        if (c) return { ui: { key: "", pieces: 0, pad: null }, step: true }
        await m.app.leave()
        return null
      case "choose": return pick(m.task.here.find(x => x.key === value))
      case "look": return look(value, m)
      case "count": return { ui: { pad: { text: "" } }, step: true }
      case "unpad": return { ui: { pad: null }, step: true }
      case "digit": return { ui: { pad: { text: typed(m.ui.pad.text, value) } } }
      case "pad-ok": return quantity(m, c, Number(m.ui.pad.text))
      case "aside": return aside(m, c)
      case "tocount": return toCount(m)
      case "undo": return undo(m)
    }
    return null
  },

  apply(task, r) {
    const b = r.body, less = k => Object.assign({}, task, { here: task.here.map(x => x.key === k ? Object.assign({}, x, { pieces: x.pieces - b.pieces }) : x).filter(x => x.pieces > 0) })
    if ((r.kind === "move.move" || r.kind === "move.aside") && task.bin === b.from) return less(b.key)
    return task
  },

  decide(press, r) {
    return press === "force" && r.kind === "move.move" ? { command: { kind: r.kind, body: Object.assign({}, r.body, { force: true }), task: r.task, label: r.label }, step: true } : null
  },
}

const pick = c => c ? { ui: { key: c.key, pieces: 0, pad: null }, step: true } : null

const status = c => c.status === "available" ? "" : html`<em>${t("status." + c.status)}</em>`

function bin(m) {
  const here = m.task.here
  return html`<div class="body mk-scroll"><p class="mk-bin" data-fit="75">${m.task.bin}</p><p class="lbl">${t("bin." + m.task.sort)}${m.task.counted ? " · " + t("move.counted", { Day: m.task.counted.slice(0, 10) }) : ""}</p>
    ${here.length === 0 ? html`<p class="mk-huge">${t("move.empty")}</p>` : html`<ul class="lines docks">${here.map(c => html`<li><button type="button" data-do="choose" data-value="${c.key}"><div><b>${name(c.goods.name)}</b><span>${c.lot ? lotText(c.lot) : ""}${c.expiry ? " " + c.expiry : ""}</span><span>${status(c)}${c.reserved ? " " + t("move.reserved", { Pieces: c.reserved }) : ""}</span></div><p class="n">${c.pieces}</p></button></li>`)}</ul>`}
    <div class="mk-push">${sinkBox(here.length ? t("move.scan.goods") : t("move.scan.any"))}</div></div><footer>${key("undo", t("undo"), { icon: "arrow-back-up" })}${key("tocount", t("move.count"), { icon: "clipboard-check" })}</footer>`
}

function places(m) {
  return html`<div class="body mk-scroll"><p class="name">${name(m.task.goods.name)}</p><p class="lbl">${m.task.goods.code}${m.task.lot ? html` · ${lotText(m.task.lot)}` : ""}</p>
    ${m.task.here.length === 0 ? html`<p class="mk-huge">${t("move.nowhere")}</p>` : html`<ul class="lines docks">${m.task.here.map(c => html`<li><button type="button" data-do="look" data-value="${c.bin}"><div><b>${c.bin || t("status.in_transit")}</b><span>${c.lot ? lotText(c.lot) : ""}${c.expiry ? " " + c.expiry : ""}</span><span>${status(c)}</span></div><p class="n">${c.pieces}</p></button></li>`)}</ul>`}
    <div class="mk-push">${sinkBox(t("move.scan.any"))}</div></div>`
}

function going(m, c) {
  return html`<div class="body pick put"><p class="lbl">${t("putaway.from", { Bin: m.task.bin })}</p><div class="q"><button type="button" class="many" data-do="count"><span class="lbl">${t("move.take", { Pieces: c.pieces })}</span><span class="mk-qty">${pieces(m, c)} <small>${name(c.goods.unit)}</small></span></button></div>
    <p class="name">${name(c.goods.name)}</p><dl class="lot">${c.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(c.lot)}</dd>` : html`<dt>${t("sku")}</dt><dd>${c.goods.code}</dd>`}${c.expiry ? html`<dt>${t("expires")}</dt><dd>${c.expiry}</dd>` : ""}${c.status !== "available" ? html`<dt>${t("status")}</dt><dd>${t("status." + c.status)}</dd>` : ""}</dl>
    ${c.reserved ? html`<p class="mk-warn">${icon("info-circle")}${t("move.reserved", { Pieces: c.reserved })}</p>` : ""}
    <div class="mk-push">${sinkBox(t("move.scan.to"))}</div></div><footer>${key("aside", t("move.aside"), { icon: "alert-circle" })}${key("leave", t("back"), { icon: "arrow-left" })}</footer>`
}

// look asks the server for a bin or for goods.
async function look(raw, m) {
  const got = await m.app.get(`/scan/task/move/${encodeURIComponent(parse(raw).gtin ? "#" + raw : code(raw))}?site=${m.me.site.id}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next), scanned: got.refusal.scanned || code(raw) } }
  await m.app.setTask(got.task, { last: m.ui.last || null })
  return { step: true }
}

function quantity(m, c, n) {
  if (!(n > 0)) return { ask: { head: t("receive.one"), text: t("receive.one.note") } }
  if (n > c.pieces) return { ask: { head: t("receive.toomany", { Pieces: c.pieces }), text: t("move.toomany") } }
  return { ui: { pieces: n, pad: null }, step: true }
}

const body = (m, c, n) => ({ site: m.me.site.id, key: c.key, from: m.task.bin, sku: c.goods.id, lot: c.lot, owner: c.owner, status: c.status, pieces: n })

async function to(m, c, bin, n, force) {
  if (bin === m.task.bin) return { wrong: { fault: "same_bin", scanned: bin } }
  const go = (k, f) => ({ command: { kind: "move.move", body: Object.assign(body(m, c, k), { to: bin, force: f }), label: { word: "queue.move", args: { Bin: bin, Name: c.goods.name, Pieces: k } } },
    ui: { key: "", pieces: 0, pad: null, last: { site: m.me.site.id, from: bin, to: m.task.bin, sku: c.goods.id, lot: c.lot, owner: c.owner, status: c.status, pieces: k } },
    right: { head: t("move.right", { Amount: amount(k, c.goods) }), text: name(c.goods.name), next: { label: t("move.moved"), bin, way: t("move.was", { Bin: m.task.bin }) } } })
  if (!m.queue.offline && !force) {
    const against = await fits(m, Object.assign({ from: m.task.bin }, c), bin, n, false, () => go(n, true), k => go(k, false))
    if (against) return against
  }
  return go(n, force)
}

const reasons = ["broken", "expired", "dirty", "wet", "recall", "other"]

// aside asks what becomes of the goods, and why: two taps.
function aside(m, c) {
  const n = pieces(m, c), free = Math.min(n, c.pieces - c.reserved)
  if (free < 1) return { ask: { head: t("move.promised"), text: t("move.promised.note") } }
  const ways = [{ do: "damaged", label: t("move.damaged") }, { do: "held", label: t("move.held") }].filter(w => w.do !== c.status).concat(m.me.user.lead ? [{ do: "scrap", label: t("move.scrap"), icon: "trash" }] : [], [{ do: "close", label: t("back") }])
  const book = (into, why) => ({ command: { kind: "move.aside", body: Object.assign(body(m, c, free), { into: into === "scrap" ? "" : into, reason: t("move.why." + why) }), label: { word: "queue.aside", args: { Bin: m.task.bin, Name: c.goods.name, Pieces: free } } },
    ui: { key: "", pieces: 0, last: null }, right: { head: t("move.done." + into, { Amount: amount(free, c.goods) }), text: name(c.goods.name), undo: false } })
  return { ask: { head: t("move.aside.head", { Amount: amount(free, c.goods) }), text: name(c.goods.name), choices: ways, press: into => ({ ask: { head: t("move.why"), text: t("move." + into), choices: reasons.map(r => ({ do: "why", value: r, label: t("move.why." + r) })).concat({ do: "close", label: t("back") }), press: (x, r) => book(into, r) } }) } }
}

async function toCount(m) {
  const got = await m.app.call("count.open", { site: m.me.site.id, bin: m.task.bin }, "move")
  if (got.offline) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next) } }
  await m.app.begin(got.result)
  return null
}

function undo(m) {
  const l = m.ui.last
  if (!l) return { ask: { head: t("undo.nothing") } }
  return { command: { kind: "move.back", body: l, label: { word: "queue.putaway.back", args: { Bin: l.to, Pieces: l.pieces } } }, ui: { last: null }, ask: { head: t("pick.undone"), text: t("putaway.undone", { Pieces: l.pieces, Bin: l.to }) } }
}

