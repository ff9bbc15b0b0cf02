// Counting, blind: scan the bin, type how many pieces of each lot there are. What the book says is not on the device. A count that
// differs is done again by another person.
import { html, icon, key } from "./dom.js"
import { t, name, say } from "./words.js"
import { code, parse, sameTrade } from "./gs1.js"
import { sinkBox, find } from "./frames.js"
import { lotText, picture, walk } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"
import { dayOf } from "./day.js"

const goodsKey = g => g.goods.id + "/" + g.lot + "/" + g.owner
const done = m => m.ui.done || []
const open = m => m.task.bins.filter(b => !done(m).includes(b.id))
const at = m => open(m)[0]
const extra = (m, b) => (m.ui.extra || []).filter(x => x.bin === b.id)
const all = (m, b) => b.known.concat(extra(m, b))
const counts = m => m.ui.counts || {}

// next is the lot that is to be counted now: the one that was scanned, else the first without a number.
function next(m, b) {
  const list = all(m, b)
  return list.find(g => goodsKey(g) === m.ui.goods && counts(m)[goodsKey(g)] === undefined) || list.find(g => counts(m)[goodsKey(g)] === undefined) || null
}

export default {
  kind: "count",
  icon: "clipboard-check",
  menu: m => begin(m),
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("count.bar", { N: Math.min(done(m).length + 1, m.task.bins.length), All: m.task.bins.length })}</span><span class="prog"><i style="width:${Math.round(100 * done(m).length / Math.max(1, m.task.bins.length))}%"></i></span>`,
  heading: () => t("count.title"),

  view(m) {
    const b = at(m)
    if (!b) return finished(m)
    if (m.ui.form) return form(m)
    if (m.ui.at !== b.id) return html`<div class="body pick"><p class="lbl">${t("pick.goto")}</p><p class="mk-bin" data-fit="75">${b.bin}</p><p class="lbl walk">${icon("arrow-narrow-right")}${walk(b.spot)}</p><div class="rule"></div>
      <p class="lbl">${t("count.reason." + b.reason)}</p>${b.again ? html`<p class="mk-warn">${icon("users")}${t("count.again")}</p>` : ""}<div class="mk-push">${sinkBox(t("pick.scan.bin"))}</div></div><footer>${key("later", t("count.later"))}</footer>`
    const g = next(m, b)
    if (!g) return review(m, b)
    const list = all(m, b)
    return html`<div class="body count mk-scroll"><p class="mk-bin" data-fit="54">${b.bin}</p>
      <div class="mk-row goods"><span class="pic">${icon(picture(g.goods), 30)}</span><div><p class="name">${name(g.goods.name)}</p><p class="lbl">${g.lot ? html`${t("lot")} ${lotText(g.lot)}` : g.goods.code}${g.expiry ? " · " + t("expiry", { Day: g.expiry }) : ""}</p></div></div>
      ${list.length > 1 ? html`<p class="lbl">${t("count.of", { N: list.indexOf(g) + 1, All: list.length })}</p>` : ""}${entry(t("count.to"), m.ui.text || "", name(g.goods.unit))}${pad("", !m.ui.text)}</div>
      <footer>${key("empty", t("count.empty"))}${key("other", t("count.other"))}</footer>`
  },

  async scan(raw, m) {
    const b = at(m)
    if (!b) return find(raw, m)
    if (m.ui.at !== b.id) {
      const c = code(raw), hit = open(m).find(x => x.bin === c)
      if (!hit) return { wrong: { fault: parse(raw).gtin ? "bin_first" : "wrong_bin", scanned: c, wanted: b.bin } }
      return { ui: { at: hit.id, counts: {}, goods: "", text: "", done: done(m) }, step: true, after: hit === b ? undefined : () => first(m, hit) }
    }
    const n = number(raw)
    if (n >= 0) return next(m, b) ? counted(m, b, n) : null
    if (code(raw) === b.bin) return { step: true }
    return goods(raw, m, b)
  },

  async press(press, value, m, element) {
    const b = at(m)
    switch (press) {
      case "leave": await m.app.leave(); return null
      case "more": return begin(m)
      case "later": return { ui: { at: 0 }, step: true, after: () => last(m, b) }
      case "digit": return { ui: { text: typed(m.ui.text || "", value) } }
      case "pad-ok": return counted(m, b, Number(m.ui.text))
      case "empty": return { ask: { head: t("count.empty.head", { Bin: b.bin }), text: t("count.empty.note"), choices: [{ do: "yes", label: t("count.empty.yes") }, { do: "close", label: t("back") }], press: () => send(m, b, {}) } }
      case "other": return { ask: { head: t("count.other"), text: t("count.other.note"), choices: [{ do: "close", label: t("back") }] } }
      case "again": return { ui: { counts: {}, goods: "", text: "" }, step: true }
      case "send": return send(m, b, counts(m))
      case "noform": return { ui: { form: null }, step: true }
      case "submit": return add(m, b, element)
    }
    return null
  },
}

// begin takes bins to count from the server.
async function begin(m) {
  const got = await m.app.call("count.open", { site: m.me.site.id, bin: "" }, "count")
  if (got.offline) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next) } }
  await m.app.begin(got.result)
  return null
}

const reorder = (m, f) => m.app.setTask(Object.assign({}, m.app.task, { bins: f(m.app.task.bins) })).then(() => m.app.draw())
const first = (m, b) => reorder(m, bins => [b].concat(bins.filter(x => x.id !== b.id)))
const last = (m, b) => reorder(m, bins => bins.filter(x => x.id !== b.id).concat(b))

function counted(m, b, n) {
  const g = next(m, b)
  if (!g || !(n >= 0)) return null
  const now = Object.assign({}, counts(m), { [goodsKey(g)]: n })
  if (all(m, b).every(x => now[goodsKey(x)] !== undefined) && !extra(m, b).length && b.known.length === 1) return send(m, b, now)
  return { ui: { counts: now, text: "", goods: "" }, step: true }
}

// send books the bin; what the book says to it nobody tells the counter.
function send(m, b, now) {
  const list = all(m, b).filter(g => now[goodsKey(g)] !== undefined).map(g => ({ sku: g.goods.id, lot: g.lot, expiry: g.expiry || null, owner: g.owner, pieces: now[goodsKey(g)] }))
  const following = open(m).find(x => x.id !== b.id)
  return { command: { kind: "count.bin", body: { count: b.id, goods: list }, label: { word: "queue.counted", args: { Bin: b.bin } } }, ui: { done: done(m).concat(b.id), at: 0, counts: {}, extra: [], goods: "", text: "", form: null },
    right: { head: t("count.right"), text: b.bin, undo: false, next: following ? { label: t("count.next"), bin: following.bin, way: walk(following.spot, b.spot) } : null } }
}

// goods chooses the lot that was scanned; goods that the book does not have there are added.
async function goods(raw, m, b) {
  const read = parse(raw)
  if (read.bad) return { wrong: { fault: "unread", scanned: raw } }
  const named = g => read.gtin ? sameTrade(read.gtin, g.goods.gtin) : read.text && (read.text.toUpperCase() === g.goods.code.toUpperCase() || g.lot && read.text === g.lot)
  const hits = all(m, b).filter(g => named(g) && (!read.lot || read.lot === g.lot))
  if (hits.length) {
    const free = hits.find(g => counts(m)[goodsKey(g)] === undefined)
    if (free) return { ui: { goods: goodsKey(free), text: "" }, step: true }
    const again = Object.assign({}, counts(m))
    delete again[goodsKey(hits[0])]
    return { ui: { counts: again, goods: goodsKey(hits[0]), text: "" }, step: true }
  }
  const elsewhere = m.task.bins.reduce((x, y) => x.concat(y.known), []).find(named)
  const got = elsewhere ? { task: { goods: elsewhere.goods, lot: read.lot || "", expiry: read.expiry || "" } } : await m.app.get(`/scan/task/count/${encodeURIComponent("goods~" + raw)}?site=${m.me.site.id}`)
  if (!got) return { ask: { head: t("offline.head"), text: t("count.unknown.offline") } }
  if (got.refusal) return { wrong: { fault: got.refusal.code, head: say(got.refusal.text), text: say(got.refusal.next), scanned: got.refusal.scanned || code(raw) } }
  const g = { bin: b.id, goods: got.task.goods, lot: got.task.lot || "", expiry: got.task.expiry || "", owner: "" }
  if (g.goods.life > 0 && (!g.lot || !g.expiry)) return { ui: { form: g }, step: true }
  return put(m, g)
}

const put = (m, g) => ({ ui: { extra: (m.ui.extra || []).concat(g), goods: goodsKey(g), form: null, text: "" }, step: true })

function form(m) {
  const g = m.ui.form
  return html`<div class="body mk-scroll"><p class="name">${name(g.goods.name)}</p><p class="lbl">${t("receive.form.note")}</p><form class="mk-form" data-real><label>${t("lot")}<input name="lot" maxlength="40" autocomplete="off" autocapitalize="characters" value="${g.lot}"></label>
    <label>${t("receive.form.expiry")}<input name="expiry" inputmode="numeric" autocomplete="off" value="${g.expiry.replace(/-/g, "")}"></label><button class="mk-key is-main" type="submit">${t("receive.form.ok")}</button></form></div><footer>${key("noform", t("back"), { icon: "arrow-left" })}</footer>`
}

function add(m, b, f) {
  const expiry = dayOf(f.expiry.value)
  if (expiry === null) return { wrong: { head: t("receive.form.bad"), text: t("receive.form.bad.note"), scanned: f.expiry.value } }
  const g = Object.assign({}, m.ui.form, { lot: f.lot.value.trim(), expiry })
  const same = all(m, b).find(x => goodsKey(x) === goodsKey(g))
  return same ? { ui: { goods: goodsKey(same), form: null, text: "" }, step: true } : put(m, g)
}

function review(m, b) {
  const list = all(m, b)
  return html`<div class="body mk-scroll"><p class="mk-bin" data-fit="54">${b.bin}</p>${list.length ? html`<p class="lbl">${t("count.review")}</p><ul class="lines">${list.map(g => html`<li>${icon(picture(g.goods), 30)}<div><b>${name(g.goods.name)}</b><span>${g.lot ? lotText(g.lot) : g.goods.code}</span></div><p class="n">${counts(m)[goodsKey(g)]}</p></li>`)}</ul>` : html`<p class="mk-huge">${t("count.nothing")}</p><p class="lbl">${t("count.nothing.note")}</p>`}
    <div class="mk-push">${sinkBox(t("count.scan.other"))}</div></div><footer>${list.length ? html`${key("again", t("count.redo"))}${key("send", t("count.send"), { main: true, icon: "check" })}` : key("empty", t("count.empty"), { main: true })}</footer>`
}

function finished(m) {
  const n = m.task.bins.length
  return html`<div class="body"><p class="mk-huge">${icon("circle-check", 44)} ${n ? t("count.done", { Count: n }) : t("count.none")}</p><p class="lbl">${t("count.done.note")}</p></div>
    <footer>${m.task.left > n ? key("more", t("count.more"), { icon: "clipboard-check" }) : ""}${key("leave", t("pick.done.next"), { main: true, icon: "player-play" })}</footer>`
}
