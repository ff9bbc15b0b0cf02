// Picking: go to the bin, scan it, scan the goods, scan the tote where the cart has several. One scan takes all pieces of the stop.
import { html, icon, key } from "./dom.js"
import { t, name, clock } from "./words.js"
import { checkItem, code, parse } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { picture, walk, lotText, today } from "./goods.js"

const open = task => task.stops.filter(s => s.state === "open")
const counted = task => task.stops.filter(s => s.state !== "cancelled" && s.state !== "returned")
const done = task => counted(task).filter(s => s.state !== "open" && s.state !== "putback").length
const several = task => task.totes.length > 1
const emptyPlace = task => task.totes.find(p => p.tote === "" && task.stops.some(s => s.place === p.place && s.state === "open"))
const goodsKey = s => s.bin + "/" + s.goods.id + "/" + s.lot

// group gives the stops that are picked with one scan: same bin, goods, lot and tote.
function group(task) {
  const all = open(task), s = all[0]
  if (!s) return null
  const same = all.filter(x => goodsKey(x) === goodsKey(s) && x.place === s.place)
  return { stop: s, ids: same.map(x => x.id), pieces: same.reduce((n, x) => n + x.pieces, 0) }
}

const putbacks = task => task.stops.filter(s => s.state === "putback")

// step tells what the next scan should be.
function step(m) {
  const task = m.task
  if (task.state !== "taken" && task.state !== "done") return "take"
  if (putbacks(task).length) return "putback"
  const g = group(task)
  if (!g) return "done"
  if (emptyPlace(task)) return "tote0"
  if (m.ui.bin !== g.stop.bin) return "bin"
  if (m.ui.goods !== goodsKey(g.stop)) return "item"
  return several(task) ? "tote" : "item"
}

const amount = (n, s) => t("amount", { N: n, Unit: name(s.goods.unit) })

export default {
  kind: "pick",
  icon: "shopping-cart",
  reload: true,
  bar: m => html`${t("pick.title")} ${done(m.task)}/${counted(m.task).length}<span class="prog"><i style="width:${Math.round(100 * done(m.task) / Math.max(1, counted(m.task).length))}%"></i></span>`,
  heading: m => t("pick.heading", { Number: m.task.number }),

  view(m) {
    const at = step(m)
    if (at === "take") return lost(m)
    if (at === "done") return finished(m)
    if (at === "tote0") return placing(m)
    if (at === "putback") return returning(m)
    const g = group(m.task), s = g.stop, short = m.ui.short
    const want = { bin: t("pick.scan.bin"), item: m.ui.lotFor ? t("pick.scan.lot") : s.mixed ? t("pick.scan.mixed") : t("pick.scan.item"), tote: t("pick.scan.tote", { Place: s.place, Tote: s.tote }) }[at]
    const size = Math.min(84, Math.floor(200 / (.6 * String(short ? short.taken : g.pieces).length)))
    return html`<div class="body pick"><p class="lbl">${at === "bin" ? t("pick.goto") : html`${icon("circle-check", 20)}${t("pick.at")}`}</p>
      <p class="mk-bin" data-fit="75">${s.bin}</p>
      <p class="lbl walk">${icon("arrow-narrow-right")}${walk(s.spot)}</p><div class="rule"></div>
      <div class="q"><span class="pic">${icon(picture(s.goods), 52)}</span><div><p class="lbl">${several(m.task) ? t("pick.take.place", { Place: s.place }) : t("pick.take")}</p><p class="mk-qty" style="font-size:${size}px;line-height:${size}px">${short ? short.taken : g.pieces} <small>${name(s.goods.unit)}</small></p></div></div>
      <p class="name">${name(s.goods.name)}</p>
      <dl class="lot">${s.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(s.lot)}</dd>` : ""}${s.expiry ? html`<dt>${t("expires")}</dt><dd>${s.expiry}</dd>` : ""}${!s.lot && !s.expiry ? html`<dt>${t("sku")}</dt><dd>${s.goods.code}</dd>` : ""}</dl>
      <div class="mk-push">${sinkBox(want)}</div></div>
      <footer>${key("short", t("pick.short"), { icon: "alert-circle" })}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
  },

  scan(raw, m) {
    const at = step(m)
    if (at === "done" || at === "take") return { ask: { head: t("pick.over"), text: t("pick.over.note") } }
    if (at === "tote0") return placeTote(raw, m)
    if (at === "putback") return putBack(raw, m)
    const g = group(m.task), s = g.stop, c = code(raw)
    if (at === "bin") {
      if (c === s.bin) return { step: true, ui: { bin: s.bin, goods: "", code: "", lot: "", lotFor: "" }, label: { word: "queue.bin", args: { Bin: s.bin } } }
      const read = parse(raw)
      return { wrong: { fault: read.gtin || read.sscc ? "bin_first" : "wrong_bin", scanned: read.gtin || c, wanted: s.bin } }
    }
    if (at === "tote") {
      if (c !== s.tote) return { wrong: { fault: "wrong_tote", scanned: c, wanted: s.tote } }
      return take(m, g, m.ui.code, m.ui.lot, raw)
    }
    if (c === s.bin) return { step: true, ui: { bin: s.bin } }
    return item(raw, m, g)
  },

  async press(press, value, m) {
    const g = group(m.task)
    if (press === "take") { await m.app.startJob({ kind: "pick", start: "pick.take", body: { task: m.task.id } }); return null }
    if (press === "next") {
      if (m.queue.offline && m.queue.waiting.length) return { ask: { head: t("pick.done.wait"), text: t("offline.opening") } }
      await m.app.leave()
      return null
    }
    if (press === "undo") return undo(m)
    if (press === "drop") {
      const got = await m.app.call("pick.drop", { task: m.task.id }, "pick")
      if (got.offline) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
      m.app.rested = true
      await m.app.leave()
      return null
    }
    if (press === "short" && g) return why(m, g)
    return null
  },

  // apply moves the task on by a command that is still on its way.
  apply(task, r) {
    const b = r.body, set = (ids, patch) => Object.assign({}, task, { stops: task.stops.map(s => ids.includes(s.id) ? Object.assign({}, s, patch) : s) })
    switch (r.kind) {
      case "pick": return set(b.stops, { state: "picked", op: r.op })
      case "pick.short": return set(b.stops, { state: b.taken > 0 ? "picked" : b.reason === "damaged" ? "damaged" : "short", op: r.op })
      case "pick.putback": return set(b.stops, { state: "returned" })
      case "pick.undo": return Object.assign({}, task, { state: "taken", stops: task.stops.map(s => s.op === b.op && s.state === "picked" ? Object.assign({}, s, { state: "open", op: "" }) : s) })
      case "pick.tote": return Object.assign({}, task, { totes: task.totes.map(p => p.place === b.place ? Object.assign({}, p, { tote: code(b.tote) }) : p), stops: task.stops.map(s => s.place === b.place ? Object.assign({}, s, { tote: code(b.tote) }) : s) })
    }
    return task
  },

  // decide is what a worker chose for a refused command.
  async decide(press, r) {
    if (press === "done" && r.refusal.code === "putback") return { command: { kind: "pick.clear", body: { task: r.body.task }, task: r.task, label: { word: "queue.clear" } } }
    return null
  },
}

function item(raw, m, g) {
  const s = g.stop, read = parse(raw)
  const asked = m.ui.lotFor === goodsKey(s)
  // A lot scanned beside the goods: where the goods' own code does not say it.
  const lot = asked && !read.gtin ? read.text || read.lot : ""
  if (asked && lot && lot !== s.lot) return { wrong: wrongLot(m, g, { fault: "wrong_lot", scanned: lot, wanted: s.lot, wantedNote: s.expiry }) }
  const fault = lot ? null : checkItem(raw, { goods: s.goods, lot: s.lot, expiry: s.expiry, lotNeeded: s.mixed && s.lot !== "", today: today() })
  if (fault && fault.fault === "lot_needed") return { ask: { head: t("fault.lot_needed"), text: t("next.lot_needed", { Lot: s.lot }), choices: [{ do: "close", label: t("close") }] }, ui: { lotFor: goodsKey(s), code: raw } }
  if (fault) return { wrong: fault.fault === "wrong_lot" ? wrongLot(m, g, fault) : fault }
  const scanned = lot ? m.ui.code : raw
  if (several(m.task)) return { step: true, ui: { goods: goodsKey(s), code: scanned, lot, lotFor: "" }, label: { word: "queue.item", args: { Name: s.goods.code } } }
  return take(m, g, scanned, lot, "")
}

function wrongLot(m, g, fault) {
  return Object.assign({}, fault, { text: t("pick.wronglot"), where: g.stop.left > 0 ? t("pick.where", { Amount: amount(g.stop.left, g.stop) }) : "", hint: t("pick.wronglot.hint"),
    choices: [{ do: "short", label: t("pick.notfound") }, { do: "close", label: t("undo"), icon: "arrow-back-up" }], press: press => press === "short" ? why(m, g) : null })
}

// take makes the command of a whole or a short stop, and shows where to go next.
function take(m, g, scanned, lot, tote) {
  const s = g.stop, short = m.ui.short
  const body = { task: m.task.id, stops: g.ids, bin: m.ui.bin, code: scanned, lot, tote }
  const kind = short ? "pick.short" : "pick"
  if (short) Object.assign(body, { taken: short.taken, reason: short.reason })
  const n = short ? short.taken : g.pieces
  const rest = Object.assign({}, m.task, { stops: m.task.stops.map(x => g.ids.includes(x.id) ? Object.assign({}, x, { state: "picked" }) : x) })
  const next = group(rest)
  const same = next && goodsKey(next.stop) === goodsKey(s)
  return {
    command: { kind, body, label: { word: "queue.pick", args: { Bin: s.bin, Amount: { zh: n + " " + s.goods.unit.zh, en: n + " " + (s.goods.unit.en || s.goods.unit.zh) } } } },
    ui: r => ({ bin: next && next.stop.bin === s.bin ? s.bin : "", goods: same ? goodsKey(s) : "", code: same ? scanned : "", lot: same ? lot : "", lotFor: "", short: null, last: r.op }),
    right: { head: t("pick.right", { Amount: amount(n, s) }), text: [name(s.goods.name), s.lot].filter(Boolean).join(" · "),
      next: next ? { label: t("pick.next", { N: done(rest) + 1, All: counted(rest).length }), bin: next.stop.bin, way: [walk(next.stop.spot, s.spot), t("pick.next.take", { Amount: amount(next.pieces, next.stop) })].join(" · ") } : null },
  }
}

// why asks what is wrong at the bin: the second tap tells, where more pieces were wanted a third tells how many there are.
function why(m, g) {
  if (m.ui.bin !== g.stop.bin) return { ask: { head: t("pick.binfirst"), text: t("pick.binfirst.note") } }
  const s = g.stop
  const choose = reason => g.pieces === 1 ? few(m, g, reason, 0) : { ask: { head: t("pick.howmany"), text: t(reason === "damaged" ? "pick.howmany.good" : "pick.howmany.there", { Amount: amount(g.pieces, s) }),
    choices: numbers(g.pieces).map(n => ({ do: "n", value: n, label: String(n) })), press: (p, v) => few(m, g, reason, Number(v)) } }
  return { ask: { head: t("pick.why"), text: s.bin + " · " + name(s.goods.name), press: press => press === "empty" ? few(m, g, "empty", 0) : choose(press),
    choices: [{ do: "empty", label: t("pick.empty") }, { do: "short", label: t("pick.few") }, { do: "damaged", label: t("pick.damaged") }, { do: "close", label: t("close") }] } }
}

// numbers are the counts to choose from: all of them, or steps for many.
function numbers(n) {
  const all = Array.from({ length: n }, (_, i) => i)
  return n <= 24 ? all : all.filter(i => i < 10 || i % 5 === 0 || i === n - 1)
}

function few(m, g, reason, taken) {
  const s = g.stop
  const scannedAlready = m.ui.goods === goodsKey(s)
  if (taken > 0 && !scannedAlready) return { ui: { short: { reason, taken } }, step: true }
  if (taken > 0) return { ui: { short: { reason, taken } }, step: true }
  return {
    command: { kind: "pick.short", body: { task: m.task.id, stops: g.ids, bin: m.ui.bin, code: "", lot: "", tote: "", taken: 0, reason }, label: { word: "queue.short", args: { Bin: s.bin } } },
    ui: r => ({ goods: "", code: "", lot: "", short: null, last: r.op }),
    ask: { head: t("pick.noted"), text: t(reason === "damaged" ? "pick.noted.damaged" : "pick.noted.short") },
  }
}

function undo(m) {
  if (m.ui.short) return { ui: { short: null }, step: true }
  const g = group(m.task)
  if (g && m.ui.goods && m.ui.goods === goodsKey(g.stop) && m.ui.code && several(m.task)) return { ui: { goods: "", code: "", lot: "" }, step: true }
  if (m.ui.last && m.task.stops.some(s => s.op === m.ui.last && s.state === "picked")) {
    const s = m.task.stops.find(x => x.op === m.ui.last)
    return { command: { kind: "pick.undo", body: { task: m.task.id, op: m.ui.last }, label: { word: "queue.undo", args: { Bin: s.bin } } }, ui: { last: "", goods: "", code: "", lot: "", bin: s.bin },
      ask: { head: t("pick.undone"), text: t("pick.undone.note", { Bin: s.bin }) } }
  }
  const before = m.task.stops.filter(s => s.state === "picked" && s.op)
  if (before.length && !(g && m.ui.bin === g.stop.bin)) {
    const s = before[before.length - 1]
    return { command: { kind: "pick.undo", body: { task: m.task.id, op: s.op }, label: { word: "queue.undo", args: { Bin: s.bin } } }, ui: { last: "", goods: "", code: "", lot: "", bin: s.bin },
      ask: { head: t("pick.undone"), text: t("pick.undone.note", { Bin: s.bin }) } }
  }
  if (m.ui.bin) return { ui: { bin: "", goods: "", code: "" }, step: true }
  return { ask: { head: t("undo.nothing") } }
}

function placing(m) {
  const p = emptyPlace(m.task)
  return html`<div class="body"><p class="lbl">${t("pick.cart", { N: m.task.totes.filter(x => x.tote).length, All: m.task.totes.length })}</p>
    <p class="mk-bin" data-fit="96">${p.place}</p><p class="mk-huge">${t("pick.place", { Place: p.place })}</p>
    <ol class="places">${m.task.totes.map(x => html`<li class="${x.tote ? "is-set" : x === p ? "is-now" : ""}"><b>${x.place}</b>${x.tote}</li>`)}</ol>
    <div class="mk-push">${sinkBox(t("pick.scan.empty"))}</div></div><footer>${key("drop", t("pick.drop"), { icon: "arrow-left" })}</footer>`
}

function placeTote(raw, m) {
  const p = emptyPlace(m.task), c = code(raw), read = parse(raw)
  if (read.gtin || read.sscc) return { wrong: { fault: "wrong_kind", scanned: read.gtin || read.sscc } }
  if (m.task.totes.some(x => x.tote === c)) return { wrong: { fault: "tote_used", scanned: c } }
  return { command: { kind: "pick.tote", body: { task: m.task.id, place: p.place, tote: c }, label: { word: "queue.tote", args: { Tote: c } } }, step: true }
}

function returning(m) {
  const s = putbacks(m.task)[0]
  return html`<div class="body"><p class="mk-warn">${icon("arrow-back-up")}${t("putback.head", { Order: s.order })}</p><p class="lbl">${t("putback.bin")}</p>
    <p class="mk-bin" data-fit="75">${s.bin}</p><p class="lbl walk">${icon("arrow-narrow-right")}${walk(s.spot)}</p><div class="rule"></div>
    <div class="q"><span class="pic">${icon(picture(s.goods), 52)}</span><div><p class="lbl">${t("putback.tote", { Tote: s.tote })}</p><p class="mk-qty">${s.pieces} <small>${name(s.goods.unit)}</small></p></div></div>
    <p class="name">${name(s.goods.name)}</p><dl class="lot">${s.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(s.lot)}</dd>` : ""}</dl>
    <div class="mk-push">${sinkBox(t("putback.scan"))}</div></div>`
}

function putBack(raw, m) {
  const s = putbacks(m.task)[0], c = code(raw)
  if (c !== s.bin) return { wrong: { fault: "wrong_bin", scanned: c, wanted: s.bin } }
  return { command: { kind: "pick.putback", body: { task: m.task.id, stops: [s.id], bin: c }, label: { word: "queue.putback", args: { Bin: s.bin } } }, ui: { bin: s.bin },
    right: { head: t("putback.right"), text: name(s.goods.name), undo: false } }
}

function finished(m) {
  const short = m.task.stops.filter(s => s.state === "short" || s.state === "damaged").length
  return html`<div class="body"><p class="mk-huge">${icon("circle-check", 44)} ${t("pick.done")}</p>
    <p class="lbl">${t("pick.done.note")}</p><ol class="places">${m.task.totes.filter(x => x.tote).map(x => html`<li class="is-set"><b>${x.place}</b>${x.tote}</li>`)}</ol>
    ${short ? html`<p class="mk-warn">${icon("alert-triangle")}${t("pick.done.short", { Count: short })}</p>` : ""}
    ${m.task.due ? html`<p class="lbl">${t("pick.done.due", { Time: clock(m.task.due), Carrier: m.task.carrier })}</p>` : ""}</div>
    <footer>${key("next", t("pick.done.next"), { main: true, icon: "player-play" })}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
}

function lost(m) {
  return html`<div class="body"><p class="mk-huge">${t("pick.lost")}</p><p class="lbl">${t("pick.lost.note")}</p></div>
    <footer>${m.task.state === "open" ? key("take", t("pick.lost.take"), { main: true }) : ""}${key("next", t("pick.done.next"), { icon: "player-play" })}</footer>`
}
