package routingops

import (
	"fmt"
	"strconv"
	"time"

	"milkrun/internal/audit"
	"milkrun/routing"
)

// What the record of changes keeps of the last mile's things: what people edit, under names that the record's page has words for, and no
// secrets such as the codes of handovers.

// Things of the record of changes.
const (
	thingParcel, thingRound, thingRider, thingVan, thingVanRun, thingSite = "parcel", "round", "rider", "van", "vanrun", "site"
)

func about(kind string, id any) audit.Thing { return audit.Thing{Kind: kind, ID: fmt.Sprint(id)} }

func riderRecord(r routing.Rider) map[string]any {
	return map[string]any{"name": r.Name, "phone": r.Phone, "site": r.Site, "kind": r.Kind, "most_parcels": r.Parcels, "most_grams": r.Grams, "cold_box": r.ColdBox,
		"per_hour_fen": r.PerHour, "per_km_fen": r.PerKm, "active": r.Active}
}

func vanRecord(v routing.Van) map[string]any {
	return map[string]any{"plate": v.Plate, "driver": v.Driver, "phone": v.Phone, "site": v.Site, "most_grams": v.Grams, "most_ml": v.Millilitre, "refrigerated": v.Cold,
		"shift": hours(v.From) + "–" + hours(v.Until), "per_day_fen": v.PerDay, "per_hour_fen": v.PerHour, "per_km_fen": v.PerKm, "co2_per_km": v.CO2PerKm, "active": v.Active}
}

func dockRecord(d routing.Dock) map[string]any {
	windows := ""
	for i, w := range d.Windows {
		if i > 0 {
			windows += ", "
		}
		windows += hours(w[0]) + "–" + hours(w[1])
	}
	return map[string]any{"dock_windows": windows, "unload_minutes": d.Unload}
}

// hours writes a minute of the day.
func hours(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func rulesRecord(r Rules) map[string]any {
	hourly := ""
	for h, p := range r.Hourly {
		if p != 100 {
			hourly += strconv.Itoa(h) + ":" + strconv.Itoa(p) + " "
		}
	}
	return map[string]any{"kmh": r.Kmh, "detour": r.Detour, "start_lost_seconds": r.Lost, "load_seconds": r.Load, "margin_seconds": r.Margin, "full_thousandths": r.Full,
		"crowded_thousandths": r.Crowded, "half_thousandths": r.Half, "prize_thousandths": r.Prize, "patience_seconds": r.Patience, "late_per_hour_fen": r.LatePerHour,
		"ahead_seconds": r.Ahead, "worth_fen": r.Worth, "again_seconds": r.Again, "offer_seconds": r.OfferSeconds, "station_hours": r.StationHours,
		"co2_per_km": r.CO2PerKm, "budget_ms": int64(r.Budget / time.Millisecond), "hourly": hourly}
}

func placesRecord(places int) map[string]any { return map[string]any{"places": places} }
