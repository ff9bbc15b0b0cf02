package access

import (
	"context"
	"errors"
	"testing"

	"milkrun/internal/catalog"
)

func TestEveryRoleHasWorkAndNoneHasAll(t *testing.T) {
	for _, r := range Roles() {
		held := 0
		for _, p := range Permissions() {
			if Can(User{Role: r}, p) {
				held++
			}
		}
		if held < 2 {
			t.Errorf("%s can do nothing", r)
		}
		if held == len(Permissions()) {
			t.Errorf("%s can do everything, the portal included", r)
		}
	}
	if Can(User{}, SignedIn) || !Can(User{}, Public) {
		t.Error("nobody must be able to open public pages only")
	}
}

func TestRequire(t *testing.T) {
	if _, err := Require(context.Background(), ViewDemand); !errors.Is(err, ErrSignedOut) {
		t.Errorf("signed out: %v", err)
	}
	ctx := WithUser(context.Background(), User{ID: 7, Role: Courier})
	if _, err := Require(ctx, ViewDemand); !errors.Is(err, ErrForbidden) {
		t.Errorf("courier: %v", err)
	}
	ctx = WithUser(context.Background(), User{ID: 8, Role: Buyer})
	if u, err := Require(ctx, ViewDemand); err != nil || u.ID != 8 {
		t.Errorf("buyer: %v, %v", u, err)
	}
}

func TestBounds(t *testing.T) {
	u := User{Role: Warehouse, Sites: []catalog.SiteID{3}}
	if u.MayTouchSite(4) || !u.MayTouchSite(3) || !(User{}).MayTouchSite(4) {
		t.Error("site bounds")
	}
	s := User{Role: Supplier, Supplier: 5}
	if s.MayTouchSupplier(6) || !s.MayTouchSupplier(5) || (User{Role: Supplier}).MayTouchSupplier(0) || !(User{Role: Buyer}).MayTouchSupplier(6) {
		t.Error("supplier bounds")
	}
}
