// The camera as a scanner: what it reads is kept for the page of the task, to which it goes back.
import { store } from "./store.js"

const main = document.querySelector("main"), video = document.querySelector("video")
const say = what => document.querySelectorAll("[data-say]").forEach(e => { e.hidden = e.dataset.say !== what })
const formats = ["code_128", "ean_13", "ean_8", "upc_a", "itf", "data_matrix", "qr_code"]

async function detector() {
  if ("BarcodeDetector" in window) {
    try {
      const able = await window.BarcodeDetector.getSupportedFormats()
      if (able.includes("data_matrix")) return new window.BarcodeDetector({ formats: formats.filter(f => able.includes(f)) })
    } catch (e) { /* none of its own: the reader below */ }
  }
  await new Promise((resolve, reject) => {
    const s = document.createElement("script")
    s.src = main.dataset.decoder
    s.onload = resolve
    s.onerror = reject
    document.head.appendChild(s)
  })
  const m = window.BarcodeDetectionAPI
  m.prepareZXingModule({ overrides: { locateFile: path => path.endsWith(".wasm") ? main.dataset.wasm : path } })
  return new m.BarcodeDetector({ formats })
}

async function begin() {
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } })
  } catch (e) { return say(e && e.name === "NotFoundError" ? "none" : "denied") }
  video.srcObject = stream
  await video.play()
  const d = await detector()
  for (;;) {
    const found = await d.detect(video).catch(() => [])
    if (found.length) {
      await store.set("camera", found[0].rawValue)
      stream.getTracks().forEach(x => x.stop())
      if (navigator.vibrate) navigator.vibrate(40)
      location.replace(main.dataset.back || "/scan")
      return
    }
    await new Promise(r => setTimeout(r, 120))
  }
}

if (navigator.mediaDevices) begin().catch(() => say("none"))
else say("none")
