package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"milkrun/internal/catalog"
	"milkrun/internal/pgdb"
)

// allocateBench holds the two databases that take turns.
type allocateBench struct {
	cmd *BenchAllocateCmd
	h   *house
	raw *pgxpool.Pool
	say io.Writer
}

// Size of the range in the Zipf mix: the shape of the measured peers, at a fifth of their SKUs.
const (
	benchSKUs  = 20_000
	benchSites = 5
)

// benchLoad is a mix of orders that stand before allocation, the same in every database that it is stored in.
type benchLoad struct {
	name   string
	rounds int
	orders int
	lines  []benchLine
	sites  []catalog.SiteID // ids in the database last stored to: the same in each
	stock  map[[2]int]int64
	first  int64 // id of the first order
}

type benchLine struct {
	order, no, site, sku int
	pieces               int64
}

func newBenchLoad(name string, orders, rounds int) *benchLoad {
	l := &benchLoad{name: name, orders: orders, rounds: rounds, stock: map[[2]int]int64{}}
	r := rand.New(rand.NewPCG(20261123, 7))
	if name == "flash" {
		for i := range orders {
			l.lines = append(l.lines, benchLine{order: i, no: 1, pieces: 1})
		}
		l.stock[[2]int{0, 0}] = int64(orders) * 9 / 10
		return l
	}
	zipf := rand.NewZipf(r, 1.1, 8, benchSKUs-1)
	for i := range orders {
		site, seen := r.IntN(benchSites), map[int]bool{}
		for range 1 + min(r.IntN(3), r.IntN(3)) { // 1 to 3 lines, 1.6 in the mean
			sku := int(zipf.Uint64())
			if seen[sku] {
				continue
			}
			seen[sku] = true
			n := int64(1 + r.IntN(3)*r.IntN(2))
			l.lines = append(l.lines, benchLine{order: i, no: len(seen), site: site, sku: sku, pieces: n})
			l.stock[[2]int{site, sku}] += n
		}
	}
	// Every fortieth SKU of a site has only half of what is asked for.
	for k, n := range l.stock {
		if (k[0]*7+k[1])%40 == 0 {
			l.stock[k] = (n + 1) / 2
		}
	}
	return l
}

// store writes catalog, stock with its ledger, and orders that have a site and wait for allocation.
func (l *benchLoad) store(ctx context.Context, pool *pgxpool.Pool) error {
	return pgdb.InTx(ctx, pool, func(tx pgx.Tx) error {
		sites, skus, err := l.catalog(ctx, tx)
		if err != nil {
			return err
		}
		if err := l.fillStock(ctx, tx, sites, skus); err != nil {
			return err
		}
		return l.fillOrders(ctx, tx, sites, skus)
	})
}

func (l *benchLoad) catalog(ctx context.Context, tx pgx.Tx) (sites, skus []int32, err error) {
	nSites, nSKUs := benchSites, benchSKUs
	if l.name == "flash" {
		nSites, nSKUs = 1, 1
	}
	if _, err := tx.Exec(ctx, `insert into catalog.category (code, name_zh) values ('bench', '压测') on conflict do nothing`); err != nil {
		return nil, nil, err
	}
	ids := func(sql string, n int) (out []int32, err error) {
		rows, err := tx.Query(ctx, sql, l.name, n)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[int32])
	}
	if sites, err = ids(`insert into catalog.site (code, name_zh, tier, lat, lon) select $1 || '-S' || i, '压测仓', 'regional', 31, 121 from generate_series(1, $2) i returning id`, nSites); err != nil {
		return nil, nil, err
	}
	skus, err = ids(`insert into catalog.sku (code, name_zh, category_id, shelf_life_days) select $1 || '-K' || i, '压测品', c.id, 730
		from generate_series(1, $2) i, catalog.category c where c.code = 'bench' returning id`, nSKUs)
	l.sites = nil
	for _, s := range sites {
		l.sites = append(l.sites, catalog.SiteID(s))
	}
	return sites, skus, err
}

// fillStock books what stands there as one opening: two lots of each SKU, the smaller one first to expire.
func (l *benchLoad) fillStock(ctx context.Context, tx pgx.Tx, sites, skus []int32) error {
	if _, err := tx.Exec(ctx, `insert into warehouse.lot (sku_id, code, expiry) select k, 'L' || n, current_date + 200 * n from unnest($1::int[]) k, generate_series(1, 2) n`, skus); err != nil {
		return err
	}
	op := uuid.New()
	if _, err := tx.Exec(ctx, `insert into warehouse.operation (id, cause, at, actor) values ($1, 'opening', now(), 'bench')`, op); err != nil {
		return err
	}
	var at, ks, lots []int32
	var ns []int64
	for k, n := range l.stock {
		one := n / 3
		if l.name == "flash" {
			one = n
		}
		for lot, pieces := range []int64{one, n - one} {
			if pieces > 0 {
				at, ks, lots, ns = append(at, sites[k[0]]), append(ks, skus[k[1]]), append(lots, int32(lot+1)), append(ns, pieces)
			}
		}
	}
	_, err := tx.Exec(ctx, `with p as (
			insert into warehouse.position (site_id, bin, sku_id, lot_id, on_hand)
			select t.site, 'A-01', t.sku, l.id, t.n from unnest($2::int[], $3::int[], $4::int[], $5::bigint[]) as t (site, sku, lot, n)
			join warehouse.lot l on l.sku_id = t.sku and l.code = 'L' || t.lot order by 1, 3, 4 returning id, on_hand)
		insert into warehouse.entry (operation_id, to_position, pieces) select $1, id, on_hand from p`, op, at, ks, lots, ns)
	return err
}

func (l *benchLoad) fillOrders(ctx context.Context, tx pgx.Tx, sites, skus []int32) error {
	if l.orders == 0 {
		return nil
	}
	if err := tx.QueryRow(ctx, `select coalesce(max(id), 0) + 1 from warehouse.outbound`).Scan(&l.first); err != nil {
		return err
	}
	now, sealed, hash := time.Now(), make([]byte, 180), make([]byte, 84)
	siteOf := make([]int, l.orders)
	for _, line := range l.lines {
		siteOf[line.order] = line.site
	}
	if _, err := tx.Exec(ctx, `insert into warehouse.outbound (channel, number, content_hash, placed_at, received_at, consignee, phone, address, area, sealed, state)
		select 'bench', $1 || i, $2, $3, $3, '王**', '138****1234', '上海市徐汇区***', '上海市徐汇区', $4, 'waiting' from generate_series(1, $5) i order by i`,
		l.name, hash, now, sealed, l.orders); err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, `select min(id) from warehouse.outbound where number like $1 || '%'`, l.name).Scan(&l.first); err != nil {
		return err
	}
	i := 0
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"warehouse", "outbound_line"}, []string{"outbound_id", "no", "sku_id", "pieces", "site_id", "state"},
		pgx.CopyFromFunc(func() ([]any, error) {
			if i == len(l.lines) {
				return nil, nil
			}
			n := l.lines[i]
			i++
			return []any{l.first + int64(n.order), n.no, skus[n.sku], n.pieces, sites[n.site], "queued"}, nil
		})); err != nil {
		return err
	}
	i = 0
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"warehouse", "shipment"}, []string{"outbound_id", "site_id"}, pgx.CopyFromFunc(func() ([]any, error) {
		if i == l.orders {
			return nil, nil
		}
		i++
		return []any{l.first + int64(i-1), sites[siteOf[i-1]]}, nil
	}))
	return err
}

// queue puts the shipments of a round into the queue.
func (l *benchLoad) queue(ctx context.Context, pool *pgxpool.Pool, round int) error {
	from, to := l.first+int64(l.orders*round/l.rounds), l.first+int64(l.orders*(round+1)/l.rounds)
	if _, err := pool.Exec(ctx, `update warehouse.shipment set queue_rank = outbound_id where outbound_id >= $1 and outbound_id < $2`, from, to); err != nil {
		return err
	}
	_, err := pool.Exec(ctx, `checkpoint`)
	return err
}

// drained waits until nothing is queued. The question walks over the dead entries of a queue that is being emptied: it is asked so
// seldom that it takes little from what is measured.
func (l *benchLoad) drained(ctx context.Context, pool *pgxpool.Pool) error {
	for {
		var more bool
		asked := time.Now()
		if err := pool.QueryRow(ctx, `select exists (select from unnest($1::int[]) as s where exists (
			select from warehouse.shipment h where h.site_id = s and h.queue_rank is not null))`, l.sites).Scan(&more); err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(max(5*time.Millisecond, 10*time.Since(asked)), 100*time.Millisecond)):
		}
	}
}

// The row writes of allocation in one statement that decides nothing: any lot, no shortage, no lock, no expiry.
const sqlBenchRaw = `with c as materialized (
		select s.id, s.outbound_id from warehouse.shipment s where s.site_id = $1 and s.queue_rank is not null order by s.queue_rank, s.id limit $2),
	d as materialized (
		select c.id as shipment, l.outbound_id, l.no, l.sku_id, l.pieces, p.id as position
		from c join warehouse.outbound_line l on l.outbound_id = c.outbound_id and l.site_id = $1
		cross join lateral (select p.id from warehouse.position p where p.site_id = $1 and p.sku_id = l.sku_id limit 1) p),
	a as (
		insert into warehouse.allocation (outbound_id, line_no, site_id, sku_id, position_id, pieces, at, shipment_id)
		select outbound_id, no, $1, sku_id, position, pieces, now(), shipment from d),
	l as (
		update warehouse.outbound_line l set allocated = l.pieces, state = 'allocated' from d where l.outbound_id = d.outbound_id and l.no = d.no),
	p as (
		update warehouse.position p set reserved = p.reserved + d.n from (select position, sum(pieces) as n from d group by position) d where p.id = d.position)
	update warehouse.shipment s set queue_rank = null, state = 'ready', ready_at = now() from c where s.id = c.id`

// rawRound empties the queues of the raw database with the raw statement, with as many clients as the product has workers.
func (b *allocateBench) rawRound(ctx context.Context, load *benchLoad, m *benchMix) error {
	clock, err := newCPUClock(ctx, b.raw)
	if err != nil {
		return err
	}
	at := time.Now()
	sites := make(chan catalog.SiteID, len(load.sites))
	for _, s := range load.sites {
		sites <- s
	}
	close(sites)
	var wg sync.WaitGroup
	faults := make(chan error, 2)
	for range 2 {
		wg.Go(func() {
			for s := range sites {
				for {
					tag, err := b.raw.Exec(ctx, sqlBenchRaw, s, 1000)
					if err != nil {
						faults <- fmt.Errorf("raw statement: %w", err)
						return
					}
					if tag.RowsAffected() == 0 {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	m.Raw += time.Since(at)
	m.RawCPU += clock.spent()
	select {
	case err := <-faults:
		return err
	default:
		return nil
	}
}

const (
	sqlBenchStates = `select count(*) filter (where state = 'allocated' and allocated = pieces), count(*) filter (where state = 'short' and allocated = 0),
		count(*), coalesce(sum(pieces), 0)::bigint from warehouse.outbound_line where outbound_id >= $1 and outbound_id < $2`
	// Pieces that are promised beyond what stands there, however it came to that.
	sqlBenchOversold = `select coalesce(sum(greatest(a.n - p.on_hand, 0)), 0)::bigint + coalesce(sum(abs(a.n - p.reserved)), 0)::bigint from warehouse.position p
		join (select position_id, sum(pieces) as n from warehouse.allocation where state = 'reserved' group by 1) a on a.position_id = p.id`
	// A line was refused wrongly when a free lot could still serve it.
	sqlBenchWrong = `select count(*) from warehouse.outbound_line l where l.outbound_id >= $1 and l.outbound_id < $2 and l.state = 'short'
		and l.pieces <= (select coalesce(sum(p.on_hand - p.reserved), 0) from warehouse.position p where p.site_id = l.site_id and p.sku_id = l.sku_id)`
)

// audit counts what became of every line, and what was promised twice.
func (l *benchLoad) audit(ctx context.Context, pool *pgxpool.Pool, m *benchMix) error {
	var all, wrong int
	var stored, asked int64
	for _, x := range l.lines {
		asked += x.pieces
	}
	from, to := l.first, l.first+int64(l.orders)
	if err := pool.QueryRow(ctx, sqlBenchStates, from, to).Scan(&m.Allocated, &m.Refused, &all, &stored); err != nil {
		return err
	}
	if err := pool.QueryRow(ctx, sqlBenchOversold).Scan(&m.Oversold); err != nil {
		return err
	}
	if err := pool.QueryRow(ctx, sqlBenchWrong, from, to).Scan(&wrong); err != nil {
		return err
	}
	// A line that is cut in two, because a part of it moved to another site, is two lines of as many pieces.
	m.Lost = all - m.Allocated - m.Refused + wrong + int(max(asked-stored, stored-asked))
	return nil
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }
func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
func round4(v float64) float64 { return math.Round(v*10000) / 10000 }
