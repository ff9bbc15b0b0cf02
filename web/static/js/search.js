// The search box: results come by htmx; arrows walk through them, Esc goes back, a click elsewhere closes.
const box = document.getElementById("search")
const results = document.getElementById("search-results")

if (box && results) {
  const links = () => [...results.querySelectorAll("a")]
  const shut = () => results.replaceChildren()

  document.addEventListener("keydown", e => {
    const inside = e.target === box || results.contains(e.target)
    if (!inside || e.isComposing) return
    const list = links()
    const at = list.indexOf(document.activeElement)
    if (e.key === "ArrowDown" && list.length) {
      list[Math.min(at + 1, list.length - 1)].focus()
      e.preventDefault()
    } else if (e.key === "ArrowUp" && at >= 0) {
      (list[at - 1] || box).focus()
      e.preventDefault()
    } else if (e.key === "Enter" && e.target === box && list.length) {
      list[0].click()
      e.preventDefault()
    } else if (e.key === "Escape" && (list.length || at >= 0)) {
      shut()
      box.focus()
      e.preventDefault()
    }
  }, true)

  document.addEventListener("click", e => {
    if (!e.target.closest("[role=search]")) shut()
  })
  box.addEventListener("input", () => {
    if (!box.value.trim()) shut()
  })
}
