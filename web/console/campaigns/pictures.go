package campaigns

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"milkrun/c2m/campaignops"
	"milkrun/web/route"
	"milkrun/web/ui"
)

// maxPicture is the body of the largest picture with its form around it.
const maxPicture = campaignops.MaxPictureBytes + 64<<10

func pictureHref(number string, id int64) string {
	return campaignHref(number) + "/pictures/" + strconv.FormatInt(id, 10)
}

// showPicture sends a picture; of a draft too, to those who may see drafts.
func (s Pages) showPicture(w http.ResponseWriter, r *http.Request) error {
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	p, err := s.Ops.Picture(r.Context(), route.Param(r, "number"), id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", p.Mime)
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, err = w.Write(p.Bytes)
	return err
}

func (s Pages) addPicture(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.find(r)
	if err != nil {
		return err
	}
	file, _, err := r.FormFile("picture")
	if err != nil {
		return route.Invalid("campaigns.refused.no_picture").With("campaigns.refused.to_page", pictureBack(r, c.Number))
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, campaignops.MaxPictureBytes+1))
	if err != nil {
		return route.Invalid("error.form").Because(err)
	}
	if err := s.Ops.AddPicture(r.Context(), c.ID, content); err != nil {
		return refusePicture(err, pictureBack(r, c.Number))
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "campaigns.done.picture")})
	return route.See(w, r, pictureBack(r, c.Number))
}

func (s Pages) removePicture(w http.ResponseWriter, r *http.Request) error {
	c, _, err := s.find(r)
	if err != nil {
		return err
	}
	id, err := route.ID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Ops.RemovePicture(r.Context(), c.ID, id); err != nil {
		return refusePicture(err, pictureBack(r, c.Number))
	}
	route.Tell(r.Context(), ui.Flash{Tone: ui.OK, Text: ui.T(r.Context(), "campaigns.done.picture_end")})
	return route.See(w, r, pictureBack(r, c.Number))
}

// pictureBack is the page whose form sent a picture: the draft's form, or the campaign's own.
func pictureBack(r *http.Request, number string) string {
	if strings.HasSuffix(strings.TrimRight(r.Header.Get("Referer"), "/"), "/edit") {
		return campaignHref(number) + "/edit#pictures"
	}
	return campaignHref(number) + "#pictures"
}

func refusePicture(err error, back string) error {
	for known, word := range map[error]string{campaignops.ErrPicture: "campaigns.refused.picture", campaignops.ErrPictureSize: "campaigns.refused.picture_size",
		campaignops.ErrPictures: "campaigns.refused.pictures"} {
		if errors.Is(err, known) {
			return route.Invalid(word, "Most", campaignops.MaxPictures).With("campaigns.refused.to_page", back)
		}
	}
	return err
}
