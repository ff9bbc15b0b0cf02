package scanner_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"milkrun/internal/access"
	"milkrun/warehouse"
	"milkrun/warehouse/warehouseops"
)

func command() warehouse.Command {
	return warehouse.Command{Op: uuid.New(), Device: "H-TEST"}
}

// task gives a taken task with its totes.
func (h *house) taken(t *testing.T) warehouse.PickTask {
	t.Helper()
	jobs, err := h.ops.PickJobs(h.floor, h.site, 10)
	if err != nil || len(jobs) == 0 {
		t.Fatalf("jobs %v, %v", jobs, err)
	}
	task, err := h.ops.TakePick(h.floor, command(), jobs[0].ID)
	for i := 0; err == nil && i < len(task.Totes); i++ {
		task, err = h.ops.PlaceTote(h.floor, command(), task.ID, task.Totes[i].Place, []string{"T-001", "T-002", "T-003"}[i])
	}
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func scans(task warehouse.PickTask, s warehouse.PickStop) warehouseops.PickScans {
	return warehouseops.PickScans{Task: task.ID, Stops: []int64{s.ID}, Bin: s.Bin, Code: s.Goods.GTIN}
}

// A command that is sent many times at once is done once, and answers the same each time.
func TestTheSameCommandTwiceIsDoneOnce(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	task := h.taken(t)
	cmd, in := command(), scans(task, task.Stops[0])
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := h.ops.Pick(h.floor, cmd, in)
			if err != nil || got.Stops[0].State != warehouse.StopPicked {
				t.Errorf("%v, %v", got.Stops, err)
			}
		})
	}
	wg.Wait()
	if n := h.count(`select count(*) from warehouse.operation where cause = 'pick'`); n != 1 {
		t.Errorf("%d operations", n)
	}
	h.proved()
	// Another command on the same stop finds it done.
	if _, err := h.ops.Pick(h.floor, command(), in); !errors.Is(err, warehouse.ErrTaskGone) {
		t.Errorf("a second pick: %v", err)
	}
	// Undone twice at once, it is undone once.
	for range 4 {
		wg.Go(func() {
			if _, err := h.ops.UndoPick(h.floor, command(), task.ID, cmd.Op); err != nil && !errors.Is(err, warehouse.ErrNothingToUndo) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := h.count(`select on_hand from warehouse.position where bin = 'A07-03-2'`); n != 14 {
		t.Errorf("%d pieces in the bin", n)
	}
	h.proved()
}

// While a task is leased nobody else takes it; a lost device's lease ends, and who was offline all the time is told.
func TestALeaseEnds(t *testing.T) {
	h := openHouse(t)
	h.order(line{"MR-100001", "A07-03-2", "MH260815", 2}, line{"MR-100002", "A07-05-1", "YR261107", 1})
	h.release()
	task := h.taken(t)
	h.exec(`insert into access.account (login, name, role) values ('lina', '李娜', 'warehouse')`)
	var id int64
	h.ask(`select id from access.account where login = 'lina'`, &id)
	other := access.WithUser(t.Context(), access.User{ID: access.ID(id), Name: "李娜", Role: access.Warehouse})
	var taken *warehouse.TakenError
	if _, err := h.ops.TakePick(other, command(), task.ID); !errors.As(err, &taken) || taken.By != "王强" {
		t.Errorf("another takes it: %v", err)
	}
	system := access.WithUser(t.Context(), access.TheSystem())
	if n, err := h.ops.EndLeases(system); n != 0 || err != nil {
		t.Errorf("%d leases ended, %v", n, err)
	}
	h.exec(`update warehouse.pick_task set leased_until = now() - interval '1 minute'`)
	if n, err := h.ops.EndLeases(system); n != 1 || err != nil {
		t.Errorf("%d leases ended, %v", n, err)
	}
	if _, err := h.ops.TakePick(other, command(), task.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.ops.Pick(h.floor, command(), scans(task, task.Stops[0])); !errors.As(err, &taken) || taken.By != "李娜" {
		t.Errorf("the lost device picks: %v", err)
	}
	if _, err := h.ops.Pick(other, command(), scans(task, task.Stops[0])); err != nil {
		t.Errorf("the new picker: %v", err)
	}
	h.proved()
}

// Two pickers report the same bin short at once: what is left is promised once.
func TestTwoShortPicksShareWhatIsLeft(t *testing.T) {
	h := openHouse(t)
	h.exec(`insert into warehouse.wave_rule (site_id, totes) values ($1, 1)`, h.site)
	for range 2 {
		h.order(line{"MR-100001", "A07-03-2", "MH260815", 7}, line{"MR-100003", "A09-02-1", "", 1})
	}
	h.exec(`update warehouse.position p set on_hand = on_hand from warehouse.lot l where l.id = p.lot_id`)
	h.release()
	jobs, err := h.ops.PickJobs(h.floor, h.site, 10)
	if err != nil || len(jobs) != 2 {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	var wg sync.WaitGroup
	for _, j := range jobs {
		task, err := h.ops.TakePick(h.floor, command(), j.ID)
		if err != nil {
			t.Fatal(err)
		}
		var stop warehouse.PickStop
		for _, s := range task.Stops {
			if s.Bin == "A07-03-2" {
				stop = s
			}
		}
		wg.Go(func() {
			in := warehouseops.ShortScans{PickScans: warehouseops.PickScans{Task: task.ID, Stops: []int64{stop.ID}, Bin: stop.Bin}, Reason: warehouse.ReasonEmpty}
			if _, err := h.ops.ShortPick(h.floor, command(), in); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h.proved()
	// 20 tins of the other lot stood elsewhere: both orders are served from there.
	if n := h.count(`select reserved from warehouse.position where bin = 'A08-01-3'`); n != 14 {
		t.Errorf("%d tins are promised of the other lot", n)
	}
}
