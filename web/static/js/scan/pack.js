// Packing: scan the tote, then every piece; weigh, close the box, print the label.
import { html, icon, key } from "./dom.js"
import { t, name, clock } from "./words.js"
import { code, parse, sameTrade } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { picture, lotText, today } from "./goods.js"

const count = (m, line) => (m.ui.counts || {})[line.goods.id] || 0
const total = m => m.task.lines.reduce((n, l) => n + count(m, l), 0)
const complete = m => m.task.lines.every(l => count(m, l) >= l.want)
const boxGrams = m => { const b = m.task.boxes.find(x => x.code === m.ui.box); return b ? b.grams : 0 }

// expected is what the counted pieces and the box should weigh; 0 where a weight is not known.
function expected(m) {
  let sum = boxGrams(m)
  for (const l of m.task.lines) {
    const n = count(m, l)
    if (n && !l.goods.grams) return 0
    sum += n * l.goods.grams
  }
  return sum
}

// grams reads what a scale or a person gives: 1234, 1234 g, 1.234 kg. 0 for no weight.
export function grams(text) {
  const s = /^\s*[+]?(?:ST,GS,[+]?)?\s*(\d+(?:[.,]\d+)?)\s*(kg|g)?\s*$/i.exec(text)
  if (!s) return 0
  const n = Number(s[1].replace(",", "."))
  return Math.round(/kg/i.test(s[2] || "") || !s[2] && /[.,]/.test(s[1]) ? n * 1000 : n)
}

export default {
  kind: "pack",
  icon: "package",
  menu: true,
  bar: m => m.task && m.task.id ? html`<span class="mk-cut">${t("pack.title")} ${m.task.order}</span>` : html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button>${t("pack.title")}`,
  heading: () => t("pack.title"),

  view(m) {
    if (!m.task.id) return html`<div class="body"><p class="mk-huge">${m.task.tote ? t("pack.batch", { Tote: m.task.tote }) : t("pack.tote")}</p><p class="lbl">${m.task.tote ? t("pack.batch.note", { Count: m.task.waiting || 0 }) : t("pack.tote.note")}</p>
      ${m.ui.parcel ? html`<p class="mk-good">${icon("circle-check")}${t("pack.last", { Number: m.ui.parcel })}</p>` : ""}<div class="mk-push">${sinkBox(m.task.tote ? t("pack.scan.item") : t("pack.scan.tote"))}</div></div>`
    if (m.task.cancelled) return html`<div class="body"><p class="mk-warn">${icon("hand-stop")}${t("pack.cancelled", { Order: m.task.order })}</p><p class="lbl">${t("pack.cancelled.note")}</p>
      <ul class="lines">${m.task.lines.concat(m.task.parcels.map(p => ({ parcel: p }))).map(l => l.parcel ? html`<li>${icon("package", 34)}<div><b>${l.parcel.number}</b></div><p class="n">${l.parcel.pieces}</p></li>` : html`<li>${icon(picture(l.goods), 34)}<div><b>${name(l.goods.name)}</b></div><p class="n">${l.want}</p></li>`)}</ul>
      <div class="mk-push">${sinkBox(t("pack.scan.putback"))}</div></div><footer>${key("leave", t("pack.other"), { main: true })}</footer>`
    if (m.ui.closing) return weighing(m)
    if (m.task.lines.length === 0 || m.task.state === "packed") return packed(m)
    return html`<div class="body mk-scroll pack" tabindex="0"><p class="lbl mk-row"><span class="mk-cut">${m.task.consignee}</span><span class="end">${m.task.carrier}${m.task.due ? " " + clock(m.task.due) : ""}</span></p>
      ${m.task.note ? html`<p class="mk-warn">${m.task.note}</p>` : ""}
      <ul class="lines">${m.task.lines.map(l => html`<li class="${count(m, l) >= l.want ? "is-set" : ""}">${icon(picture(l.goods), 34)}<div><b>${name(l.goods.name)}</b><span>${l.lots.filter(x => x.lot).map(x => html`${lotText(x.lot)} `)}${l.short ? html`<em>${t("pack.short", { Count: l.short })}</em>` : ""}</span></div><p class="n">${count(m, l)}<small>/${l.want}</small></p></li>`)}</ul>
      <div class="mk-push">${sinkBox(t("pack.scan.item"))}</div></div>
      <footer>${key("close-box", t("pack.close", { Count: total(m) }), { main: complete(m), icon: "package", off: total(m) === 0 })}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
  },

  async scan(raw, m) {
    if (!m.task.id) return opening(raw, m)
    if (m.ui.closing) {
      const g = grams(raw)
      if (g > 0) return closing(m, g, "")
    }
    if (m.task.cancelled && (m.task.lines.length || m.task.parcels.length) && m.task.state !== "cancelled") {
      const c = code(raw)
      if (parse(raw).gtin || /^T-?\d+$/.test(c)) return { wrong: { fault: "wrong_kind", scanned: c } }
      return { command: { kind: "pack.putback", body: { shipment: m.task.id, bin: c }, label: { word: "queue.putback", args: { Bin: c } } }, right: { head: t("putback.right"), text: c, undo: false } }
    }
    if (m.task.cancelled || m.task.lines.length === 0 || m.task.state === "packed") return opening(raw, m)
    return piece(raw, m)
  },

  async press(press, value, m, element) {
    if (press === "leave") { await m.app.leave(); return null }
    if (press === "other") { await m.app.begin({ kind: "pack", id: 0 }); return null }
    if (press === "undo") {
      if (m.ui.closing) return { ui: { closing: false }, step: true }
      const l = m.task.lines.find(x => x.goods.id === m.ui.lastSKU)
      if (!l || count(m, l) === 0) return { ask: { head: t("undo.nothing") } }
      return { ui: { counts: Object.assign({}, m.ui.counts, { [l.goods.id]: count(m, l) - (m.ui.lastN || 1) }), lastSKU: 0 }, step: true }
    }
    if (press === "close-box") {
      if (!complete(m)) return { ask: { head: t("pack.partly"), text: t("pack.partly.note", { N: total(m), All: m.task.lines.reduce((n, l) => n + l.want, 0) }), press: p => p === "part" ? { ui: { closing: true, box: m.ui.box || box(m) }, step: true } : null,
        choices: [{ do: "part", label: t("pack.partly.close") }, { do: "close", label: t("pack.partly.on") }] } }
      return { ui: { closing: true, box: m.ui.box || box(m) }, step: true }
    }
    if (press === "box") return { ui: { box: value }, step: true }
    if (press === "submit") {
      const g = grams(element.weight.value)
      if (element.weight.value.trim() !== "" && g === 0) return { wrong: { head: t("pack.weight.bad"), text: t("pack.weight.bad.note") } }
      return closing(m, g, "")
    }
    if (press === "unweighed") return closing(m, 0, "unweighed")
    if (press === "reopen") return { command: { kind: "pack.open", body: { shipment: m.task.id, parcel: Number(value) } }, ui: { parcel: "", counts: {} }, ask: { head: t("pack.reopened"), text: t("pack.reopened.note") } }
    return null
  },

  apply(task, r) {
    if (r.kind !== "pack.close") return task
    const took = {}
    r.body.items.forEach(i => { took[i.sku] = i.pieces })
    const lines = task.lines.map(l => Object.assign({}, l, { want: l.want - (took[l.goods.id] || 0) })).filter(l => l.want > 0)
    return Object.assign({}, task, { lines, closing: true })
  },

  decide(press, r, m) {
    const again = { closing: true, box: r.body.box, counts: Object.fromEntries(r.body.items.map(i => [i.sku, i.pieces])) }
    if (press === "weigh") return { ui: again, step: true }
    if (press === "accept") return { command: { kind: "pack.close", body: Object.assign({}, r.body, { accepted: "looked" }), task: r.task }, ui: { closing: false, counts: {} }, step: true }
    return null
  },
}

// box proposes a packing by what the goods weigh, an insulated one for cold goods.
function box(m) {
  if (m.task.cold) return "cold"
  const g = m.task.lines.reduce((n, l) => n + count(m, l) * l.goods.grams, 0)
  return g < 400 ? "bag" : g < 1500 ? "S" : g < 5000 ? "M" : "L"
}

async function opening(raw, m) {
  const tote = m.task.tote && !m.task.id ? m.task.tote : ""
  const read = parse(raw)
  const ask = tote && read.gtin ? tote + "~" + raw : code(raw)
  const got = await m.app.get(`/scan/task/pack/${encodeURIComponent(ask)}?site=${m.me.site.id}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: phrase(got.refusal.text), text: phrase(got.refusal.next), scanned: got.refusal.scanned || code(raw), wanted: got.refusal.wanted } }
  await m.app.setTask(got.task, { counts: {} })
  if (tote && got.task.id) return piece(raw, m.app.model())
  return { step: true, ui: { counts: {}, closing: false } }
}

const phrase = s => s && s.word ? t(s.word.replace(/^scanner\./, ""), s.args) : ""

function piece(raw, m) {
  const read = parse(raw)
  const line = m.task.lines.find(l => read.gtin ? sameTrade(read.gtin, l.goods.gtin) : read.text && read.text.toUpperCase() === l.goods.code.toUpperCase())
  if (read.bad) return { wrong: { fault: "unread", scanned: raw } }
  if (!line) return { wrong: { fault: read.gtin ? "not_ordered" : "wrong_kind", scanned: read.gtin || read.text || read.sscc } }
  const lots = line.lots.map(x => x.lot)
  if (read.lot && lots.length && !lots.includes(read.lot)) return { wrong: { fault: "wrong_lot", scanned: read.lot, wanted: lots.join(" / "), scannedNote: read.expiry, wantedNote: line.lots[0].expiry } }
  if (read.expiry && read.expiry <= today()) return { wrong: { fault: "expired", scanned: read.lot || read.gtin, scannedNote: read.expiry } }
  const n = read.gtin && read.gtin !== line.goods.gtin.padStart(14, "0") && read.gtin[0] !== "0" ? line.goods.carton : 1
  const have = count(m, line)
  if (have + n > line.want) return { wrong: { fault: "too_many", scanned: String(have + n), wanted: String(line.want), text: t("next.too_many") } }
  const counts = Object.assign({}, m.ui.counts, { [line.goods.id]: have + n })
  const ui = { counts, lastSKU: line.goods.id, lastN: n }
  const all = m.task.lines.every(l => (counts[l.goods.id] || 0) >= l.want)
  const left = m.task.lines.reduce((x, l) => x + l.want - (counts[l.goods.id] || 0), 0)
  if (all) return { ui: Object.assign(ui, { closing: true, box: m.ui.box || box(Object.assign({}, m, { ui: Object.assign({}, m.ui, ui) })) }), right: { head: t("pack.all"), text: name(line.goods.name), undo: false } }
  return { ui, right: { head: t("pack.right", { N: have + n, All: line.want }), text: name(line.goods.name), undo: false, next: { label: t("pack.left"), bin: String(left), way: "" } } }
}

function weighing(m) {
  const e = expected(m)
  return html`<div class="body mk-scroll" tabindex="0"><p class="lbl">${t("pack.box")}</p><div class="boxes">${m.task.boxes.map(b => key("box", name(b.name), { value: b.code, cls: b.code === m.ui.box ? "is-chosen" : "" }))}</div>
    <form class="mk-form"><label>${t("pack.weight")}<input name="weight" inputmode="numeric" autocomplete="off" data-keep="no"></label><p class="lbl">${e ? t("pack.expected", { Grams: e }) : t("pack.unknown")}</p>
    <button class="mk-key is-main" type="submit">${icon("package")}${t("pack.close", { Count: total(m) })}</button></form>
    <div class="mk-push">${sinkBox(t("pack.scan.weight"))}</div></div><footer>${key("unweighed", t("pack.unweighed"))}${key("undo", t("back"), { icon: "arrow-left" })}</footer>`
}

// closing judges the weight on the device, then closes the box.
function closing(m, weight, accepted) {
  const want = expected(m), off = weight - want, tolerance = Math.max(5, Math.floor(want * m.task.permille / 1000))
  if (weight > 0 && want > 0 && Math.abs(off) > tolerance && !accepted) {
    const l = likely(m, off, tolerance)
    return { wrong: { fault: "weight", head: t("refused.weight", { Grams: weight, Want: want }), text: l ? t(off < 0 ? "next.missing" : "next.extra", { Count: l.n, Name: l.line.goods.name }) : t("next.weight"),
      choices: [{ do: "weigh", label: t("choice.weigh") }, { do: "accept", label: t("choice.accept") }], press: p => p === "accept" ? closing(m, weight, "looked") : { ui: { closing: true }, step: true } } }
  }
  const items = m.task.lines.filter(l => count(m, l) > 0).map(l => ({ sku: l.goods.id, pieces: count(m, l) }))
  return { command: { kind: "pack.close", body: { shipment: m.task.id, items, box: m.ui.box || "", weight, accepted }, label: { word: "queue.pack", args: { Order: m.task.order } } },
    ui: { closing: false, counts: {}, lastSKU: 0 }, right: { head: t("pack.closed"), text: t("pack.closed.note"), undo: false } }
}

// likely names the goods whose pieces would make the difference.
function likely(m, off, tolerance) {
  let best = null, rest = tolerance + 1
  for (const line of m.task.lines) {
    const most = off < 0 ? count(m, line) : 3
    for (let n = 1; n <= most; n++) {
      const r = Math.abs(Math.abs(off) - n * line.goods.grams)
      if (r < rest) { rest = r; best = { line, n } }
    }
  }
  return best
}

function packed(m) {
  const last = m.task.parcels[m.task.parcels.length - 1]
  if (!last) return html`<div class="body"><p class="mk-huge">${t(m.queue.offline ? "pack.number.later" : "pack.number.soon")}</p><div class="mk-push">${sinkBox(t("pack.scan.tote"))}</div></div><footer>${key("other", t("pack.other"))}</footer>`
  return html`<div class="body"><p class="lbl">${t("pack.parcel")}</p><p class="mk-bin" data-fit="44">${last.number}</p><p class="lbl">${t("pack.parcel.note", { Order: m.task.order })}</p>
    ${m.task.parcels.length > 1 ? html`<p class="lbl">${t("pack.parcels", { Count: m.task.parcels.length })}</p>` : ""}
    <a class="mk-key is-main go" href="/scan/label/${last.id}" target="_blank" rel="noopener">${icon("printer")}${t("pack.print")}</a>
    <div class="mk-keys"><a class="mk-key" href="/scan/label/${last.id}/zpl">${icon("download")}ZPL</a>${key("reopen", t("pack.reopen"), { value: last.id, icon: "arrow-back-up" })}</div>
    <div class="mk-push">${sinkBox(t("pack.scan.next"))}</div></div><footer>${key("other", t("pack.other"), { icon: "player-play" })}</footer>`
}
