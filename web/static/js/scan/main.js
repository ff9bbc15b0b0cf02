// The handheld begins here.
import { App } from "./app.js"
import { frames } from "./frames.js"
import { parts } from "./parts.js"
import { icons } from "./dom.js"
import { learn } from "./words.js"

const data = JSON.parse(document.getElementById("mk-scan-data").textContent)
learn(data.words)
icons(data.icons)
// Parts that this house does not serve are not offered.
for (const kind of Object.keys(parts)) if (!data.kinds.includes(kind)) delete parts[kind]

const root = document.createElement("main")
document.getElementById("mk-scan").appendChild(root)
const app = new App(root, frames, parts)
app.start().catch(e => console.error(e))
addEventListener("resize", () => { Array.from(root.children).forEach(n => { n.mkSource = "" }); app.draw() })

if (navigator.serviceWorker) navigator.serviceWorker.register("/scan/sw.js", { scope: "/scan" }).catch(e => console.warn("no service worker", e))
if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {})
