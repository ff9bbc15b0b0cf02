// Putting away: take goods at the dock, bring them to the advised bin, scan the bin. What does not fit goes to the next bin.
import { html, icon, key } from "./dom.js"
import { t, name, known } from "./words.js"
import { code, parse, sameTrade, checkItem } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { lotText, picture, walk } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"
import { fits } from "./fit.js"

const amount = (n, g) => t("amount", { N: n, Unit: name(g.unit) })

// at gives the goods that are in hand, or the next ones, and how many of them go to which bin.
function at(m) {
  const g = m.task.todo.find(x => x.key === m.ui.key) || m.task.todo[0]
  if (!g) return null
  const bin = g.advice[m.ui.key === g.key ? m.ui.skip || 0 : 0] || g.advice[0] || null
  const most = bin && bin.pieces > 0 ? Math.min(bin.pieces, g.pieces) : g.pieces
  return { g, bin, n: m.ui.key === g.key && m.ui.pieces ? Math.min(m.ui.pieces, g.pieces) : most, taken: m.ui.key === g.key && m.ui.taken }
}

export default {
  kind: "putaway",
  icon: "stack-2",
  reload: true,
  menu: async m => { await m.app.open("putaway", String(m.me.site.id)); return null },
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("putaway.bar", { Count: m.task.left })}</span>`,
  heading: () => t("putaway.title"),

  view(m) {
    const x = at(m)
    if (!x) return html`<div class="body"><p class="mk-huge">${icon("circle-check", 44)} ${t("putaway.none")}</p><p class="lbl">${t("putaway.none.note")}</p></div><footer>${key("leave", t("pick.done.next"), { main: true, icon: "player-play" })}${m.ui.last ? key("undo", t("undo"), { icon: "arrow-back-up" }) : ""}</footer>`
    const { g, bin, n } = x
    if (m.ui.pad) return html`<div class="body mk-scroll"><p class="lbl">${t("putaway.howmany")}</p><p class="name">${name(g.goods.name)}</p>${entry(t("receive.of", { Pieces: g.pieces }), m.ui.pad.text, name(g.goods.unit))}${pad("", m.ui.pad.text === "")}</div><footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
    const why = bin ? bin.reasons.filter(r => known("putaway.why." + r)).slice(0, 2).map(r => t("putaway.why." + r)).join(t("walk.comma")) : ""
    return html`<div class="body pick put"><p class="lbl">${x.taken ? html`${icon("circle-check", 20)}${t("putaway.to")}` : t("putaway.from", { Bin: g.from })}</p>
      <p class="mk-bin" data-fit="84">${x.taken ? bin ? bin.bin : "–" : g.from}</p>
      <p class="lbl walk">${x.taken ? bin ? html`${icon("arrow-narrow-right")}${walk(bin.spot)}` : t("putaway.nobin") : bin ? t("putaway.then", { Bin: bin.bin }) : ""}</p>
      ${x.taken && why ? html`<p class="why">${icon("bulb", 20)}${why}</p>` : ""}<div class="rule"></div>
      <div class="q"><span class="pic">${icon(picture(g.goods), 44)}</span><button type="button" class="many" data-do="count"><span class="lbl">${n < g.pieces ? t("putaway.part", { Pieces: g.pieces }) : t("putaway.all")}</span><span class="mk-qty">${n} <small>${name(g.goods.unit)}</small></span></button></div>
      <p class="name">${name(g.goods.name)}</p>
      <dl class="lot">${g.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(g.lot)}</dd>` : html`<dt>${t("sku")}</dt><dd>${g.goods.code}</dd>`}${g.status !== "available" ? html`<dt>${t("status")}</dt><dd>${t("status." + g.status)}</dd>` : g.reserved ? html`<dt>${t("putaway.awaited")}</dt><dd>${amount(g.reserved, g.goods)}</dd>` : ""}</dl>
      <div class="mk-push">${sinkBox(x.taken ? t("putaway.scan.bin") : t("putaway.scan.goods"))}</div></div>
      <footer>${x.taken ? key("other", t("putaway.other"), { off: g.advice.length < 2 }) : key("noscan", t("putaway.noscan"))}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
  },

  async scan(raw, m) {
    const x = at(m), typedIn = number(raw)
    if (!x) return goods(raw, m)
    if (x.taken && typedIn > 0) return quantity(x, typedIn)
    const read = parse(raw)
    if (!x.taken || read.gtin) return goods(raw, m)
    const bin = code(raw)
    if (bin === x.g.from) return { ui: { taken: false, pieces: 0 }, step: true }
    if (read.bad || read.sscc) return { wrong: { fault: "bin_wanted", scanned: raw } }
    const hit = m.task.todo.find(y => y.goods.code.toUpperCase() === bin || y.lot && y.lot === bin)
    if (hit) return take(hit)
    const advised = x.g.advice.find(a => a.bin === bin && a.pieces >= x.n)
    if (!advised && !m.queue.offline) {
      const against = await fits(m, x.g, bin, x.n, true, () => put(m, x, bin, x.n, true), n => put(m, x, bin, n, false))
      if (against) return against
    }
    return put(m, x, bin, x.n, false)
  },

  async press(press, value, m) {
    const x = at(m)
    switch (press) {
      case "leave": await m.app.leave(); return null
      case "noscan": return x ? take(x.g) : null
      case "other": return { ui: { key: x.g.key, taken: true, skip: ((m.ui.skip || 0) + 1) % x.g.advice.length, pieces: 0 }, step: true }
      case "count": return { ui: { pad: { text: "" } }, step: true }
      case "unpad": return { ui: { pad: null }, step: true }
      case "digit": return { ui: { pad: { text: typed(m.ui.pad.text, value) } } }
      case "pad-ok": return quantity(x, Number(m.ui.pad.text))
      case "undo": return undo(m, x)
    }
    return null
  },

  apply(task, r) {
    const b = r.body
    if (r.kind === "putaway.put") {
      const todo = task.todo.map(g => g.key === b.key ? Object.assign({}, g, { pieces: g.pieces - b.pieces, reserved: Math.max(0, Math.min(g.reserved, g.pieces - b.pieces)),
        advice: g.advice.map(a => a.bin === b.to ? Object.assign({}, a, { pieces: a.pieces - b.pieces }) : a).filter(a => a.pieces > 0) }) : g).filter(g => g.pieces > 0)
      return Object.assign({}, task, { todo, left: task.left - (task.todo.length - todo.length) })
    }
    return task
  },

  decide(press, r) {
    if (press === "force" && r.kind === "putaway.put") return { command: { kind: r.kind, body: Object.assign({}, r.body, { force: true }), task: r.task, label: r.label }, step: true }
    return null
  },
}

function take(g) { return { ui: { key: g.key, taken: true, skip: 0, pieces: 0, pad: null }, step: true } }

// goods takes what was scanned at the dock into the hands, whether or not it is what was next.
async function goods(raw, m) {
  const read = parse(raw), want = at(m)
  if (read.bad) return { wrong: { fault: "unread", scanned: raw } }
  const hit = m.task.todo.find(g => (read.gtin ? sameTrade(read.gtin, g.goods.gtin) : read.text && (read.text.toUpperCase() === g.goods.code.toUpperCase() || g.lot && read.text === g.lot)) && (!read.lot || read.lot === g.lot))
  const next = want && want.g
  if (next && read.gtin && sameTrade(read.gtin, next.goods.gtin) && !checkItem(raw, { goods: next.goods, lot: next.lot })) return take(next)
  if (hit) return take(hit)
  const got = await m.app.get(`/scan/task/putaway/${encodeURIComponent("goods~" + raw)}?site=${m.me.site.id}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("putaway.unlisted.offline") } }
  if (got.refusal) return { wrong: { fault: "not_waiting", scanned: read.lot || read.gtin || code(raw), wanted: next ? next.lot || next.goods.code : "" } }
  await m.app.setTask(got.task)
  return take(got.task.todo[0])
}

function quantity(x, n) {
  if (!(n > 0)) return { ask: { head: t("receive.one"), text: t("receive.one.note") } }
  if (n > x.g.pieces) return { ask: { head: t("receive.toomany", { Pieces: x.g.pieces }), text: t("putaway.toomany") } }
  return { ui: { key: x.g.key, taken: x.taken, pieces: n, pad: null }, step: true }
}

function put(m, x, bin, n, force) {
  const g = x.g, rest = g.pieces - n
  const body = { site: m.task.id, key: g.key, from: g.from, sku: g.goods.id, lot: g.lot, owner: g.owner, status: g.status, pieces: n, to: bin, force }
  const after = rest > 0 ? g.advice.find(a => a.bin !== bin && a.pieces > 0) : null, next = rest > 0 ? null : m.task.todo.find(y => y.key !== g.key)
  return { command: { kind: "putaway.put", body, label: { word: "queue.putaway", args: { Bin: bin, Name: g.goods.name, Pieces: n } } },
    ui: r => ({ key: rest > 0 ? g.key : "", taken: rest > 0, skip: 0, pieces: 0, pad: null, last: { op: r.op, from: g.from, sku: g.goods.id, lot: g.lot, owner: g.owner, status: g.status, pieces: n, to: bin } }),
    right: { head: t("putaway.right", { Amount: amount(n, g.goods) }), text: name(g.goods.name),
      next: rest > 0 ? { label: t("putaway.rest", { Amount: amount(rest, g.goods) }), bin: after ? after.bin : "–", way: after ? walk(after.spot) : t("putaway.nobin") } : next ? { label: t("putaway.next"), bin: next.from, way: name(next.goods.name) } : null } }
}

function undo(m, x) {
  if (m.ui.pieces) return { ui: { pieces: 0 }, step: true }
  if (x && x.taken && (!m.ui.last || m.ui.last.sku !== x.g.goods.id)) return { ui: { taken: false, skip: 0 }, step: true }
  const l = m.ui.last
  if (!l) return x && x.taken ? { ui: { taken: false, skip: 0 }, step: true } : { ask: { head: t("undo.nothing") } }
  const body = { site: m.task.id, from: l.to, to: l.from, sku: l.sku, lot: l.lot, owner: l.owner, status: l.status, pieces: l.pieces }
  return { command: { kind: "putaway.back", body, label: { word: "queue.putaway.back", args: { Bin: l.from, Pieces: l.pieces } } }, ui: { last: null, taken: false, key: "" }, ask: { head: t("pick.undone"), text: t("putaway.undone", { Pieces: l.pieces, Bin: l.from }) } }
}
