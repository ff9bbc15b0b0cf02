// Menus (details[data-mk-menu]), dialogs and the drawer close as one expects; the theme changes at once.
import { all, onContent } from "./page.js"

document.addEventListener("click", e => {
  for (const menu of document.querySelectorAll("details[data-mk-menu][open]")) {
    if (!menu.contains(e.target)) menu.open = false
  }
  const close = e.target.closest?.("[data-mk-close]")
  if (!close) return
  const dialog = close.closest("dialog")
  const drawer = close.closest("[data-mk-drawer]")
  if (dialog) dialog.close()
  else if (drawer) {
    e.preventDefault()
    drawer.remove()
    if (close.href) history.replaceState(null, "", close.href)
  }
})

document.addEventListener("focusout", e => {
  const menu = e.target.closest?.("details[data-mk-menu][open]")
  if (menu && e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false
})

// A control with data-mk-dialog="id" opens that dialog.
document.addEventListener("click", e => {
  const id = e.target.closest?.("[data-mk-dialog]")?.dataset.mkDialog
  if (id) document.getElementById(id)?.showModal()
})

onContent(root => {
  for (const button of all(root, "button[name=theme]")) {
    button.addEventListener("click", e => {
      e.preventDefault()
      const theme = button.value
      const page = document.documentElement
      if (theme === "device") {
        page.dataset.mkTheme = "device"
        page.setAttribute("data-bs-theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")
      } else {
        delete page.dataset.mkTheme
        page.setAttribute("data-bs-theme", theme)
      }
      for (const b of button.parentElement.querySelectorAll("button")) b.removeAttribute("aria-current")
      button.setAttribute("aria-current", "true")
      document.dispatchEvent(new CustomEvent("mk:theme"))
      fetch(button.form.action, { method: "POST", body: new URLSearchParams({ theme }), headers: { "HX-Request": "true" } })
        .catch(() => button.form.requestSubmit(button)) // the plain way shows what is wrong
    })
  }
})
