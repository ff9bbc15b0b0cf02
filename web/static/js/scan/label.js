// Prints the label when its picture stands, and again on the button.
const picture = document.querySelector(".mk-label")
const go = () => window.print()
document.querySelector("[data-print]").addEventListener("click", go)
if (!navigator.webdriver) {
  if (picture.complete) go()
  else picture.addEventListener("load", go)
}
