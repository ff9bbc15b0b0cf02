// Live parts: one connection a page listens for every topic on it; a part that hears its topic asks itself again.
//
//   <div data-mk-live="suggestions" hx-get="/suggestions/count" hx-trigger="mk:live">
//
// Several topics are separated by spaces. After a break every part asks once, since it may have missed something.
import { onContent } from "./page.js"

let source = null
let topics = ""
let broken = false
let retry = 0

const parts = () => [...document.querySelectorAll("[data-mk-live]")]
const wanted = () => [...new Set(parts().flatMap(el => el.dataset.mkLive.split(/\s+/).filter(Boolean)))].sort()

function tell(topic, data) {
  for (const el of parts()) {
    if (topic && !el.dataset.mkLive.split(/\s+/).includes(topic)) continue
    el.dispatchEvent(new CustomEvent("mk:live", { detail: { topic, data } }))
  }
}

function listen() {
  const now = wanted()
  if (now.join(" ") === topics && source && source.readyState !== EventSource.CLOSED) return
  source?.close()
  source = null
  topics = now.join(" ")
  if (!now.length) return
  source = new EventSource("/live?" + now.map(t => "topic=" + encodeURIComponent(t)).join("&"))
  source.addEventListener("open", () => {
    if (broken) tell()
    broken = false
    retry = 0
  })
  source.addEventListener("error", () => {
    broken = true
    if (source?.readyState === EventSource.CLOSED) {
      retry = Math.min(retry + 1, 6)
      setTimeout(listen, 1000 * 2 ** retry)
    }
  })
  for (const t of now) source.addEventListener(t, e => tell(t, e.data))
}

onContent(listen)
document.addEventListener("htmx:afterSettle", listen)
window.addEventListener("pagehide", () => source?.close())
