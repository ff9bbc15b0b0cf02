package public

import (
	"context"
	"errors"
	"net/http"
	"time"

	"milkrun/internal/access"
	"milkrun/routing"
	"milkrun/routing/routingops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// Tracks is the shopper's page of a parcel: where it is and when it will be there. Its address is a secret that only the shopper
// has; it shows no name and no address.
type Tracks struct{ Ops *routingops.Ops }

// TrackPath gives the address of a parcel's page.
func TrackPath(tracking string) string { return "/t/" + tracking }

// Screens gives the routes.
func (p Tracks) Screens() route.Screens {
	return route.Screens{
		Routes: []route.Route{{Method: http.MethodGet, Pattern: "/t/{tracking}", Permission: access.Public, Handler: p.one, PerMinute: perMinute},
			{Method: http.MethodGet, Pattern: "/t/{tracking}/photo", Permission: access.Public, Handler: p.photo, PerMinute: perMinute}},
	}
}

func (p Tracks) one(w http.ResponseWriter, r *http.Request) error {
	t, err := p.Ops.Track(r.Context(), route.Param(r, "tracking"))
	if errors.Is(err, routingops.ErrUnknown) {
		return route.NotFound().Because(err)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	return route.Render(w, r.WithContext(inLanguage(r)), trackPage(t))
}

// photo is the picture of the drop, in coarse blocks: it tells the parcel at the door, and nobody's name or face.
func (p Tracks) photo(w http.ResponseWriter, r *http.Request) error {
	_, content, err := p.Ops.TrackPhoto(r.Context(), route.Param(r, "tracking"))
	if errors.Is(err, routingops.ErrUnknown) {
		return route.NotFound().Because(err)
	}
	if err != nil {
		return err
	}
	masked, err := mask(content)
	if err != nil {
		return route.NotFound().Because(err)
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	_, _ = w.Write(masked)
	return nil
}

// milestone is one step of a parcel's way.
type milestone struct {
	Icon, Word, Note string
	At               time.Time
	State            string // done, now, later, bad
}

// milestones are the steps of a parcel's way to the door.
func milestones(ctx context.Context, t routingops.Track) []milestone {
	p := t.Parcel
	packed := milestone{Icon: "package", Word: ui.T(ctx, "track.packed"), Note: ui.Name(ctx, t.Site.Name), At: p.Ready, State: "done"}
	way := milestone{Icon: "scooter", Word: ui.T(ctx, "track.way"), State: "later"}
	end := milestone{Icon: "home", Word: ui.T(ctx, "track.end"), State: "later", At: t.ETA}
	if t.Holder != nil {
		end.Icon, end.Word, end.Note = "building-store", ui.T(ctx, "track.station"), ui.Name(ctx, t.Holder.Name)
	}
	switch p.State {
	case routing.ParcelWaiting, routing.ParcelOffered:
		packed.State = "now"
		packed.Note = dotted(packed.Note, ui.T(ctx, "track.waits"))
	case routing.ParcelLoaded:
		way.State = "now"
		way.Note = ui.T(ctx, "track.before", ui.Count, t.Before)
		if t.Before == 0 {
			way.Note = ui.T(ctx, "track.next")
		}
	case routing.ParcelDelivered, routing.ParcelCollected:
		way.State, end.State, end.At = "done", "done", t.Done
	case routing.ParcelStored:
		way.State, end.State, end.At = "done", "now", t.Done
		end.Note = dotted(end.Note, ui.T(ctx, "track.collect"))
	case routing.ParcelFetched:
		way.State, end.State, end.At = "done", "done", t.Done
	case routing.ParcelFailed, routing.ParcelReturned, routing.ParcelCancelled:
		way.State, end.State = "done", "bad"
		end.Word = ui.T(ctx, "track."+string(p.State))
	}
	if p.Pickup {
		return fetchedSteps(ctx, t, way, end)
	}
	return []milestone{packed, way, end}
}

// fetchedSteps are the steps of goods that are fetched at the door.
func fetchedSteps(ctx context.Context, t routingops.Track, way, end milestone) []milestone {
	asked := milestone{Icon: "calendar-event", Word: ui.T(ctx, "track.fetch_asked"), Note: ui.T(ctx, "track.fetch_from", "At", ui.Moment(ctx, t.Parcel.Ready)), State: "done"}
	end.Icon, end.Word = "package", ui.T(ctx, "track.fetched")
	switch t.Parcel.State {
	case routing.ParcelWaiting, routing.ParcelOffered:
		asked.State = "now"
	case routing.ParcelReturned:
		end.State, end.At = "done", t.Done
	case routing.ParcelFailed, routing.ParcelCancelled:
		end.Word = ui.T(ctx, "track.not_fetched")
	}
	return []milestone{asked, way, end}
}

func dotted(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// promise is the line that says when.
func promise(ctx context.Context, t routingops.Track) (tone ui.Tone, line string) {
	if t.Parcel.Pickup {
		switch t.Parcel.State {
		case routing.ParcelFetched, routing.ParcelReturned:
			return ui.OK, ui.T(ctx, "track.fetched_line")
		case routing.ParcelFailed, routing.ParcelCancelled:
			return ui.Risk, ui.T(ctx, "track.not_fetched")
		}
		if t.ETA.IsZero() {
			return ui.Act, ui.T(ctx, "track.fetch_by", "At", ui.Moment(ctx, t.Parcel.Due))
		}
		return ui.Act, ui.T(ctx, "track.at", "At", ui.Clock(ctx, t.ETA))
	}
	switch t.Parcel.State {
	case routing.ParcelDelivered, routing.ParcelCollected:
		return ui.OK, ui.T(ctx, "track.was", "At", ui.Clock(ctx, t.Done))
	case routing.ParcelFailed, routing.ParcelReturned, routing.ParcelCancelled:
		return ui.Risk, ui.T(ctx, "track.bad")
	case routing.ParcelStored:
		return ui.Act, ui.T(ctx, "track.ready")
	}
	if t.ETA.IsZero() {
		return ui.Act, ui.T(ctx, "track.by", "At", ui.Clock(ctx, t.Parcel.Due))
	}
	if late := t.ETA.Sub(t.Parcel.Due); late > time.Minute {
		return ui.Watch, ui.T(ctx, "track.late", "At", ui.Clock(ctx, t.ETA), "Minutes", int(late.Minutes()))
	}
	return ui.Act, ui.T(ctx, "track.at", "At", ui.Clock(ctx, t.ETA))
}

// dotStyle draws a milestone's mark: filled when done, ringed while it is now, pale before.
func dotStyle(state string) string {
	switch state {
	case "done":
		return "background:var(--mk-action);color:var(--mk-on-action)"
	case "now":
		return "background:var(--mk-action);color:var(--mk-on-action);box-shadow:0 0 0 6px var(--mk-action-soft)"
	case "bad":
		return "border:2px solid var(--mk-risk);color:var(--mk-risk-ink)"
	}
	return "border:2px dashed var(--mk-line-2);color:var(--mk-ink-2)"
}

// underWay tells whether the parcel's place still changes, so that looking again tells more.
func underWay(t routingops.Track) bool {
	return t.Parcel.State == routing.ParcelWaiting || t.Parcel.State == routing.ParcelOffered || t.Parcel.State == routing.ParcelLoaded
}
