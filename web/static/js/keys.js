// The keyboard of the console: / ? j k Enter Esc Space, letters printed on buttons, g and a letter.
//
//   data-mk-row="12"  a row; its value is unique on the page and stays when the row is drawn again
//   data-mk-open      the row's link or button that Enter follows
//   data-key="A"      a control that the letter presses: first in the drawer, then in the current row, then anywhere
//   data-mk-next      on a control: when its request has succeeded, the next row opens by itself
//   data-mk-bad       a row with an error; n goes to the next one
//   data-go="d"       a menu entry; g then d follows it
//
// Off inside inputs, and switched off as a whole by the user's choice (body data-keys).
import { visible } from "./page.js"

const enabled = () => document.body.dataset.keys === "on"
const rows = () => [...document.querySelectorAll("[data-mk-row]")].filter(visible)
const same = value => document.querySelector(`[data-mk-row="${CSS.escape(value)}"]`)

let current = "" // value of the current row
let place = -1 // its place, should it vanish
let afterG = 0

function here() {
  const row = current && same(current)
  return row || document.querySelector('[data-mk-row][aria-selected="true"]')
}

function choose(row, { focus = true } = {}) {
  if (!row) return
  for (const r of document.querySelectorAll('[data-mk-row][aria-selected="true"]')) r.removeAttribute("aria-selected")
  row.setAttribute("aria-selected", "true")
  current = row.dataset.mkRow
  place = rows().indexOf(row)
  row.scrollIntoView({ block: "nearest" })
  if (focus) row.querySelector("[data-mk-open], a, button")?.focus({ preventScroll: true })
}

function move(step) {
  const list = rows()
  if (!list.length) return null
  const at = list.indexOf(here())
  const next = at >= 0 ? at + step : step > 0 ? Math.max(0, Math.min(place, list.length - 1)) : place - 1
  const row = list[Math.max(0, Math.min(list.length - 1, next))]
  choose(row)
  return row
}

const open = row => row?.querySelector("[data-mk-open]")?.click()

function press(letter) {
  const mine = root => [...(root?.querySelectorAll(`[data-key="${letter}"]`) || [])].filter(visible)
  const control = mine(document.querySelector("[data-mk-drawer]"))[0] || mine(here())[0] || mine(document)[0]
  if (!control) return false
  if (control.matches("input:not([type=checkbox]), select, textarea")) {
    control.focus()
    control.select?.()
  } else control.click()
  return true
}

function nextBad() {
  const list = [...document.querySelectorAll("[data-mk-bad]")].filter(visible)
  if (!list.length) return false
  const row = here()
  const after = row && list.find(b => row.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING)
  const bad = after || list[0]
  if (bad.matches("[data-mk-row]")) choose(bad, { focus: false })
  bad.tabIndex = -1
  bad.focus()
  return true
}

// escape closes what lies on top: an input is left, then a list of shortcuts or menu, then the drawer.
function escape(e, typing) {
  const menu = document.querySelector("details[data-mk-menu][open]")
  if (menu) {
    menu.open = false
    menu.querySelector("summary").focus()
    return
  }
  if (typing) {
    e.preventDefault() // a search box would empty itself, and the list below it stay as it is
    return typing.blur()
  }
  const close = document.querySelector("[data-mk-drawer] [data-mk-close]")
  if (close) {
    close.click()
    here()?.querySelector("[data-mk-open]")?.focus()
  }
}

function go(letter) {
  const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`)
  if (link) link.click()
  return !!link
}

const deeds = {
  "/": () => focusSearch(),
  "?": () => (document.getElementById("keys")?.showModal(), true),
  j: () => move(1),
  k: () => move(-1),
  n: () => press("N") || nextBad(),
}

function focusSearch() {
  const box = document.getElementById("search")
  box?.focus()
  box?.select()
  return !!box
}

document.addEventListener("keydown", e => {
  if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return
  const typing = e.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]")
  if (document.querySelector("dialog[open]")) return // the browser closes it by Esc
  if (e.key === "Escape") return escape(e, typing)
  if (!enabled() || typing) return
  if (act(e)) e.preventDefault()
})

function act(e) {
  const letter = e.key.length === 1 ? e.key.toLowerCase() : e.key
  if (afterG && Date.now() - afterG < 1500) {
    afterG = 0
    return go(letter)
  }
  if (letter === "g") {
    afterG = Date.now()
    return true
  }
  if (deeds[letter]) return deeds[letter]()
  const onControl = e.target.closest?.("a, button, summary, input")
  if (e.key === "Enter") {
    if (onControl || !here()) return false
    open(here())
    return true
  }
  if (e.key === " ") {
    const box = here()?.querySelector("input[type=checkbox]:not(:disabled)")
    if (!box || e.target.closest?.("button, summary, input")) return false
    box.click()
    return true
  }
  return /^[a-z]$/.test(letter) && press(letter.toUpperCase())
}

document.addEventListener("click", e => {
  const row = e.target.closest?.("[data-mk-row]")
  if (row && e.target.closest("[data-mk-open]")) choose(row, { focus: false })
})

// After a decision the next row opens by itself. The row itself stays where it is and shows what was done.
document.addEventListener("htmx:afterRequest", e => {
  if (!e.detail.successful || !e.detail.elt.closest?.("[data-mk-next]")) return
  const list = rows()
  const at = list.indexOf(here())
  const next = list[at + 1]
  if (at >= 0 && next) setTimeout(() => {
    const row = same(next.dataset.mkRow)
    choose(row)
    open(row)
  })
})

// After a verb in the drawer its letters act again, instead of going into the box that it was sent from.
document.addEventListener("htmx:afterSettle", e => {
  const { xhr, requestConfig, target } = e.detail
  if (requestConfig?.verb !== "post" || xhr.status >= 300 || target.id !== "drawer") return
  const title = document.getElementById("drawer-title")
  if (!title) return
  title.tabIndex = -1
  title.style.outline = "none"
  title.focus({ preventScroll: true })
})

// A row that was drawn again is still the current one.
document.addEventListener("htmx:afterSettle", () => {
  const row = current && same(current)
  if (row && row.getAttribute("aria-selected") !== "true" && document.querySelector("[data-mk-drawer]")) {
    for (const r of document.querySelectorAll('[data-mk-row][aria-selected="true"]')) r.removeAttribute("aria-selected")
    row.setAttribute("aria-selected", "true")
  }
})
