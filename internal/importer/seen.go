package importer

import "hash/maphash"

// Seen remembers the keys of the rows of one pass, to find the ones that come again: 12 bytes a slot, at most 75 % full. Two
// keys are taken for the same when their 64-bit hashes agree, which among a million rows happens by accident once in
// forty million passes.
type Seen[K comparable] struct {
	seed   maphash.Seed
	hashes []uint64
	rows   []int32
	n      int
}

// Row notes the key of a row and gives the earlier row with the same key, 0 if there is none.
func (s *Seen[K]) Row(key K, row int) (earlier int) {
	if len(s.hashes) == 0 {
		s.seed = maphash.MakeSeed()
		s.hashes, s.rows = make([]uint64, 1024), make([]int32, 1024)
	}
	if s.n*4 >= len(s.hashes)*3 {
		s.grow()
	}
	h := maphash.Comparable(s.seed, key)
	i := s.slot(h)
	if s.rows[i] != 0 {
		return int(s.rows[i])
	}
	s.hashes[i], s.rows[i] = h, int32(row)
	s.n++
	return 0
}

// slot finds the place of a hash: its own or an empty one.
func (s *Seen[K]) slot(h uint64) int {
	mask := uint64(len(s.hashes) - 1)
	i := h & mask
	for s.rows[i] != 0 && s.hashes[i] != h {
		i = (i + 1) & mask
	}
	return int(i)
}

func (s *Seen[K]) grow() {
	hashes, rows := s.hashes, s.rows
	s.hashes, s.rows = make([]uint64, 2*len(hashes)), make([]int32, 2*len(rows))
	for i, r := range rows {
		if r != 0 {
			j := s.slot(hashes[i])
			s.hashes[j], s.rows[j] = hashes[i], r
		}
	}
}
