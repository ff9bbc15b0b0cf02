// Links and buttons that lead to another control of the same page instead of to another page.
//
//   data-mk-focus="id"    goes to a field and selects what stands in it
//   data-mk-unfold="id"   opens a <details> and goes to its first field
//   data-mk-ask="…"       on a submit button: asks for a text first, in a field beside it; data-mk-ask-name names the field
document.addEventListener("click", event => {
  const link = event.target.closest("[data-mk-focus], [data-mk-unfold], [data-mk-ask]")
  if (!link) return
  const { mkFocus, mkUnfold, mkAsk } = link.dataset
  if (mkAsk) {
    if (ask(link, mkAsk)) event.preventDefault()
    return
  }
  const target = document.getElementById(mkFocus || mkUnfold)
  if (!target) return
  event.preventDefault()
  if (mkUnfold) target.open = true
  const field = mkUnfold ? target.querySelector("input, textarea, select") : target
  field?.focus()
  field?.select?.()
})

// ask puts the field before the button and tells whether its answer is still awaited.
function ask(button, question) {
  const name = button.dataset.mkAskName
  let field = button.form?.elements.namedItem(name)
  if (field && field.value.trim()) return false
  if (!field) {
    field = document.createElement("input")
    Object.assign(field, { name, className: "mk-input", placeholder: question })
    field.setAttribute("aria-label", question)
    button.before(field)
  }
  field.focus()
  return true
}
