package courier

import (
	"net/http"
	"time"

	"milkrun/routing"
	"milkrun/routing/routingops"
)

// The day as the phone holds it. Instants are RFC 3339.
type day struct {
	Now    time.Time  `json:"now"`
	Rider  string     `json:"rider"`
	Site   name       `json:"site"`
	SiteID int32      `json:"site_id"`
	Zone   string     `json:"zone"`
	Until  *time.Time `json:"until,omitempty"`
	Called *time.Time `json:"called,omitempty"`
	Drops  int        `json:"drops"`
	Rounds []round    `json:"rounds"`
}

type name struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

type round struct {
	ID      int64     `json:"id"`
	Number  string    `json:"number"`
	State   string    `json:"state"`
	Expires time.Time `json:"expires"`
	Leaves  time.Time `json:"leaves"`
	Back    time.Time `json:"back"`
	Metres  int64     `json:"metres"`
	Stops   []stop    `json:"stops"`
	Version int       `json:"version"`
	Changed *changed  `json:"changed,omitempty"` // what the rider has not seen yet
}

// changed is what is new about a round since its rider last looked.
type changed struct {
	Added   []routing.ParcelID `json:"added"`
	Removed []string           `json:"removed"`
	Again   []routing.ParcelID `json:"again"`
	Order   bool               `json:"order"`
	At      time.Time          `json:"at"`
}

type stop struct {
	No        int        `json:"no"`
	Parcel    int64      `json:"parcel"`
	Number    string     `json:"number"`
	Order     string     `json:"order"`
	Address   string     `json:"address"`
	Consignee string     `json:"consignee"`
	Phone     string     `json:"phone"`
	Lat       float64    `json:"lat"`
	Lon       float64    `json:"lon"`
	Due       time.Time  `json:"due"`
	ETA       time.Time  `json:"eta"`
	Grams     int64      `json:"grams"`
	Cold      bool       `json:"cold,omitempty"`
	Warm      *time.Time `json:"warm,omitempty"`     // cold goods may be handed over until then
	MaxRide   int64      `json:"max_ride,omitempty"` // seconds out of the cold room
	Station   bool       `json:"station,omitempty"`
	Proof     string     `json:"proof"`
	Note      string     `json:"note,omitempty"`
	Done      *time.Time `json:"done,omitempty"`
	Outcome   string     `json:"outcome,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Cancelled bool       `json:"cancelled,omitempty"`
	Pickup    bool       `json:"pickup,omitempty"` // fetched here
	Tried     *time.Time `json:"tried,omitempty"`  // a first attempt failed then
	From      *time.Time `json:"from,omitempty"`   // not before: of what is fetched
}

func (s Courier) day(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Ops.MyDay(r.Context())
	if err != nil {
		return err
	}
	return write(w, s.shown(d))
}

func (s Courier) shown(d routingops.Day) day {
	now := s.Clock()
	out := day{Now: now, Rider: d.Rider.Name, Site: name{d.SiteName.ZH, d.SiteName.EN}, SiteID: int32(d.Rider.Site), Zone: d.Zone, Drops: d.Drops, Rounds: []round{}}
	if d.Rider.OnShift(now) {
		out.Until = &d.Rider.OnUntil
	} else if !d.Rider.Called.IsZero() {
		out.Called = &d.Rider.Called
	}
	for _, x := range d.Rounds {
		ro := round{ID: int64(x.ID), Number: x.Number, State: string(x.State), Expires: x.Expires, Leaves: x.Leaves, Back: x.Back, Metres: x.Metres, Stops: []stop{}, Version: x.Version}
		if c := x.Changed; x.Unseen() {
			ro.Changed = &changed{Added: c.Added, Removed: c.Removed, Again: c.Again, Order: c.Order, At: c.At}
		}
		for _, st := range x.Stops {
			ro.Stops = append(ro.Stops, shownStop(d, x, st))
		}
		out.Rounds = append(out.Rounds, ro)
	}
	return out
}

func shownStop(d routingops.Day, r routing.Round, st routing.Stop) stop {
	p := d.Parcels[st.Parcel]
	out := stop{No: st.No, Parcel: int64(st.Parcel), Number: p.Number, Order: p.Order, Address: p.Address, Consignee: p.Consignee, Phone: p.Phone,
		Lat: p.Door.Lat, Lon: p.Door.Lon, Due: st.Due, ETA: st.ETA, Grams: p.Grams, Cold: p.Cold, MaxRide: int64(p.MaxRide / time.Second), Station: p.Station != 0, Proof: string(p.Proof), Note: p.Note,
		Outcome: string(st.Outcome), Reason: string(st.Reason), Cancelled: p.Note == routingops.NoteCancelled, Pickup: p.Pickup}
	if p.Pickup {
		out.From = &p.Ready
	}
	if !st.Tried.IsZero() {
		out.Tried = &st.Tried
	}
	if out.Cancelled {
		out.Note = ""
	}
	if p.MaxRide > 0 && !p.Pickup && !r.Started.IsZero() {
		at := r.Started.Add(p.MaxRide)
		out.Warm = &at
	}
	if whole, ok := d.Whole[st.Parcel]; ok {
		out.Address, out.Consignee, out.Phone = whole.Address, whole.Name, whole.Phone
	}
	if !st.Done.IsZero() {
		out.Done = &st.Done
	}
	return out
}
