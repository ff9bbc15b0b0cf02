// Handing over: scan every parcel that the carrier takes, then close the manifest.
import { html, icon, key } from "./dom.js"
import { t, clock } from "./words.js"
import { code, checkDigit } from "./gs1.js"
import { sinkBox } from "./frames.js"

const loaded = task => task.parcels.filter(p => p.state === "loaded")
const waiting = task => task.parcels.filter(p => p.state === "packed")
const isParcel = c => /^MP\d{10,}$/.test(c) && checkDigit(c.slice(2, -1)) === Number(c.slice(-1))

export default {
  kind: "handover",
  icon: "truck",
  menu: true,
  reload: true,
  bar: m => html`<button type="button" class="mk-bare" data-do="leave" aria-label="${t("back")}">${icon("arrow-left")}</button><span class="mk-cut">${t("handover.title")}${m.task && m.task.id ? " " + m.task.carrier : ""}</span>`,
  heading: () => t("handover.title"),

  view(m) {
    if (!m.task.id) return html`<div class="body"><p class="mk-huge">${t("handover.first")}</p><p class="lbl">${t("handover.first.note")}</p><div class="mk-push">${sinkBox(t("handover.scan"))}</div></div>`
    const all = loaded(m.task), left = waiting(m.task)
    if (m.task.state === "closed") return html`<div class="body"><p class="mk-huge">${icon("circle-check", 44)} ${t("handover.closed", { Count: all.length || m.task.loaded })}</p><p class="lbl">${m.task.number} · ${m.task.carrier}${m.task.signed ? " · " + m.task.signed : ""}</p></div><footer>${key("leave", t("next.title"), { main: true, icon: "player-play" })}</footer>`
    return html`<div class="body mk-scroll" tabindex="0"><p class="lbl">${m.task.number}</p><p class="mk-qty" style="font-size:84px;line-height:88px">${all.length} <small>/ ${all.length + left.length}</small></p><p class="lbl">${left.length ? t("handover.left", { Count: left.length }) : t("handover.all")}</p>
      ${m.ui.signing ? html`<form class="mk-form"><label>${t("handover.signed")}<input name="signed" autocomplete="off" data-keep="no"></label><button class="mk-key is-main" type="submit">${icon("signature")}${t("handover.close", { Count: all.length })}</button></form>` : ""}
      <ul class="qs">${all.slice(-30).reverse().map(p => html`<li>${icon("circle-check")}<div><b>${p.number}</b><span>${p.order}</span></div></li>`)}</ul>
      ${m.ui.signing ? "" : html`<div class="mk-push">${sinkBox(t("handover.scan"))}</div>`}</div>
      <footer>${m.ui.signing ? key("unsign", t("back"), { icon: "arrow-left" }) : key("sign", t("handover.close", { Count: all.length }), { main: true, off: all.length === 0 })}${key("undo", t("undo"), { icon: "arrow-back-up" })}</footer>`
  },

  async scan(raw, m) {
    const c = code(raw)
    if (!isParcel(c)) return { wrong: { fault: "not_parcel", scanned: c } }
    if (!m.task.id || m.task.state === "closed") {
      const got = await m.app.call("handover.open", { site: m.me.site.id, parcel: c }, "handover")
      if (got.offline) return { ask: { head: t("offline.head"), text: t("offline.opening") } }
      if (got.refusal) return { wrong: { fault: got.refusal.code, head: phrase(got.refusal.text), text: phrase(got.refusal.next), scanned: c, wanted: got.refusal.wanted } }
      await m.app.setTask(got.result, {})
      m = m.app.model()
    }
    const p = m.task.parcels.find(x => x.number === c)
    if (p && p.state === "loaded") return { wrong: { fault: "loaded", scanned: c } }
    if (!p && !m.queue.offline) return { wrong: { fault: "wrong_parcel", scanned: c, wanted: m.task.carrier, text: t("next.wrong_parcel", { Carrier: m.task.carrier }) } }
    const n = loaded(m.task).length + 1
    return { command: { kind: "handover.load", body: { manifest: m.task.id, parcel: c }, label: { word: "queue.load", args: { Number: c } } }, ui: r => ({ last: c, lastOp: r.op, signing: false }),
      right: { head: t("handover.right", { N: n, All: n + waiting(m.task).length - 1 }), text: c + (p ? " · " + p.order : "") } }
  },

  async press(press, value, m, element) {
    if (press === "leave") { await m.app.leave(); return null }
    if (press === "sign") return { ui: { signing: true }, step: true }
    if (press === "unsign") return { ui: { signing: false }, step: true }
    if (press === "submit") return { command: { kind: "handover.close", body: { manifest: m.task.id, signed: element.signed.value.trim() }, label: { word: "queue.close", args: { Number: m.task.number } } }, ui: { signing: false, last: "" }, right: { head: t("handover.done"), text: m.task.number, undo: false } }
    if (press === "undo") {
      if (!m.ui.last) return { ask: { head: t("undo.nothing") } }
      return { command: { kind: "handover.unload", body: { manifest: m.task.id, parcel: m.ui.last }, label: { word: "queue.unload", args: { Number: m.ui.last } } }, ui: { last: "" }, ask: { head: t("handover.undone"), text: m.ui.last } }
    }
    return null
  },

  apply(task, r) {
    const set = state => Object.assign({}, task, { parcels: task.parcels.map(p => p.number === r.body.parcel ? Object.assign({}, p, { state }) : p) })
    if (r.kind === "handover.load") return set("loaded")
    if (r.kind === "handover.unload") return set("packed")
    if (r.kind === "handover.close") return Object.assign({}, task, { state: "closed" })
    return task
  },
}

const phrase = s => s && s.word ? t(s.word.replace(/^scanner\./, ""), s.args) : ""
export { clock }
