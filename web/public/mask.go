package public

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // phones send either
)

// blocks is how many blocks the longer side of a masked picture has: enough to tell a parcel at a door, too few to read a name, a
// number or a face.
const blocks = 48

// shownSide is the longer side of a masked picture in pixels, largestSide what is decoded at most.
const (
	shownSide   = 480
	largestSide = 6000
)

var errPicture = errors.New("public: not a picture that can be masked")

// mask gives a picture in coarse blocks, as JPEG.
func mask(content []byte) ([]byte, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > largestSide || c.Height > largestSide {
		return nil, errors.Join(errPicture, err)
	}
	in, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, errors.Join(errPicture, err)
	}
	b := in.Bounds()
	long := max(b.Dx(), b.Dy())
	wide, high := max(1, b.Dx()*blocks/long), max(1, b.Dy()*blocks/long)
	coarse := image.NewRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			coarse.Set(x, y, mean(in, image.Rect(b.Min.X+x*b.Dx()/wide, b.Min.Y+y*b.Dy()/high, b.Min.X+(x+1)*b.Dx()/wide, b.Min.Y+(y+1)*b.Dy()/high)))
		}
	}
	by := shownSide / blocks
	out := image.NewRGBA(image.Rect(0, 0, wide*by, high*by))
	for y := range high * by {
		for x := range wide * by {
			out.Set(x, y, coarse.At(x/by, y/by))
		}
	}
	var w bytes.Buffer
	if err := jpeg.Encode(&w, out, &jpeg.Options{Quality: 80}); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

// mean is the mean colour of a part of a picture.
func mean(in image.Image, part image.Rectangle) color.Color {
	var r, g, b, n uint64
	step := max(1, part.Dx()/8)
	for y := part.Min.Y; y < max(part.Max.Y, part.Min.Y+1); y += step {
		for x := part.Min.X; x < max(part.Max.X, part.Min.X+1); x += step {
			cr, cg, cb, _ := in.At(x, y).RGBA()
			r, g, b, n = r+uint64(cr), g+uint64(cg), b+uint64(cb), n+1
		}
	}
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: 0xffff}
}
