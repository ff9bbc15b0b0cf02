// Files: drag them onto [data-mk-drop] or choose them; either way the form goes at once.
document.addEventListener("dragover", e => {
  const place = e.target.closest?.("[data-mk-drop]")
  if (!place) return
  e.preventDefault()
  place.classList.add("is-over")
})

document.addEventListener("dragleave", e => {
  const place = e.target.closest?.("[data-mk-drop]")
  if (place && !place.contains(e.relatedTarget)) place.classList.remove("is-over")
})

document.addEventListener("drop", e => {
  const place = e.target.closest?.("[data-mk-drop]")
  if (!place) return
  e.preventDefault()
  place.classList.remove("is-over")
  const input = place.querySelector("input[type=file]")
  if (!input || !e.dataTransfer.files.length) return
  input.files = e.dataTransfer.files
  send(input)
})

document.addEventListener("change", e => {
  if (e.target.matches?.("input[type=file][data-mk-send]")) send(e.target)
})

function send(input) {
  const place = input.closest("[data-mk-drop]")
  place?.setAttribute("aria-busy", "true")
  input.form.requestSubmit()
}

// Coming back to the page, the place is free again.
window.addEventListener("pageshow", () => {
  for (const el of document.querySelectorAll("[data-mk-drop][aria-busy]")) el.removeAttribute("aria-busy")
})
for (const type of ["htmx:afterRequest", "htmx:sendError"]) {
  document.addEventListener(type, e => e.detail.elt.querySelector?.("[data-mk-drop]")?.removeAttribute("aria-busy"))
}
