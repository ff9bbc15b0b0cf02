// Sound and vibration: right = one high, wrong = two low, ask = one middle. Louder than a hall, without a file.

let ctx = null

// wake makes the sound ready; browsers let pages sound only after a key or a touch.
export function wake() {
  const A = window.AudioContext || window.webkitAudioContext
  if (!A) return
  if (!ctx) ctx = new A()
  if (ctx.state === "suspended") ctx.resume().catch(() => {})
}

function tone(hertz, ms, at) {
  if (!ctx || ctx.state !== "running") return
  const o = ctx.createOscillator(), g = ctx.createGain(), t = ctx.currentTime + at / 1000
  o.type = "square"
  o.frequency.value = hertz
  g.gain.setValueAtTime(.0001, t)
  g.gain.exponentialRampToValueAtTime(.4, t + .005)
  g.gain.setValueAtTime(.4, t + ms / 1000 - .01)
  g.gain.exponentialRampToValueAtTime(.0001, t + ms / 1000)
  o.connect(g).connect(ctx.destination)
  o.start(t)
  o.stop(t + ms / 1000)
}

// A browser vibrates only after the first touch or key.
const buzz = p => { if (navigator.vibrate && !(navigator.userActivation && !navigator.userActivation.hasBeenActive)) navigator.vibrate(p) }

export const sound = {
  right() { tone(1760, 90, 0); buzz(40) },
  wrong() { tone(220, 180, 0); tone(220, 180, 260); buzz([200, 80, 200]) },
  ask() { tone(660, 140, 0); buzz(120) },
}
