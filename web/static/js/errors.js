// Errors become a note beside what was tried, never a toast, and what the user typed stays.
//
// The server marks its notes with the header Mk-Note; they go into the nearest [data-mk-errors]: that of the drawer
// or dialog the control stands in, else the page's. Any other answer, also 422 with a form, goes to its own target.
// When the server cannot be reached, the note is made here, with "try again".
import { words } from "./page.js"

function slot(elt) {
  return elt?.closest?.("[data-mk-drawer], dialog, form, section")?.querySelector("[data-mk-errors]") ||
    document.getElementById("flash")
}

document.addEventListener("htmx:beforeSwap", e => {
  if (!e.detail.xhr.getResponseHeader("Mk-Note")) return
  const target = slot(e.detail.requestConfig?.elt || e.detail.elt)
  if (!target) return
  e.detail.shouldSwap = true
  e.detail.target = target
  e.detail.swapOverride = "innerHTML"
})

document.addEventListener("htmx:afterSwap", e => {
  if (e.detail.target.matches?.("[data-mk-errors]")) e.detail.target.scrollIntoView({ block: "nearest" })
})

// A form that comes back with faults shows the first of them, wherever the page had been scrolled to.
document.addEventListener("htmx:afterSettle", e => {
  if (e.detail.xhr?.status !== 422) return
  const root = e.detail.target.isConnected ? e.detail.target : document
  const bad = root.querySelector("[aria-invalid=true]")
  bad?.focus({ preventScroll: true })
  bad?.scrollIntoView({ block: "center" })
})

document.addEventListener("htmx:beforeRequest", e => slot(e.detail.elt)?.replaceChildren())

function note(elt, text) {
  const box = document.createElement("div")
  box.className = "mk-note is-risk"
  box.setAttribute("role", "alert")
  const say = document.createElement("span")
  say.textContent = text
  const again = document.createElement("button")
  again.type = "button"
  again.className = "mk-btn is-s end"
  again.textContent = words.retry
  again.addEventListener("click", () => {
    box.remove()
    if (elt.matches("form")) elt.requestSubmit()
    else if (elt.matches("a, button")) elt.click()
    else location.reload()
  })
  box.append(say, again)
  slot(elt)?.replaceChildren(box)
}

for (const type of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, e => note(e.detail.elt, words.offline))
}

// An answer that is not ours, for instance from a proxy: no page may be swapped into a corner of another.
document.addEventListener("htmx:beforeSwap", e => {
  const { xhr } = e.detail
  if (xhr.status < 500 || xhr.getResponseHeader("Mk-Note")) return
  e.detail.shouldSwap = false
  note(e.detail.elt, words.failed)
})
