// The screens of the rider's phone, drawn from what it holds.
import { html, icon, key } from "../scan/dom.js"
import { clock, lang, name, say } from "../scan/words.js"
import { late, toLeave, warm } from "./rules.js"

const t = (id, args) => say({ word: "courier." + id, args })
const reasons = ["nobody_home", "no_access", "wrong_address", "declined", "damaged", "too_warm"]
const undoable = 30000

export function screens(app) {
  if (app.out) return signedOut()
  if (!app.day) return html`${bar(app, t("title"))}<div class="body"><p class="lbl" role="status">${t("loading")}</p></div>`
  if (app.view.name === "queue") return queue(app)
  const r = app.round
  if (!app.day.until && !(r && r.state === "started")) return off(app)
  if (!r) return idle(app)
  if (app.view.name === "following" && app.following) return offered(app, app.following)
  if (r.state === "offered") return offered(app, r)
  if (r.state === "accepted") return load(app, r)
  if (app.view.name === "drop") return drop(app, r)
  if (app.view.name === "trouble") return trouble(app, r)
  if (app.view.name === "all") return all(app, r)
  return app.stop ? next(app, r, app.stop) : back(app, r)
}

function sync(app) {
  const n = app.queue.pending.length, bad = app.queue.refused.length
  const inner = bad ? html`${icon("hand-stop", 20)}${t("needs_you", { Count: bad })}` : app.queue.offline ? html`${icon("cloud-off", 20)}${t("offline", { Count: n })}` :
    n ? html`${icon("clock", 20)}${t("sending", { Count: n })}` : html`${icon("wifi", 20)}${t("synced")}`
  return html`<button type="button" class="sync end" data-do="go" data-value="queue">${inner}</button>`
}

function bar(app, title, more) {
  return html`<header class="${app.queue.refused.length ? "is-bad" : app.queue.offline ? "is-off" : ""}"><div class="mk-row"><h1>${title}</h1>${sync(app)}</div>${more || ""}</header>`
}

function signedOut() {
  return html`<header><h1>Milkrun</h1></header><div class="body"><p class="adr">${t("signed_out")}</p><p class="lbl">${t("signed_out_note")}</p></div><footer><a class="mk-key is-main" href="/login?back=/ride">${t("sign_in")}</a></footer>`
}

function language() {
  return key("language", lang() === "zh" ? "English" : "中文", { icon: "language" })
}

function off(app) {
  const d = app.day
  return html`${bar(app, t("off"))}<div class="body">${d.called ? html`<p class="rem" role="status">${icon("phone", 20)}${t("called", { At: clock(d.called), Site: d.site })}</p>` : ""}
<p class="adr">${d.rider}</p><p class="lbl">${name(d.site)}</p><p class="lbl">${t("go_on")}</p>
<div class="mk-list">${[4, 6, 8, 10].map(h => key("on", t("hours", { Count: h }), { icon: "clock", value: h, main: h === 8 }))}</div></div><footer>${language()}</footer>`
}

function idle(app) {
  const d = app.day
  return html`${bar(app, t("idle"))}<div class="body"><p class="adr">${t("waiting")}</p><p class="lbl">${t("waiting_note", { Site: d.site })}</p>
<dl class="three"><div><dt>${t("drops_today")}</dt><dd>${d.drops}</dd></div><div><dt>${t("until")}</dt><dd>${clock(d.until)}</dd></div></dl></div><footer>${language()}${key("off", t("go_off"))}</footer>`
}

function km(m) { return (m / 1000).toFixed(1) + " km" }

function offered(app, r) {
  const left = Math.max(0, Math.ceil((Date.parse(r.expires) - app.now()) / 1000))
  return html`${bar(app, t(app.following ? "following" : "offer"), r.state === "accepted" ? html`<p class="sub">${t("leave_at", { At: clock(r.leaves) })}</p>` : html`<p class="sub" role="timer">${t("answer_in", { Count: left })}</p>`)}
<div class="body mk-scroll"><p class="adr">${t("stops", { Count: r.stops.length })} · ${km(r.metres)}</p><p class="lbl">${r.number} · ${t("back_at", { At: clock(r.back) })}${r.stops.some(s => s.cold) ? html` · ${icon("snowflake", 18)}${t("cold")}` : ""}</p>${steps(r, r.stops, 0)}</div>
<footer>${app.following ? key("go", t("back"), { value: "home" }) : ""}${r.state === "accepted" ? "" : html`${key("refuse", t("refuse"), { value: "" })}${key("accept", t("accept"), { main: true, icon: "check" })}`}</footer>`
}

// news says what was changed about a round; the rider says that it was seen.
function news(app, r, seen = true) {
  const c = r.changed
  if (!c) return ""
  const of = ids => (ids || []).map(id => r.stops.find(s => s.parcel === id)).filter(s => s)
  const names = list => list.map(s => r.state === "started" ? t("stop_no", { No: s.no }) : s.number).join(lang() === "zh" ? "、" : ", ")
  const added = of(c.added), again = of(c.again), gone = c.removed || []
  return html`<section class="news" role="alert"><p class="mk-b">${icon("route", 20)}${t("changed", { At: clock(c.at) })}</p><ul>
${added.length ? html`<li>${t(r.state === "started" ? "changed_fetch" : "changed_added", { Count: added.length, Which: names(added) })}</li>` : ""}
${gone.length ? html`<li>${t("changed_gone", { Count: gone.length, Which: gone.join(lang() === "zh" ? "、" : ", ") })}</li>` : ""}
${again.length ? html`<li>${t("changed_again", { Count: again.length, Which: names(again) })}</li>` : ""}
${c.order ? html`<li>${t(r.state === "started" ? "changed_order_way" : "changed_order")}</li>` : ""}</ul>${seen ? key("see", t("seen"), { icon: "check", cls: "s" }) : ""}</section>`
}

// misread says that a label is none of the round's.
function misread(app) {
  return app.misread ? html`<p class="rem is-bad" role="alert">${icon("barcode", 18)}${t(app.misread, { Read: app.read })}</p>` : ""
}

function load(app, r) {
  const ticked = app.ticked, added = r.changed ? r.changed.added || [] : [], n = toLeave(r, ticked).length
  const go = r.changed ? key("see", t("seen_load"), { main: true, icon: "check" }) : key("start", t(n < r.stops.length ? "start_part" : "start", { Count: n, All: r.stops.length }), { main: true, icon: "scooter" })
  return html`${bar(app, t("load"), html`<p class="sub">${r.number} · ${t("leave_at", { At: clock(r.leaves) })}</p>`)}
<div class="body mk-scroll">${news(app, r, false)}${misread(app)}<p class="lbl">${t("load_note")}</p>${key("camera", t("scan_parcel"), { icon: "scan" })}<ul class="loads">${r.stops.map(s => html`<li class="${ticked.includes(s.parcel) ? "is-done" : ""}"><label><input type="checkbox" data-load="${s.parcel}"${ticked.includes(s.parcel) ? html` checked` : ""}><span><b>${s.number}</b>${added.includes(s.parcel) ? html` <span class="mk-b t-watch">${t("new_one")}</span>` : ""}<br>${s.address}${s.pickup ? html` · ${t("fetch_here")}` : ""}${s.cold ? html` ${icon("snowflake", 18)}<span class="t-cold">${t("cold")}</span>` : ""}</span></label></li>`)}</ul></div>
<footer>${key("refuse", t("refuse"), { value: "" })}${go}</footer>`
}

function head(app, r) {
  const done = r.stops.filter(s => s.outcome).length
  return bar(app, t("progress", { Done: done, All: r.stops.length }), html`<div class="segs" aria-hidden="true">${r.stops.map(s => html`<i class="${s.outcome ? "d" : s === app.stop ? "n" : ""}"></i>`)}</div><p class="sub">${r.number} · ${t("back_at", { At: clock(r.back) })}</p>`)
}

function when(s) {
  const n = late(s)
  return html`<span class="end mk-b ${n ? "t-risk" : "t-ok"}">${icon(n ? "clock-exclamation" : "clock", 18)} ${t(n ? "late_by" : "there_at", { At: clock(s.eta), Due: clock(s.due), Minutes: n })}</span>`
}

function next(app, r, s) {
  const rest = r.stops.filter(x => !x.outcome && x !== s)
  const last = r.stops.filter(x => x.done).sort((a, b) => Date.parse(b.done) - Date.parse(a.done))[0]
  const f = app.following
  return html`${head(app, r)}<div class="mk-scroll fill">${news(app, r)}${misread(app)}<section class="next"><div class="mk-row"><span class="mk-b">${t("next", { No: s.no })}</span>${when(s)}</div>
<p class="adr">${s.address || t("no_address")}</p><p class="who">${s.consignee} · ${(s.grams / 1000).toFixed(1)} kg${s.cold ? html` · <span class="t-cold mk-b">${icon("snowflake", 18)}${t("cold")}</span>` : ""}${s.station ? html` · ${t("station")}` : ""}${s.pickup ? html` · <span class="mk-b">${t("fetch_here")}</span>` : ""}</p>
${s.tried ? html`<p class="rem">${icon("arrow-back-up", 18)}${t("tried", { At: clock(s.tried) })}</p>` : ""}${s.from && Date.parse(s.from) > app.now() ? html`<p class="rem">${icon("clock", 18)}${t("fetch_from", { At: clock(s.from) })}</p>` : ""}
${warm(s, app.now()) ? html`<p class="rem is-bad" role="alert">${icon("temperature", 18)}${t("too_warm", { At: clock(s.warm) })}</p>` : s.warm ? html`<p class="rem">${icon("snowflake", 18)}${t("warm_at", { At: clock(s.warm) })}</p>` : ""}
${s.cancelled ? html`<p class="rem is-bad" role="alert">${icon("hand-stop", 18)}${t("cancelled")}</p>` : ""}${s.note ? html`<p class="rem">${icon("message-2", 18)}${s.note}</p>` : ""}
<div class="acts"><a class="mk-key" href="tel:${s.phone}">${icon("phone")}${t("phone")}</a><a class="mk-key" href="geo:${s.lat},${s.lon}?q=${s.lat},${s.lon}(${encodeURIComponent(s.address)})">${icon("navigation")}${t("navigate")}</a></div>
${key("arrive", t(s.pickup ? "arrived_fetch" : "arrived"), { icon: "check", main: true, cls: "go", off: s.cancelled || warm(s, app.now()) })}${s.pickup ? key("decline", t("decline"), { value: s.parcel, cls: "go" }) : key("camera", t("scan_parcel"), { icon: "scan", cls: "go" })}</section>
${f ? html`<p class="rem">${icon("route", 18)}${t("following_note", { Count: f.stops.length, At: clock(f.leaves) })}<button type="button" class="undo end" data-do="go" data-value="following">${t("look")}</button></p>` : ""}
${last && app.now() - Date.parse(last.done) < undoable ? html`<p class="rem">${icon("check", 18)}${t("was_" + (last.outcome === "failed" || last.outcome === "fetched" ? last.outcome : "done"), { No: last.no })}<button type="button" class="undo end" data-do="undo" data-value="${last.parcel}">${t("undo")}</button></p>` : ""}
${steps(r, rest, 0, app.day.site)}</div><footer>${key("trouble", t("trouble"), { icon: "alert-circle" })}${key("go", t("all"), { icon: "list", value: "all", cls: "slim" })}</footer>`
}

function steps(r, stops, _, home) {
  return html`<ol class="steps">${stops.map(s => html`<li class="${s.outcome === "failed" || late(s) && !s.outcome ? "late" : s.outcome ? "done" : ""}"><span class="no">${s.no}</span><div><p class="mk-cut">${s.address || t("no_address")}</p><p class="s">${s.pickup ? html`${t("fetch_here")} · ` : ""}${t("due", { At: clock(s.due) })}${s.cold ? html` · ${t("cold")}` : ""}</p>${s.outcome === "failed" ? html`<p class="s t-risk mk-b">${t("fail." + s.reason)}</p>` : late(s) && !s.outcome ? html`<p class="s t-risk mk-b">${t("late", { Count: late(s) })}</p>` : ""}</div><span class="t">${clock(s.done || s.eta)}</span></li>`)}
${home ? html`<li class="hm"><span class="no">${icon("home", 18)}</span><div><p class="mk-cut">${name(home)}</p></div><span class="t">${clock(r.back)}</span></li>` : ""}</ol>`
}

function drop(app, r) {
  const s = r.stops.find(x => x.parcel === app.view.parcel) || app.stop
  const code = s.proof === "code", said = app.said ? html`<p class="rem is-bad" role="alert">${t("refused." + app.said)}</p>` : ""
  const camera = label => html`<label class="mk-key cam">${icon("camera")}${label}<input class="mk-vh" type="file" accept="image/*" capture="environment"></label>`
  return html`${head(app, r)}<div class="body"><p class="mk-b">${t(s.pickup ? "fetch_at" : "hand_over", { No: s.no })}</p><p class="adr">${s.address}</p><p class="who">${s.number} · ${s.consignee}</p>${app.view.checked ? html`<p class="rem is-good" role="status">${icon("check", 18)}${t("label_right")}</p>` : ""}${said}
${code ? html`<form class="mk-form"><label for="code">${t("code")}</label><input id="code" name="code" inputmode="numeric" pattern="[0-9]*" maxlength="4" autocomplete="off"><button class="mk-key is-main go">${icon("check")}${t("confirm")}</button></form><p class="lbl">${t("or_photo")}</p>` : ""}
${code || s.proof === "photo" ? camera(t("take_photo")) : key("drop", t(s.pickup ? "fetched" : "confirm"), { icon: "check", main: true, cls: "go" })}</div><footer>${key("go", t("back"), { value: "home" })}${key("trouble", t("trouble"), { icon: "alert-circle" })}</footer>`
}

function trouble(app, r) {
  const s = r.stops.find(x => x.parcel === app.view.parcel) || app.stop
  return html`${head(app, r)}<div class="body mk-scroll"><p class="mk-b">${t("why", { No: s.no })}</p><p class="who">${s.address}</p><div class="mk-list">${reasons.filter(x => x !== "too_warm" || s.cold).map(x => key("fail", t("fail." + x), { value: x }))}</div></div><footer>${key("go", t("back"), { value: "home" })}</footer>`
}

function all(app, r) {
  return html`${head(app, r)}<div class="body mk-scroll">${steps(r, r.stops, 0, app.day.site)}</div><footer>${language()}${key("go", t("back"), { value: "home", main: true })}</footer>`
}

function back(app, r) {
  const failed = r.stops.filter(s => s.outcome === "failed"), fetched = r.stops.filter(s => s.outcome === "fetched"), f = app.following
  return html`${head(app, r)}<div class="body mk-scroll">${news(app, r)}<p class="adr">${t("all_done")}</p><p class="lbl">${failed.length + fetched.length ? t("bring_back", { Count: failed.length + fetched.length }) : t("nothing_back")}</p><ul class="loads">${failed.map(s => html`<li><b>${s.number}</b> ${s.address}<br>${t("fail." + s.reason)}</li>`)}${fetched.map(s => html`<li><b>${s.number}</b> ${s.address}<br>${t("fetched_back")}</li>`)}</ul>
${f ? html`<p class="rem">${icon("route", 18)}${t("following_note", { Count: f.stops.length, At: clock(f.leaves) })}<button type="button" class="undo end" data-do="go" data-value="following">${t("look")}</button></p>` : ""}</div><footer>${key("go", t("all"), { icon: "list", value: "all" })}${key("finish", t("finish"), { main: true, icon: "home" })}</footer>`
}

function queue(app) {
  const q = app.queue
  return html`${bar(app, t("queue"))}<div class="body mk-scroll">${q.records.length ? "" : html`<p class="lbl">${t("queue_empty")}</p>`}<ul class="loads">${q.records.map(x => html`<li class="${x.state === "refused" ? "is-bad" : ""}"><b>${t("kind." + x.kind)}</b> ${x.label !== x.kind ? x.label : ""} · ${clock(x.madeAt, true)}<br>${x.state === "refused" ? html`<span class="t-risk">${say(x.refusal.text)}</span><span class="acts">${key("again", t("try_again"), { value: x.n, cls: "s" })}${key("discard", t("discard"), { value: x.n, cls: "s" })}</span>` : t("waits")}</li>`)}</ul></div><footer>${key("go", t("back"), { value: "home", main: true })}</footer>`
}
