// Package vote is the ground of proposals that communities vote on: one ballot a member, several features a ballot, ranked choice or
// points, results by segment with their confidence, and what looks like manipulation.
//
//	draft ─▶ open ─▶ closed ─▶ adopted (a campaign was made with the winning specification)
package vote

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"milkrun/internal/catalog"
)

// Refusals of the rules.
var (
	// ErrUnknown is the answer to a proposal that does not exist.
	ErrUnknown = errors.New("vote: no such proposal")
	// ErrState refuses a verb that the proposal's state does not allow.
	ErrState = errors.New("vote: the proposal's state does not allow this")
	// ErrClosed refuses a ballot before the opening or after the close.
	ErrClosed = errors.New("vote: the vote is not open")
	// ErrMember refuses a ballot without a member.
	ErrMember = errors.New("vote: a member of 1 to 100 characters is needed")
	// ErrBallot refuses a ballot that names a feature or option that is not there, twice, or spends more points than there are.
	ErrBallot = errors.New("vote: the ballot names what is not on it, or spends too many points")
	// ErrRate refuses ballots of a community that come too fast.
	ErrRate = errors.New("vote: too many ballots of this community at once, try again in a minute")
	// ErrProposal refuses a proposal that cannot be voted on.
	ErrProposal = errors.New("vote: a proposal needs a name, one to ten features of two to twenty options each, and a close after its opening")
)

// Method is how options are weighed.
type Method string

// The methods. Ranked is ranked choice, counted by instant run-off; Points lets each member spread points over the options of a feature.
const (
	Ranked Method = "ranked"
	Points Method = "points"
)

// State is where a proposal stands.
type State string

// The states.
const (
	Draft   State = "draft"
	Open    State = "open"
	Closed  State = "closed"
	Adopted State = "adopted"
)

// Option is one choice of a feature. Colour is a CSS colour of the form #rrggbb where the option is one; Picture is an address.
type Option struct {
	Code    string       `json:"code"`
	Name    catalog.Name `json:"name"`
	Colour  string       `json:"colour,omitempty"`
	Picture string       `json:"picture,omitempty"`
}

// Feature is what is voted on: waistband width, print, fabric.
type Feature struct {
	Code    string       `json:"code"`
	Name    catalog.Name `json:"name"`
	Options []Option     `json:"options"`
}

// MaxPoints is what a member may spread over the options of a feature.
const MaxPoints = 10

// Proposal is what is put to the vote.
type Proposal struct {
	ID       int64
	Number   string // VP-YYMM-NNN
	Name     catalog.Name
	Story    catalog.Name
	SKU      catalog.SKUID // what it will be sold as, 0 while not known
	Method   Method
	Features []Feature
	Opens    time.Time
	Closes   time.Time
	// PerMinute bounds the ballots a community may hand in within a minute.
	PerMinute int
	State     State
	Campaign  string // the number of the campaign that it became
	Owner     string
	Revision  int64
}

// Check refuses a proposal that cannot be voted on. ErrProposal.
func (p *Proposal) Check() error {
	if p.Name.ZH == "" || len(p.Features) == 0 || len(p.Features) > 10 || !p.Closes.After(p.Opens) || p.Method != Ranked && p.Method != Points {
		return ErrProposal
	}
	seen := map[string]bool{}
	for _, f := range p.Features {
		if f.Code == "" || seen[f.Code] || len(f.Options) < 2 || len(f.Options) > 20 {
			return ErrProposal
		}
		seen[f.Code] = true
		options := map[string]bool{}
		for _, o := range f.Options {
			if o.Code == "" || options[o.Code] || o.Colour != "" && !colour(o.Colour) {
				return ErrProposal
			}
			options[o.Code] = true
		}
	}
	return nil
}

func colour(s string) bool {
	return len(s) == 7 && s[0] == '#' && strings.Trim(s[1:], "0123456789abcdefABCDEF") == ""
}

// Publish opens a draft to communities. ErrState, ErrProposal.
func (p *Proposal) Publish() error {
	if p.State != Draft {
		return ErrState
	}
	if err := p.Check(); err != nil {
		return err
	}
	p.State = Open
	return nil
}

// Close ends the vote. ErrState.
func (p *Proposal) Close() error {
	if p.State != Open {
		return ErrState
	}
	p.State = Closed
	return nil
}

// Choice is what a member says of one feature: the options in their order of preference, or with points.
type Choice struct {
	Ranks  []string       `json:"ranks,omitempty"`
	Points map[string]int `json:"points,omitempty"`
}

// First gives the option liked most, "" for none.
func (c Choice) First() string {
	if len(c.Ranks) > 0 {
		return c.Ranks[0]
	}
	best, most := "", 0
	for o, n := range c.Points {
		if n > most || n == most && n > 0 && o < best {
			best, most = o, n
		}
	}
	return best
}

// Ballot is what a member handed in. Device names what it was handed in with, as the community hashes it; "" where it does not say.
type Ballot struct {
	Member    string
	Community string
	Segment   string
	Device    string
	Choices   map[string]Choice // by feature
	WouldBuy  bool
	At        time.Time
}

// Take refuses a ballot that cannot be counted. ErrClosed, ErrMember, ErrBallot.
func (p *Proposal) Take(b Ballot, now time.Time) error {
	if p.State != Open || now.Before(p.Opens) || now.After(p.Closes) {
		return ErrClosed
	}
	for _, s := range []string{b.Member, b.Community, b.Segment, b.Device} {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 100 || strings.ContainsRune(s, 0) {
			return ErrMember
		}
	}
	if strings.TrimSpace(b.Member) == "" {
		return ErrMember
	}
	if len(b.Choices) == 0 {
		return ErrBallot
	}
	for code, c := range b.Choices {
		i := slices.IndexFunc(p.Features, func(f Feature) bool { return f.Code == code })
		if i < 0 || !p.fits(p.Features[i], c) {
			return ErrBallot
		}
	}
	return nil
}

func (p *Proposal) fits(f Feature, c Choice) bool {
	has := func(code string) bool {
		return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Code == code })
	}
	if p.Method == Ranked {
		seen := map[string]bool{}
		for _, o := range c.Ranks {
			if !has(o) || seen[o] {
				return false
			}
			seen[o] = true
		}
		return len(c.Ranks) > 0 && len(c.Points) == 0
	}
	sum := 0
	for o, n := range c.Points {
		if !has(o) || n < 0 || n > MaxPoints {
			return false
		}
		sum += n
	}
	return sum > 0 && sum <= MaxPoints && len(c.Ranks) == 0
}
