package campaigndb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/c2m/vote"
	"milkrun/internal/calendar"
	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

const sqlNextProposal = `insert into c2m.proposal_month as m (month, last) values ($1, 1)
	on conflict (month) do update set last = m.last + 1 returning last`

// NextProposal gives the next proposal number of the month of the day: VP-2611-004.
func NextProposal(ctx context.Context, tx pgx.Tx, day calendar.Day) (string, error) {
	var n int
	err := tx.QueryRow(ctx, sqlNextProposal, campaign.Month(day)).Scan(&n)
	return fmt.Sprintf("VP-%s-%03d", campaign.Month(day), n), wrap(err, "campaigndb: next proposal")
}

type proposalRow struct {
	ID                                       int64
	Number, NameZH, NameEN, StoryZH, StoryEN string
	SKUID                                    int32
	Method                                   vote.Method
	Features                                 []vote.Feature
	Opens, Closes                            time.Time
	PerMinute                                int
	State                                    vote.State
	Campaign, Owner                          string
	Revision                                 int64
}

const proposalColumns = `id, number, name_zh, name_en, story_zh, story_en, coalesce(sku_id, 0) as sku_id, method, features, opens, closes, per_minute, state, campaign,
	owner, revision`

func (r proposalRow) proposal() *vote.Proposal {
	return &vote.Proposal{ID: r.ID, Number: r.Number, Name: catalog.Name{ZH: r.NameZH, EN: r.NameEN}, Story: catalog.Name{ZH: r.StoryZH, EN: r.StoryEN},
		SKU: catalog.SKUID(r.SKUID), Method: r.Method, Features: r.Features, Opens: r.Opens, Closes: r.Closes, PerMinute: r.PerMinute, State: r.State,
		Campaign: r.Campaign, Owner: r.Owner, Revision: r.Revision}
}

const (
	sqlProposalByID  = `select ` + proposalColumns + ` from c2m.proposal where id = $1`
	sqlProposal      = `select ` + proposalColumns + ` from c2m.proposal where number = $1`
	sqlLockProposal  = `select ` + proposalColumns + ` from c2m.proposal where number = $1 for update`
	sqlShareProposal = `select ` + proposalColumns + ` from c2m.proposal where number = $1 for share`
	sqlProposals     = `select ` + proposalColumns + ` from c2m.proposal order by id desc limit $1`
)

func proposal(ctx context.Context, q pgdb.Querier, sql string, key any) (*vote.Proposal, error) {
	rows, err := q.Query(ctx, sql, key)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: proposal: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[proposalRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, vote.ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("campaigndb: proposal: %w", err)
	}
	return r.proposal(), nil
}

// Proposal gives the proposal of a number. vote.ErrUnknown.
func Proposal(ctx context.Context, q pgdb.Querier, number string) (*vote.Proposal, error) {
	return proposal(ctx, q, sqlProposal, number)
}

// ProposalByID gives a proposal by the id under which its campaign knows it. vote.ErrUnknown.
func ProposalByID(ctx context.Context, q pgdb.Querier, id int64) (*vote.Proposal, error) {
	return proposal(ctx, q, sqlProposalByID, id)
}

// LockProposal gives a proposal that nobody else changes before the transaction ends. vote.ErrUnknown.
func LockProposal(ctx context.Context, tx pgx.Tx, number string) (*vote.Proposal, error) {
	return proposal(ctx, tx, sqlLockProposal, number)
}

// ShareProposal gives a proposal whose state stays as it is before the transaction ends. vote.ErrUnknown.
func ShareProposal(ctx context.Context, tx pgx.Tx, number string) (*vote.Proposal, error) {
	return proposal(ctx, tx, sqlShareProposal, number)
}

// Proposals gives the newest proposals.
func Proposals(ctx context.Context, q pgdb.Querier, limit int) ([]*vote.Proposal, error) {
	rows, err := q.Query(ctx, sqlProposals, limit)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: proposals: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[proposalRow])
	return column(list, func(r proposalRow) *vote.Proposal { return r.proposal() }), wrap(err, "campaigndb: proposals")
}

const (
	sqlInsertProposal = `insert into c2m.proposal (number, name_zh, name_en, story_zh, story_en, sku_id, method, features, opens, closes, per_minute, state, owner, created_at)
		values ($1, $2, $3, $4, $5, nullif($6::int, 0), $7, $8, $9, $10, $11, $12, $13, $14) returning id`
	sqlSaveProposal = `update c2m.proposal set state = $2, campaign = $3, closes = $4, revision = revision + 1 where id = $1`
)

// InsertProposal stores a new proposal and gives it its id.
func InsertProposal(ctx context.Context, tx pgx.Tx, p *vote.Proposal, now time.Time) error {
	err := tx.QueryRow(ctx, sqlInsertProposal, p.Number, p.Name.ZH, p.Name.EN, p.Story.ZH, p.Story.EN, int32(p.SKU), p.Method, p.Features, p.Opens, p.Closes,
		p.PerMinute, p.State, p.Owner, now).Scan(&p.ID)
	return wrap(err, "campaigndb: insert proposal")
}

// SaveProposal stores the state of a locked proposal.
func SaveProposal(ctx context.Context, tx pgx.Tx, p *vote.Proposal) error {
	_, err := tx.Exec(ctx, sqlSaveProposal, p.ID, p.State, p.Campaign, p.Closes)
	return wrap(err, "campaigndb: save proposal")
}

const (
	sqlPace   = `select count(*)::int from c2m.ballot where proposal_id = $1 and community = $2 and at > $3`
	sqlBallot = `insert into c2m.ballot as b (proposal_id, member, community, segment, device, choices, would_buy, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (proposal_id, member) do update set community = excluded.community, segment = excluded.segment, device = excluded.device,
			choices = excluded.choices, would_buy = excluded.would_buy, at = excluded.at returning xmax <> 0 as changed`
	sqlBallots = `select member, community, segment, device, choices, would_buy, at from c2m.ballot where proposal_id = $1 order by at, member`
)

// Pace counts the ballots of a community since an instant.
func Pace(ctx context.Context, q pgdb.Querier, id int64, community string, since time.Time) (n int, err error) {
	err = q.QueryRow(ctx, sqlPace, id, community, since).Scan(&n)
	return n, wrap(err, "campaigndb: pace")
}

// PutBallot stores a member's ballot in place of the last one and tells whether there was one.
func PutBallot(ctx context.Context, tx pgx.Tx, id int64, b vote.Ballot) (changed bool, err error) {
	err = tx.QueryRow(ctx, sqlBallot, id, b.Member, b.Community, b.Segment, b.Device, b.Choices, b.WouldBuy, b.At).Scan(&changed)
	return changed, wrap(err, "campaigndb: put ballot")
}

// Ballots gives the ballots of a proposal, the oldest first.
func Ballots(ctx context.Context, q pgdb.Querier, id int64) ([]vote.Ballot, error) {
	rows, err := q.Query(ctx, sqlBallots, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: ballots: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[vote.Ballot])
	return out, wrap(err, "campaigndb: ballots")
}
