// What the other modules share: content that comes and goes, words, numbers.

const starters = []

// onContent calls start(root) for the page and for every part that htmx puts into it.
export function onContent(start) {
  starters.push(start)
  start(document.body)
}

document.addEventListener("htmx:load", e => {
  const root = e.detail.elt
  if (root !== document.body) starters.forEach(start => start(root))
})

// all gives the elements of a selector in root, root itself included.
export function all(root, selector) {
  const found = [...root.querySelectorAll(selector)]
  if (root.matches?.(selector)) found.unshift(root)
  return found
}

// words are the few messages the scripts say by themselves, in the page's language.
export const words = JSON.parse(document.getElementById("words")?.textContent || "{}")

export const chinese = document.body.dataset.lang !== "en"

// group writes a number with thousands commas and a true minus.
export function group(n, decimals = 0) {
  const s = Math.abs(n).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return n < 0 ? "−" + s : s
}

// axis writes a tick as ui.Axis does on the server: 8,000 then 2.4 万; 8k, 24k, 1.2M.
export function axis(v) {
  const short = x => group(Math.round(x * 10) / 10, Number.isInteger(Math.round(x * 10) / 10) ? 0 : 1)
  const a = Math.abs(v)
  if (!chinese) return a >= 1e6 ? short(v / 1e6) + "M" : a >= 1e3 ? short(v / 1e3) + "k" : short(v)
  return a >= 1e8 ? short(v / 1e8) + " 亿" : a >= 1e4 ? short(v / 1e4) + " 万" : short(v)
}

export function visible(el) {
  return !!el && !el.disabled && el.getClientRects().length > 0
}
