// Refilling a pick face: go to the reserve, take the pieces, bring them to the face.
import { html, icon, key } from "./dom.js"
import { t, name } from "./words.js"
import { checkItem, code, parse } from "./gs1.js"
import { sinkBox } from "./frames.js"
import { lotText, picture, walk, today } from "./goods.js"
import { pad, entry, typed, number } from "./pad.js"
import { fits } from "./fit.js"

const amount = (n, g) => t("amount", { N: n, Unit: name(g.unit) })
const step = m => m.ui.item ? "to" : m.ui.bin ? "item" : "bin"
const pieces = m => m.ui.pieces || m.task.pieces

export default {
  kind: "refill",
  icon: "package-export",
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("refill.bar", { Bin: m.task.to })}</span>`,
  heading: m => t("refill.bar", { Bin: m.task.to }),

  view(m) {
    const at = step(m), r = m.task
    if (m.ui.pad) return html`<div class="body mk-scroll"><p class="lbl">${t("refill.howmany")}</p><p class="name">${name(r.goods.name)}</p>${entry(t("receive.of", { Pieces: r.pieces }), m.ui.pad.text, name(r.goods.unit))}${pad("", m.ui.pad.text === "")}</div><footer>${key("unpad", t("back"), { icon: "arrow-left" })}</footer>`
    return html`<div class="body pick put"><p class="lbl">${at === "bin" ? t("pick.goto") : at === "item" ? html`${icon("circle-check", 20)}${t("pick.at")}` : t("putaway.to")}</p><p class="mk-bin" data-fit="75">${at === "to" ? r.to : r.from}</p>
      <p class="lbl walk">${icon("arrow-narrow-right")}${at === "to" ? walk(r.there, r.spot) : walk(r.spot)}</p><div class="rule"></div>
      <div class="q"><span class="pic">${icon(picture(r.goods), 44)}</span><button type="button" class="many" data-do="count"><span class="lbl">${t("pick.take")}</span><span class="mk-qty">${pieces(m)} <small>${name(r.goods.unit)}</small></span></button></div>
      <p class="name">${name(r.goods.name)}</p><dl class="lot">${r.lot ? html`<dt>${t("lot")}</dt><dd>${lotText(r.lot)}</dd>` : html`<dt>${t("sku")}</dt><dd>${r.goods.code}</dd>`}${r.expiry ? html`<dt>${t("expires")}</dt><dd>${r.expiry}</dd>` : ""}</dl>
      <div class="mk-push">${sinkBox({ bin: t("pick.scan.bin"), item: t("pick.scan.item"), to: t("putaway.scan.bin") }[at])}</div></div>
      <footer>${key("short", t("refill.short"), { icon: "alert-circle" })}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
  },

  async scan(raw, m) {
    const at = step(m), r = m.task, c = code(raw), n = number(raw)
    if (at !== "bin" && n > 0) return quantity(m, n)
    if (at === "bin") {
      if (c === r.from) return { ui: { bin: true }, step: true }
      return { wrong: { fault: parse(raw).gtin ? "bin_first" : "wrong_bin", scanned: c, wanted: r.from } }
    }
    if (at === "item") {
      if (c === r.from) return { step: true }
      const fault = checkItem(raw, { goods: r.goods, lot: r.lot, expiry: r.expiry, today: today() })
      return fault ? { wrong: fault } : { ui: { item: true }, step: true }
    }
    if (c !== r.to) return parse(raw).gtin ? { wrong: { fault: "bin_wanted", scanned: parse(raw).gtin, wanted: r.to } } : { wrong: { fault: "wrong_bin", scanned: c, wanted: r.to } }
    if (!m.queue.offline) {
      const against = await fits(m, { from: r.from, goods: r.goods, lot: r.lot, owner: r.owner, status: "available" }, r.to, pieces(m), false, () => bring(m, pieces(m), true), k => bring(m, k, false))
      if (against) return against
    }
    return bring(m, pieces(m), false)
  },

  async press(press, value, m) {
    switch (press) {
      case "leave": m.app.rested = true; await m.app.leave(); return null
      case "count": return { ui: { pad: { text: "" } }, step: true }
      case "unpad": return { ui: { pad: null }, step: true }
      case "digit": return { ui: { pad: { text: typed(m.ui.pad.text, value) } } }
      case "pad-ok": return quantity(m, Number(m.ui.pad.text))
      case "undo":
        if (m.ui.pieces) return { ui: { pieces: 0 }, step: true }
        if (m.ui.item) return { ui: { item: false }, step: true }
        return m.ui.bin ? { ui: { bin: false }, step: true } : { ask: { head: t("undo.nothing") } }
      case "short": return short(m)
    }
    return null
  },

  decide(press, r) {
    return press === "force" && r.kind === "refill.do" ? { command: { kind: r.kind, body: Object.assign({}, r.body, { force: true }), task: r.task, label: r.label }, step: true } : null
  },
}

function quantity(m, n) {
  if (!(n > 0)) return { ask: { head: t("receive.one"), text: t("receive.one.note") } }
  if (n > m.task.pieces) return { ask: { head: t("receive.toomany", { Pieces: m.task.pieces }), text: t("refill.toomany") } }
  return { ui: { pieces: n, pad: null }, step: true }
}

// short: fewer there than were asked for, or none. None puts the bin onto the list of those to be counted.
function short(m) {
  const r = m.task
  return { ask: { head: t("pick.why"), text: r.from + " · " + name(r.goods.name), choices: [{ do: "few", label: t("pick.few") }, { do: "empty", label: t("pick.empty") }, { do: "blocked", label: t("refill.blocked") }, { do: "close", label: t("back") }],
    press: x => x === "few" ? { ui: { pad: { text: "" }, bin: true }, step: true } : { command: { kind: "refill.skip", body: { refill: r.id, site: m.me.site.id, bin: r.from }, label: { word: "queue.refill.skip", args: { Bin: r.from } } },
      ask: { head: t("pick.noted"), text: t("refill.skipped"), choices: [{ do: "next", label: t("pick.done.next") }], press: () => { m.app.leave(); return null } } } } }
}

function bring(m, n, force) {
  const r = m.task
  return { command: { kind: "refill.do", body: { refill: r.id, pieces: n, force }, label: { word: "queue.refill", args: { Bin: r.to, Pieces: n } } }, ui: { done: true },
    right: { head: t("refill.right", { Amount: amount(n, r.goods) }), text: name(r.goods.name), undo: false }, after: () => { leaving(m) } }
}

// leaving goes on to the next job once the green has been seen.
async function leaving(m) {
  const task = m.app.task
  await new Promise(f => setTimeout(f, 900))
  if (m.app.task === task) await m.app.leave()
}
