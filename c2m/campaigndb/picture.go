package campaigndb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"milkrun/c2m/campaign"
	"milkrun/internal/pgdb"
)

const (
	sqlPictures   = `select id from c2m.campaign_picture where campaign_id = $1 order by id`
	sqlPicture    = `select mime, bytes, at from c2m.campaign_picture where campaign_id = $1 and id = $2`
	sqlAddPicture = `insert into c2m.campaign_picture (campaign_id, mime, bytes, at) values ($1, $2, $3, $4) returning id`
	sqlEndPicture = `delete from c2m.campaign_picture where campaign_id = $1 and id = $2`
)

// Picture is a picture of a campaign.
type Picture struct {
	Mime  string
	Bytes []byte
	At    time.Time
}

// Pictures gives the ids of a campaign's pictures, in their order.
func Pictures(ctx context.Context, q pgdb.Querier, id campaign.ID) ([]int64, error) {
	rows, err := q.Query(ctx, sqlPictures, id)
	if err != nil {
		return nil, fmt.Errorf("campaigndb: pictures: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return out, wrap(err, "campaigndb: pictures")
}

// PictureOf gives one picture. campaign.ErrUnknown.
func PictureOf(ctx context.Context, q pgdb.Querier, id campaign.ID, picture int64) (Picture, error) {
	rows, err := q.Query(ctx, sqlPicture, id, picture)
	if err != nil {
		return Picture{}, fmt.Errorf("campaigndb: picture: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Picture])
	if errors.Is(err, pgx.ErrNoRows) {
		return p, campaign.ErrUnknown
	}
	return p, wrap(err, "campaigndb: picture")
}

// AddPicture stores a picture behind the others and gives its id.
func AddPicture(ctx context.Context, tx pgx.Tx, id campaign.ID, p Picture) (n int64, err error) {
	err = tx.QueryRow(ctx, sqlAddPicture, id, p.Mime, p.Bytes, p.At).Scan(&n)
	return n, wrap(err, "campaigndb: add picture")
}

// EndPicture takes a picture away and tells whether it was there.
func EndPicture(ctx context.Context, tx pgx.Tx, id campaign.ID, picture int64) (bool, error) {
	tag, err := tx.Exec(ctx, sqlEndPicture, id, picture)
	return tag.RowsAffected() > 0, wrap(err, "campaigndb: remove picture")
}
