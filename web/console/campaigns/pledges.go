package campaigns

import (
	"context"
	"net/url"
	"strconv"

	"milkrun/c2m/campaign"
	"milkrun/web/ui"
)

func pledgeViews(ctx context.Context, p pledgeList) []ui.Link {
	out := []ui.Link{{Text: ui.T(ctx, "campaigns.view.all"), Href: "/campaigns/" + p.Number + "/pledges", Current: p.State == ""}}
	for _, s := range campaign.PledgeStates() {
		out = append(out, ui.Link{Text: ui.T(ctx, "campaigns.pledge."+string(s)), Href: "/campaigns/" + p.Number + "/pledges?state=" + string(s), Current: p.State == s})
	}
	return out
}

func pledgeTone(s campaign.PledgeState) ui.Tone {
	switch s {
	case campaign.Accepted, campaign.Confirmed, campaign.PledgeDelivered:
		return ui.OK
	case campaign.Waiting:
		return ui.Watch
	case campaign.Defaulted, campaign.Lapsed:
		return ui.Risk
	}
	return ui.Plain
}

func lotNo(n int) string {
	if n == 0 {
		return ui.Nothing
	}
	return strconv.Itoa(n)
}

func firstSeq(p pledgeList) int64 { return p.Rows[0].Seq }
func lastSeq(p pledgeList) int64  { return p.Rows[len(p.Rows)-1].Seq }

func pledgePath(p pledgeList, after int64) string {
	q := url.Values{}
	if p.State != "" {
		q.Set("state", string(p.State))
	}
	if p.Member != "" {
		q.Set("member", p.Member)
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	return "/campaigns/" + p.Number + "/pledges?" + q.Encode()
}

func pledgeNext(p pledgeList) string {
	if p.Next == 0 {
		return ""
	}
	return pledgePath(p, p.Next)
}

func pledgeFirst(p pledgeList) string {
	if p.First {
		return ""
	}
	return pledgePath(p, 0)
}
