// Returns: scan the parcel or the order, then each piece that came back; its grade says where it goes.
import { html, icon, key } from "./dom.js"
import { t, name, say } from "./words.js"
import { code, parse, sameTrade } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { lotText, picture } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"

const amount = (n, g) => t("amount", { N: n, Unit: name(g.unit) })
const lineKey = l => l.line + "/" + l.lot
const chosen = m => m.task.id ? m.task.lines.find(l => lineKey(l) === m.ui.key) : null
const grades = ["A", "B", "C", ""]
const reasons = ["unwanted", "wrong", "damaged", "quality", "late", "other"]

export default {
  kind: "returns",
  icon: "truck-return",
  menu: true,
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("returns.title")}${m.task.id ? " " + m.task.number : ""}</span>`,
  heading: () => t("returns.title"),

  view(m) {
    const l = chosen(m)
    if (!m.task.id) return html`<div class="body"><p class="mk-huge">${t("returns.first")}</p><p class="lbl">${t("returns.first.note")}</p><div class="mk-push">${sinkBox(t("returns.scan.order"))}</div></div>`
    if (l && m.ui.pad) return html`<div class="body mk-scroll"><p class="lbl">${t("returns.howmany")}</p><p class="name">${name(l.goods.name)}</p>${entry(t("receive.of", { Pieces: l.out - l.back }), m.ui.pad.text, name(l.goods.unit))}${pad("", m.ui.pad.text === "")}</div><footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
    if (l) return html`<div class="body mk-scroll put"><div class="q"><span class="pic">${icon(picture(l.goods), 44)}</span><button type="button" class="many" data-do="count"><span class="lbl">${t("returns.back")}</span><span class="mk-qty">${m.ui.pieces || 1} <small>${name(l.goods.unit)}</small></span></button></div>
      <p class="name">${name(l.goods.name)}</p><dl class="lot">${l.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(l.lot)}</dd>` : ""}${l.expiry ? html`<dt>${t("expires")}</dt><dd>${l.expiry}</dd>` : ""}</dl><p class="lbl">${t("returns.how")}</p>
      <div class="mk-list">${grades.map(g => key("grade", t("returns.grade." + (g || "later")), { value: g, icon: { A: "circle-check", B: "alert-triangle", C: "trash", "": "help-circle" }[g] }))}</div></div><footer>${key("undo", t("back"), { icon: "arrow-left" })}</footer>`
    return html`<div class="body mk-scroll"><p class="lbl">${m.task.consignee}</p><ul class="lines docks">${m.task.lines.map(x => html`<li class="${x.back >= x.out ? "is-set" : ""}"><button type="button" data-do="choose" data-value="${lineKey(x)}">${icon(picture(x.goods), 30)}<div><b>${name(x.goods.name)}</b><span>${x.lot ? lotText(x.lot) : x.goods.code}${x.expiry ? " " + x.expiry : ""}</span></div><p class="n">${x.back}<small>/${x.out}</small></p></button></li>`)}</ul>
      <div class="mk-push">${sinkBox(t("returns.scan.item"))}</div></div><footer>${key("order", t("returns.next"), { icon: "truck-return" })}</footer>`
  },

  async scan(raw, m) {
    if (!m.task.id) return open(raw, m)
    const l = chosen(m), n = number(raw), read = parse(raw)
    if (l && n > 0) return quantity(l, n)
    if (read.bad) return { wrong: { fault: "unread", scanned: raw } }
    const named = m.task.lines.filter(x => read.gtin ? sameTrade(read.gtin, x.goods.gtin) : read.text && (read.text.toUpperCase() === x.goods.code.toUpperCase() || x.lot && read.text === x.lot))
    if (named.length === 0) return read.gtin ? { wrong: { fault: "not_sent", scanned: read.gtin, wanted: "" } } : open(raw, m)
    const hits = named.filter(x => !read.lot || x.lot === read.lot)
    if (hits.length === 0) return { wrong: { fault: "wrong_lot", scanned: read.lot, wanted: named.map(x => x.lot).join(" / "), text: t("returns.wronglot"), wantedLabel: t("returns.sent") } }
    const free = hits.filter(x => x.back < x.out)
    if (free.length === 0) return { wrong: { fault: "all_back", scanned: String(hits[0].back), wanted: String(hits[0].out), wantedLabel: t("returns.sent") } }
    if (l && free.includes(l)) return quantity(l, (m.ui.pieces || 1) + 1)
    if (free.length > 1) return { ask: { head: t("receive.whichlot"), text: t("receive.whichlot.note"), choices: free.map(x => ({ do: "x", value: lineKey(x), label: x.lot || "–" })).concat({ do: "close", label: t("back") }), press: (x, k) => ({ ui: { key: k, pieces: 1 }, step: true }) } }
    return { ui: { key: lineKey(free[0]), pieces: 1, pad: null }, step: true }
  },

  async press(press, value, m) {
    const l = chosen(m)
    switch (press) {
      case "leave": await m.app.leave(); return null
      case "order": await m.app.begin({ kind: "returns", id: 0 }); return null
      case "choose": {
        const x = m.task.lines.find(y => lineKey(y) === value)
        return x.back >= x.out ? { wrong: { fault: "all_back", scanned: String(x.back), wanted: String(x.out), wantedLabel: t("returns.sent") } } : { ui: { key: value, pieces: 1, pad: null }, step: true }
      }
      case "count": return { ui: { pad: { text: "" } }, step: true }
      case "unpad": return { ui: { pad: null }, step: true }
      case "digit": return { ui: { pad: { text: typed(m.ui.pad.text, value) } } }
      case "pad-ok": return quantity(l, Number(m.ui.pad.text))
      case "undo": return { ui: { key: "", pieces: 0, pad: null }, step: true }
      case "grade": return why(m, l, value)
    }
    return null
  },

  apply(task, r) {
    if (r.kind !== "returns.take") return task
    return Object.assign({}, task, { lines: task.lines.map(l => l.line === r.body.line && l.lot === r.body.lot ? Object.assign({}, l, { back: l.back + r.body.pieces }) : l) })
  },
}

async function open(raw, m) {
  const got = await m.app.get(`/scan/task/returns/${encodeURIComponent(code(raw))}?site=${m.me.site.id}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next), scanned: code(raw) } }
  await m.app.setTask(got.task, {})
  return { step: true }
}

function quantity(l, n) {
  if (!(n > 0)) return { ask: { head: t("receive.one"), text: t("receive.one.note") } }
  if (n > l.out - l.back) return { ask: { head: t("receive.toomany", { Pieces: l.out - l.back }), text: t("returns.toomany", { Out: l.out, Back: l.back }) } }
  return { ui: { pieces: n, pad: null }, step: true }
}

function why(m, l, grade) {
  const n = m.ui.pieces || 1
  return { ask: { head: t("returns.why"), text: t("returns.grade." + (grade || "later")), choices: reasons.map(r => ({ do: "r", value: r, label: t("returns.why." + r) })), press: (x, r) => ({
    command: { kind: "returns.take", body: { site: m.me.site.id, number: m.task.number, outbound: m.task.id, line: l.line, sku: l.goods.id, lot: l.lot, pieces: n, grade, reason: t("returns.why." + r) }, label: { word: "queue.returns", args: { Name: l.goods.name, Pieces: n } } },
    ui: { key: "", pieces: 0 }, right: { head: t("returns.right", { Amount: amount(n, l.goods) }), text: t("returns.put." + (grade || "later")), undo: false } }) } }
}
