// The rider's phone begins here.
import { App } from "./app.js"
import { icons } from "../scan/dom.js"
import { learn } from "../scan/words.js"

const data = JSON.parse(document.getElementById("mk-ride-data").textContent)
learn(data.words)
icons(data.icons)
const root = document.createElement("main")
root.className = "mk-hand mk-ride"
document.getElementById("mk-ride").appendChild(root)
new App(root).start().catch(e => console.error(e))

if (navigator.serviceWorker) navigator.serviceWorker.register("/ride/sw.js", { scope: "/ride" }).catch(e => console.warn("no service worker", e))
if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {})
