// What a command does to the day that the phone holds: the same rules as the server's, so that the rider goes on without it.

export function apply(day, kind, body, now) {
  const round = day.rounds.find(r => r.id === body.round)
  const stop = round && round.stops.find(s => s.parcel === body.parcel)
  const at = new Date(now).toISOString()
  switch (kind) {
    case "on":
      day.until = new Date(now + body.hours * 3600000).toISOString()
      delete day.called
      break
    case "off":
      delete day.until
      day.rounds = []
      break
    case "accept":
      if (round && round.state === "offered") round.state = "accepted"
      break
    case "refuse":
      day.rounds = day.rounds.filter(r => r !== round)
      break
    case "start":
      if (round && round.state === "accepted") {
        const moved = now - Date.parse(round.leaves)
        round.state = "started"
        delete round.changed
        // What is loaded leaves, in the order in which the rider has it.
        if (body.parcels && body.parcels.length) round.stops = body.parcels.map(id => round.stops.find(s => s.parcel === id)).filter(s => s)
        round.stops.forEach((s, i) => { s.no = i + 1 })
        for (const s of round.stops) {
          s.eta = new Date(Date.parse(s.eta) + moved).toISOString()
          if (s.max_ride) s.warm = new Date(now + 1000 * s.max_ride).toISOString()
        }
        round.back = new Date(Date.parse(round.back) + moved).toISOString()
      }
      break
    case "drop":
      if (stop && !stop.outcome) {
        Object.assign(stop, { outcome: stop.pickup ? "fetched" : stop.station ? "stored" : "delivered", done: at })
        day.drops++
      }
      break
    case "fail":
      if (stop && !stop.outcome) Object.assign(stop, { outcome: "failed", reason: body.fail, done: at })
      break
    case "undo":
      if (stop && stop.outcome) {
        if (stop.outcome !== "failed") day.drops--
        delete stop.outcome
        delete stop.reason
        delete stop.done
      }
      break
    case "see":
      if (round && round.version <= body.version) delete round.changed
      break
    case "decline":
      if (round && stop && stop.pickup && !stop.outcome) {
        round.stops = round.stops.filter(s => s !== stop)
        round.stops.forEach((s, i) => { s.no = i + 1 })
        if (round.changed) round.changed.added = (round.changed.added || []).filter(id => id !== body.parcel)
      }
      break
    case "finish":
      day.rounds = day.rounds.filter(r => r !== round)
      break
  }
}

// toLeave gives the parcels that leave with a round: those that are ticked off, all if none is.
export function toLeave(round, loaded) {
  const ticked = round.stops.filter(s => (loaded || []).includes(s.parcel))
  return (ticked.length ? ticked : round.stops).map(s => s.parcel)
}

// labelled finds the stop whose parcel has the label that was read: the number, alone or at the end of a longer text.
export function labelled(round, code) {
  const text = String(code || "").trim().toUpperCase()
  return text && round ? round.stops.find(s => text === s.number.toUpperCase() || text.endsWith("/" + s.number.toUpperCase())) : undefined
}

// late gives the minutes that a stop is or will be after its promise.
export function late(stop) {
  return Math.max(0, Math.floor((Date.parse(stop.done || stop.eta) - Date.parse(stop.due)) / 60000))
}

// warm tells whether cold goods have been out of the cold room for longer than they may be: they go back.
export function warm(stop, now) {
  return !!stop.warm && !stop.outcome && now > Date.parse(stop.warm)
}
