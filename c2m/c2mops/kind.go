package c2mops

import (
	"context"

	"milkrun/c2m/c2mdb"
	"milkrun/c2m/c2mxlsx"
	"milkrun/internal/access"
)

// SheetKind tells what a supplier's sheet is by what was filled in on it: a delivery note before an answer, because the order's workbook
// carries the agreed lines as answers, and an answer before commitments to the forecast, which an answer may bring along. A sheet in which
// nothing was filled in is what its headers say. ok is false for a file that is none of them.
func (o *Ops) SheetKind(ctx context.Context, content []byte) (kind FileKind, ok bool, err error) {
	if _, err := eitherSide(ctx, access.EditOrders); err != nil {
		return "", false, err
	}
	for _, look := range []func(context.Context, []byte) (kind FileKind, filled bool, err error){lookForDeliveries, lookForAnswer, lookForCommitments} {
		found, filled, err := look(ctx, content)
		if _, refused := c2mxlsx.Refused(err); refused {
			continue
		}
		if err != nil {
			return "", false, err
		}
		if filled {
			return found, true, nil
		}
		if !ok {
			kind, ok = found, true
		}
	}
	return kind, ok, nil
}

func lookForDeliveries(ctx context.Context, content []byte) (FileKind, bool, error) {
	s, err := c2mxlsx.ReadDeliveries(ctx, content)
	if err != nil {
		return "", false, err
	}
	return c2mdb.ASNFile, len(s.Notes) > 0, s.Close()
}

func lookForAnswer(ctx context.Context, content []byte) (FileKind, bool, error) {
	s, err := c2mxlsx.ReadAnswer(ctx, content)
	if err != nil {
		return "", false, err
	}
	return c2mdb.AnswerFile, s.Rows() > 0, s.Close()
}

func lookForCommitments(ctx context.Context, content []byte) (FileKind, bool, error) {
	s, err := c2mxlsx.ReadForecast(ctx, content)
	if err != nil {
		return "", false, err
	}
	return c2mdb.ForecastFile, s.Rows() > 0, s.Close()
}
