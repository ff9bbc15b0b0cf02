// Runs before the first paint. The server writes the theme into the page; only "as the device says" is decided here.
(function () {
  var root = document.documentElement
  if (root.dataset.mkTheme !== "device") return
  var dark = matchMedia("(prefers-color-scheme: dark)")
  var wear = function () {
    if (root.dataset.mkTheme !== "device") return
    root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light")
    document.dispatchEvent(new CustomEvent("mk:theme"))
  }
  wear()
  dark.addEventListener("change", wear)
})()
