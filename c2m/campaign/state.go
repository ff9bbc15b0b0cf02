package campaign

import "slices"

// Mode is how a campaign is won and paid for.
type Mode string

// The modes.
const (
	AllOrNothing   Mode = "all_or_nothing"
	KeepItAll      Mode = "keep_it_all"
	DepositBalance Mode = "deposit_balance"
	GroupBuy       Mode = "group_buy"
)

// Modes lists all modes.
func Modes() []Mode { return []Mode{AllOrNothing, KeepItAll, DepositBalance, GroupBuy} }

// Timing is when the members' money is taken.
type Timing string

// The timings. AtPledge charges with the pledge. OnSuccess authorises with the pledge and captures when the campaign succeeds.
const (
	AtPledge  Timing = "at_pledge"
	OnSuccess Timing = "on_success"
)

// State is where a campaign stands. The texts are stored and name the status words of the pages.
type State string

// The states.
const (
	Draft     State = "draft"
	Scheduled State = "scheduled"
	Open      State = "open"
	Paused    State = "paused"
	Balance   State = "balance"
	Succeeded State = "succeeded"
	Producing State = "producing"
	Delivered State = "delivered"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists all states in the order of a campaign's life.
func States() []State {
	return []State{Draft, Scheduled, Open, Paused, Balance, Succeeded, Producing, Delivered, Failed, Cancelled}
}

// Valid tells whether s is one of the states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Over tells whether nothing more happens to the campaign but refunds.
func (s State) Over() bool { return s == Delivered || s == Failed || s == Cancelled }

// Running tells whether pledges are or will be taken.
func (s State) Running() bool { return s == Scheduled || s == Open || s == Paused }

// Won tells whether the goal was reached and the goods are to be made.
func (s State) Won() bool { return s == Balance || s == Succeeded || s == Producing || s == Delivered }

// Public tells whether members see the campaign.
func (s State) Public() bool { return s != Draft }

// PledgeState is where a pledge stands.
type PledgeState string

// The states of a pledge. Accepted, Waiting and Confirmed are live: a member has at most one such pledge in a campaign.
const (
	Accepted        PledgeState = "accepted"
	Waiting         PledgeState = "waiting"
	Confirmed       PledgeState = "confirmed"
	PledgeDelivered PledgeState = "delivered"
	PledgeCancelled PledgeState = "cancelled"
	Lapsed          PledgeState = "lapsed"
	Released        PledgeState = "released"
	Defaulted       PledgeState = "defaulted"
)

// PledgeStates lists all states of a pledge.
func PledgeStates() []PledgeState {
	return []PledgeState{Accepted, Waiting, Confirmed, PledgeDelivered, PledgeCancelled, Lapsed, Released, Defaulted}
}

// Live tells whether the pledge counts as the member's one pledge.
func (s PledgeState) Live() bool { return s == Accepted || s == Waiting || s == Confirmed }
