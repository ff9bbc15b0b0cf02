// The scan sink: an input that always has the focus and takes scans as key presses and as injected text. A scan ends with Enter,
// Tab, CR or LF, never after a time. GS (U+001D) comes as itself, as Ctrl+], as F8, or typed as Alt+029; it is kept.

const GS = "\x1d"

export class Sink {
  // scanned hears (text, since): since is performance.now() at the end of the scan.
  constructor(input, scanned) {
    this.input = input
    this.scanned = scanned
    this.alt = ""
    document.addEventListener("keydown", e => this.down(e), true)
    document.addEventListener("keyup", e => this.up(e), true)
    input.addEventListener("input", e => this.injected(e))
    input.addEventListener("paste", e => {
      e.preventDefault()
      this.take((e.clipboardData || { getData: () => "" }).getData("text"))
    })
    addEventListener("focus", () => this.focus())
    document.addEventListener("visibilitychange", () => this.focus())
    input.addEventListener("blur", () => setTimeout(() => this.focus(), 0))
  }

  // focus takes the focus, unless a field or a button has been given it on purpose.
  focus(force) {
    const a = document.activeElement
    if (!force && a && a !== document.body && a !== this.input && a.isConnected) return
    this.input.focus({ preventScroll: true })
  }

  typing(e) { return e.target !== this.input && e.target.matches && e.target.matches("input, select, textarea") }

  down(e) {
    if (this.typing(e) || e.isComposing) return
    if (e.altKey && /^(Numpad|Digit)\d$/.test(e.code)) {
      this.alt += e.code.slice(-1)
      e.preventDefault()
      return
    }
    if (e.ctrlKey && (e.key === "]" || e.code === "BracketRight") || e.key === "F8" || e.key === GS) {
      e.preventDefault()
      this.input.value += GS
      return
    }
    if (e.key === "Enter" || e.key === "Tab" || e.key === "\r" || e.key === "\n") {
      // With nothing scanned, Enter presses a button and Tab walks, as everywhere.
      if (this.input.value === "") return
      e.preventDefault()
      e.stopPropagation()
      this.end()
      return
    }
    // The first character of a scan brings the focus back; it still goes into the sink.
    if (e.key.length === 1 && !e.ctrlKey && !e.metaKey && e.target !== this.input) this.focus(true)
  }

  up(e) {
    if (e.key !== "Alt" || !this.alt) return
    const n = Number(this.alt)
    this.alt = ""
    e.preventDefault()
    if (n > 0 && n < 65536) this.input.value += String.fromCharCode(n)
  }

  injected() {
    const v = this.input.value
    if (/[\r\n\t]/.test(v)) this.take("")
  }

  // take adds text and ends every scan in it.
  take(text) {
    const v = this.input.value + text
    const parts = v.split(/[\r\n\t]+/)
    this.input.value = parts.pop()
    const at = performance.now()
    parts.filter(p => p.trim() !== "").forEach(p => this.scanned(p, at))
  }

  end() {
    const text = this.input.value
    this.input.value = ""
    if (text.trim() !== "") this.scanned(text, performance.now())
  }
}
