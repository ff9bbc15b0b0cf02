// A pad of digits for gloves, on every screen where pieces are counted. What is typed is text: "" is nothing yet.
import { html, icon, key } from "./dom.js"
import { t } from "./words.js"

// pad draws the keys; ok is the word on the last one.
export function pad(ok, off) {
  const digit = d => key("digit", d, { value: d, cls: "k" })
  return html`<div class="pad">${["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit)}<button type="button" class="mk-key k" data-do="digit" data-value="back" aria-label="${t("pad.back")}">${icon("backspace", 28)}</button>${digit("0")}${key("pad-ok", ok || t("pad.ok"), { main: true, icon: "check", cls: "k", off })}</div>`
}

// entry shows what was typed so far.
export function entry(label, text, unit) {
  return html`<div class="entry"><span class="lbl">${label}</span><span class="mk-qty">${text}<i class="caret"></i></span><span class="lbl">${unit}</span></div>`
}

// typed gives the text after a key of the pad.
export function typed(text, value) {
  if (value === "back") return text.slice(0, -1)
  return text === "0" ? value : (text + value).slice(0, 6)
}

// number reads a quantity that was typed on a keyboard and ended with Enter; -1 for anything else.
export function number(scan) { return /^\d{1,5}$/.test(scan.trim()) ? Number(scan.trim()) : -1 }
