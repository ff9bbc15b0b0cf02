package campaignops

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // the kinds of pictures that are taken in
	_ "image/png"
	"net/http"

	"milkrun/c2m/campaign"
	"milkrun/c2m/campaigndb"
	"milkrun/internal/access"
)

// Bounds of a campaign's pictures.
const (
	MaxPictures     = 8
	MaxPictureBytes = 4 << 20
	maxPictureSide  = 8000
)

// Refusals of pictures.
var (
	// ErrPicture refuses what is no JPEG or PNG picture, or one of more than 8,000 pixels a side.
	ErrPicture = errors.New("campaignops: only JPEG and PNG pictures of up to 8,000 pixels a side are taken")
	// ErrPictureSize refuses a file of more than 4 MB.
	ErrPictureSize = errors.New("campaignops: a picture may have 4 MB")
	// ErrPictures refuses one picture too many.
	ErrPictures = errors.New("campaignops: a campaign may have 8 pictures")
)

// AddPicture puts a picture behind the others of a campaign that is not over. ErrPicture, ErrPictureSize, ErrPictures.
func (o *Ops) AddPicture(ctx context.Context, id campaign.ID, content []byte) error {
	if len(content) > MaxPictureBytes {
		return ErrPictureSize
	}
	mime := http.DetectContentType(content)
	size, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || mime != "image/jpeg" && mime != "image/png" || size.Width > maxPictureSide || size.Height > maxPictureSide {
		return ErrPicture
	}
	return o.pictures(ctx, id, "campaign.picture", func(ctx context.Context, a *act, had []int64) error {
		if len(had) >= MaxPictures {
			return ErrPictures
		}
		n, err := campaigndb.AddPicture(ctx, a.tx, id, campaigndb.Picture{Mime: mime, Bytes: content, At: a.now})
		a.after = map[string]any{"picture": n, "width": size.Width, "height": size.Height, "bytes": len(content)}
		return err
	})
}

// RemovePicture takes a picture away. campaign.ErrUnknown.
func (o *Ops) RemovePicture(ctx context.Context, id campaign.ID, picture int64) error {
	return o.pictures(ctx, id, "campaign.picture_end", func(ctx context.Context, a *act, _ []int64) error {
		ok, err := campaigndb.EndPicture(ctx, a.tx, id, picture)
		if err == nil && !ok {
			err = campaign.ErrUnknown
		}
		a.before = map[string]any{"picture": picture}
		return err
	})
}

func (o *Ops) pictures(ctx context.Context, id campaign.ID, verb string, f func(context.Context, *act, []int64) error) error {
	u, err := access.Require(ctx, access.EditOrders)
	if err != nil {
		return err
	}
	_, err = o.change(ctx, u, id, 0, func(ctx context.Context, a *act) error {
		if a.c.State.Over() {
			return &campaign.StateError{Number: a.c.Number, State: a.c.State, Verb: "change the pictures of"}
		}
		had, err := campaigndb.Pictures(ctx, a.tx, id)
		if err != nil {
			return err
		}
		a.verb, a.counted = verb, true
		return f(ctx, a, had)
	})
	return err
}

// Pictures gives the ids of a campaign's pictures.
func (o *Ops) Pictures(ctx context.Context, c *campaign.Campaign) ([]int64, error) {
	return campaigndb.Pictures(ctx, o.Pool, c.ID)
}

// Picture gives a picture: to everybody of a campaign that has been published, to staff of a draft too. campaign.ErrUnknown.
func (o *Ops) Picture(ctx context.Context, number string, picture int64) (campaigndb.Picture, error) {
	n, err := campaign.ParseNumber(number)
	if err != nil {
		return campaigndb.Picture{}, campaign.ErrUnknown
	}
	c, err := campaigndb.ByNumber(ctx, o.Pool, n)
	if err != nil {
		return campaigndb.Picture{}, err
	}
	if u, ok := access.FromContext(ctx); !c.State.Public() && (!ok || !access.Can(u, access.ViewOrders)) {
		return campaigndb.Picture{}, campaign.ErrUnknown
	}
	return campaigndb.PictureOf(ctx, o.Pool, c.ID, picture)
}
