package public

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// A masked picture keeps the colours of a parcel at a door, and nothing finer than its blocks.
func TestMaskedPictures(t *testing.T) {
	in := image.NewRGBA(image.Rect(0, 0, 960, 720))
	for y := range 720 {
		for x := range 960 {
			c := color.RGBA{R: 200, A: 255}
			if x%4 < 2 { // stripes finer than a block
				c = color.RGBA{B: 200, A: 255}
			}
			in.Set(x, y, c)
		}
	}
	for name, encode := range map[string]func() []byte{
		"jpeg": func() []byte { var w bytes.Buffer; _ = jpeg.Encode(&w, in, nil); return w.Bytes() },
		"png":  func() []byte { var w bytes.Buffer; _ = png.Encode(&w, in); return w.Bytes() },
	} {
		got, err := mask(encode())
		if err != nil {
			t.Fatal(name, err)
		}
		out, kind, err := image.Decode(bytes.NewReader(got))
		if err != nil || kind != "jpeg" || out.Bounds().Dx() != 480 || out.Bounds().Dy() != 360 {
			t.Fatalf("%s: %s %v, %v", name, kind, out.Bounds(), err)
		}
		r0, _, b0, _ := out.At(100, 100).RGBA()
		r1, _, b1, _ := out.At(103, 104).RGBA()
		if d := int(r0>>8) - int(r1>>8); d > 12 || d < -12 || int(b0>>8)-int(b1>>8) > 12 {
			t.Errorf("%s: stripes can be told apart", name)
		}
	}
	for _, bad := range [][]byte{nil, []byte("<html>"), {0xff, 0xd8, 0xff}} {
		if _, err := mask(bad); !errors.Is(err, errPicture) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
