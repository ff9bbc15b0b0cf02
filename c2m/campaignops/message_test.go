package campaignops_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/c2m/campaignops"
	"milkrun/c2m/campaignops/tellport"
	"milkrun/c2m/lotplan"
)

const channelSecret = "a secret of the moms' group"

// community is a real HTTP server that takes members' messages as a shop would: it proves the signature and counts each key once.
type community struct {
	*httptest.Server
	w *world

	mu       sync.Mutex
	fails    int // how many posts are still answered by status
	status   int
	posts    int
	times    map[string]int // posts by key
	took     map[string]map[string]any
	unproved int
}

func newCommunity(w *world) *community {
	c := &community{w: w, status: http.StatusServiceUnavailable, times: map[string]int{}, took: map[string]map[string]any{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	w.t.Cleanup(c.Close)
	return c
}

func (c *community) take(rw http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts++
	key := r.Header.Get("Idempotency-Key")
	c.times[key]++
	if campaignops.Proves([]byte(channelSecret), text, r.Header.Get(campaignops.SignatureHeader), c.w.clock()) != nil {
		c.unproved++
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	if c.fails > 0 {
		c.fails--
		rw.WriteHeader(c.status)
		_, _ = io.WriteString(rw, "try later")
		return
	}
	var in map[string]any
	if json.Unmarshal(text, &in) != nil || in["key"] != key {
		rw.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	if c.took[key] == nil { // the same key again is answered and not told again
		c.took[key] = in
	}
}

func (c *community) look() (posts, members int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.posts, len(c.took)
}

// told is a campaign of three members with promises, whose messages go to a community.
func told(t *testing.T, automatic bool) (*factory, *community, *campaign.Campaign) {
	f := newFactory(t)
	c := newCommunity(f.world)
	f.ops = f.opsWith(tellport.Webhook{Clock: f.clock})
	err := f.ops.SaveChannel(f.buyer, campaign.Channel{Code: "moms", Name: "辣妈社区", URL: c.URL + "/in", Active: true, Automatic: automatic}, channelSecret)
	if err != nil {
		t.Fatal(err)
	}
	terms := f.terms(campaign.AllOrNothing)
	terms.Goal, terms.Quota, terms.MOQ, terms.Tiers = 2, 0, 1, []campaign.Tier{{Code: "std", Pieces: 1, Breaks: price(campaign.Break{From: 0, Price: 29900})}}
	k, err := f.ops.Create(f.buyer, campaign.About{SKU: f.sku, ShipTo: f.site}, terms)
	if err == nil {
		k, err = f.ops.Publish(f.buyer, k.ID, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		f.pledge(k.ID, fmt.Sprintf("m%d", i), "std", 1)
	}
	f.pay()
	f.pass(25 * time.Hour)
	f.tick()
	if err := f.ops.Quote(f.buyer, k.ID, campaign.Quotation{Supplier: f.suppliers[0], MOQ: 1, Capacity: 100, Price: 9000, LeadDays: 12}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ops.OrderLots(f.buyer, k.ID, 0, campaignops.Making{DueDays: 40, Release: lotplan.Release{FirstShare: 100}}); err != nil {
		t.Fatal(err)
	}
	return f, c, f.get(k.ID)
}

func (f *factory) send(want int) {
	f.t.Helper()
	if n, err := f.ops.SendMessages(f.house); err != nil || n != want {
		f.t.Fatalf("%d told, want %d: %v", n, want, err)
	}
}

func (f *factory) messages(id campaign.ID) []campaigndb.MemberMessage {
	f.t.Helper()
	all, err := f.ops.MessagesOf(f.buyer, campaignops.MessageFilter{Campaign: id, Limit: 100})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

func TestMessagesGoOutByWebhookOneByOne(t *testing.T) {
	f, c, k := told(t, false)
	f.send(0)
	if all := f.messages(k.ID); len(all) != 3 || all[0].State != "draft" || all[0].Channel != "moms" {
		t.Fatalf("%+v", all)
	}
	if n, err := f.ops.ReleaseMessages(f.buyer, k.ID); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	c.fails = 2 // the first two posts fail: two messages wait, the third goes out all the same
	f.send(3)
	posts, members := c.look()
	all := f.messages(k.ID)
	if posts != 3 || members != 1 || all[0].Delivery != "waiting" || all[1].Delivery != "waiting" || all[2].Delivery != "sent" || all[2].SentAt == nil || !strings.Contains(all[0].Error, "503") || all[0].Attempts != 1 {
		t.Fatalf("%d posts, %d members: %+v", posts, members, all)
	}
	f.send(0) // not before its time
	c.fails = 1
	f.pass(time.Minute)
	f.send(2) // one fails a second time
	f.pass(time.Minute)
	f.send(0) // the wait doubles
	f.pass(time.Minute)
	f.send(1)
	if posts, members = c.look(); posts != 6 || members != 3 || c.unproved != 0 {
		t.Errorf("%d posts, %d members, %d unproved", posts, members, c.unproved)
	}
	for i, m := range f.messages(k.ID) {
		in := c.took[m.Key()]
		if m.Delivery != "sent" || m.Error != "" || m.NextAt != nil || in["member"] != m.Member || in["kind"] != "promised" || in["campaign"] != k.Number || in["pledge"] != float64(i+1) ||
			in["promise"] != m.Promise.String() || in["text"] == "" || in["text_en"] == "" || in["type"] != "pledge.promise" {
			t.Errorf("%+v told as %v", m, in)
		}
	}
	channels, err := f.ops.Channels(f.buyer)
	if err != nil || len(channels) != 1 || channels[0].Sent != 3 || channels[0].Waiting != 0 || channels[0].Failed != 0 {
		t.Errorf("%+v, %v", channels, err)
	}
}

// An answer that was lost: the community has the message, the house does not know. It is told again under the same key and counts once.
func TestADoubleDeliveryCountsOnce(t *testing.T) {
	f, c, k := told(t, true) // automatic: the drafts go out by themselves
	if all := f.messages(k.ID); all[0].State != "released" || all[0].Delivery != "waiting" {
		t.Fatalf("%+v", all[0])
	}
	m, err := campaigndb.ClaimMessage(t.Context(), f.pool, f.clock())
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	if err := (tellport.Webhook{Clock: f.clock}).Tell(t.Context(), m.URL, channelSecret, campaign.Letter{Key: m.Key()}); err != nil { // … and the process dies here
		t.Fatal(err)
	}
	f.send(2) // the others have their turn
	f.pass(time.Minute)
	f.send(1)
	posts, members := c.look()
	if posts != 4 || members != 3 || c.times[m.Key()] != 2 {
		t.Errorf("%d posts, %d members, key %s came %d times", posts, members, m.Key(), c.times[m.Key()])
	}
	// Ten processes at once find nothing that was told already.
	if _, err := f.ops.SendAnew(f.buyer, k.ID, []int64{f.messages(k.ID)[1].ID}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	total := make(chan int, 10)
	for range 10 {
		wg.Go(func() {
			n, err := f.ops.SendMessages(f.house)
			if err != nil {
				t.Error(err)
			}
			total <- n
		})
	}
	wg.Wait()
	close(total)
	n := 0
	for x := range total {
		n += x
	}
	if posts, members := c.look(); n != 1 || posts != 5 || members != 4 { // sent anew under a new key: the member is told again because somebody wanted it
		t.Errorf("%d told, %d posts, %d keys", n, posts, members)
	}
}

func TestMessagesAreHeldFreedAndSentAnew(t *testing.T) {
	f, c, k := told(t, false)
	ids := func() (out []int64) {
		for _, m := range f.messages(k.ID) {
			out = append(out, m.ID)
		}
		return out
	}()
	if _, err := f.ops.HoldMessages(f.buyer, k.ID, nil, " "); !errors.Is(err, campaign.ErrReason) {
		t.Error(err)
	}
	if n, err := f.ops.HoldMessages(f.buyer, k.ID, ids[:1], "先打电话"); err != nil || n != 1 {
		t.Error(n, err)
	}
	if n, err := f.ops.ReleaseMessages(f.buyer, k.ID); err != nil || n != 2 {
		t.Error(n, err)
	}
	if n, err := f.ops.HoldMessages(f.buyer, k.ID, ids[1:2], "文字有误"); err != nil || n != 1 { // released, and stopped before it went out
		t.Error(n, err)
	}
	c.fails, c.status = 1, http.StatusGone // the channel does not want it
	f.send(1)
	all := f.messages(k.ID)
	if all[0].State != "held" || all[0].Note != "先打电话" || all[1].State != "held" || all[2].Delivery != "failed" || !strings.Contains(all[2].Error, "410") {
		t.Fatalf("%+v", all)
	}
	f.pass(time.Hour)
	f.send(0)
	if n, err := f.ops.SendAnew(f.buyer, k.ID, ids); err != nil || n != 1 { // the held ones stay
		t.Error(n, err)
	}
	f.send(1)
	if m := f.messages(k.ID)[2]; m.Delivery != "sent" || m.Again != 0 || c.times[m.Key()] != 2 {
		t.Errorf("%+v", m)
	}
	if n, err := f.ops.FreeMessages(f.buyer, k.ID, nil); err != nil || n != 2 {
		t.Error(n, err)
	}
	f.send(2)
	if _, members := c.look(); members != 3 {
		t.Errorf("%d members know", members)
	}
	if _, err := f.ops.SendAnew(f.buyer, k.ID, []int64{99999}); !errors.Is(err, campaign.ErrUnknown) {
		t.Error(err)
	}
	if _, err := f.ops.HoldMessages(f.shop, k.ID, nil, "x"); err == nil {
		t.Error("a shop held messages")
	}
	// A channel that is switched off keeps its messages; one that never answers is given up after some two days.
	channel := campaign.Channel{Code: "moms", Name: "辣妈社区", URL: c.URL + "/in"}
	if err := f.ops.SaveChannel(f.buyer, channel, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ops.SendAnew(f.buyer, k.ID, ids[:1]); err != nil {
		t.Fatal(err)
	}
	f.send(0)
	channel.Active, channel.URL = true, "http://127.0.0.1:1/none"
	if err := f.ops.SaveChannel(f.buyer, channel, ""); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if _, err := f.ops.SendMessages(f.house); err != nil {
			t.Fatal(err)
		}
		f.pass(12 * time.Hour)
	}
	if m := f.messages(k.ID)[0]; m.Delivery != "failed" || m.Attempts != 14 || !strings.Contains(m.Error, "given up") {
		t.Errorf("%+v", m)
	}
}

func TestChannelsAreChecked(t *testing.T) {
	w := newWorld(t)
	good := campaign.Channel{Code: "moms", Name: "社区", URL: "https://example.com/in", Active: true}
	for field, c := range map[string]struct {
		change func(*campaign.Channel)
		secret string
	}{
		"code":    {func(c *campaign.Channel) { c.Code = "Bad Code" }, channelSecret},
		"name":    {func(c *campaign.Channel) { c.Name = " " }, channelSecret},
		"url":     {func(c *campaign.Channel) { c.URL = "ftp://x" }, channelSecret},
		"secret":  {func(*campaign.Channel) {}, ""},
		"account": {func(c *campaign.Channel) { c.Account = 999_999 }, channelSecret},
	} {
		bad := good
		c.change(&bad)
		var fault *campaign.ChannelError
		if err := w.ops.SaveChannel(w.buyer, bad, c.secret); !errors.As(err, &fault) || len(fault.Faults) != 1 || fault.Faults[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := w.ops.SaveChannel(w.buyer, good, "short"); !errors.Is(err, campaign.ErrChannel) {
		t.Error(err)
	}
	if err := w.ops.SaveChannel(w.shop, good, channelSecret); err == nil {
		t.Error("a shop made a channel")
	}
	if err := w.ops.SaveChannel(w.buyer, good, channelSecret); err != nil {
		t.Fatal(err)
	}
	second := good
	second.Code = "others"
	if err := w.ops.SaveChannel(w.buyer, second, channelSecret); !errors.Is(err, campaign.ErrChannel) {
		t.Error("two channels for everybody else", err)
	}
	var leaked int
	if err := w.pool.QueryRow(t.Context(), `select count(*) from audit.entry where after::text like '%moms'' group%'`).Scan(&leaked); err != nil || leaked > 0 {
		t.Error("the secret stands in the trace", err)
	}
}
