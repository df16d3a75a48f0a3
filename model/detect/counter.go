package detect

import (
	"cmp"
	"math/bits"
	"slices"
)

// counter counts small numbers, again and again without taking memory.
type counter struct {
	slots []count
	mask  uint32
}

type count struct {
	key int32
	n   int32 // 0: an empty slot
}

// reset empties it for up to n keys.
func (c *counter) reset(n int) {
	size := 1 << bits.Len(uint(2*n))
	if cap(c.slots) < size {
		c.slots = make([]count, size)
	}
	c.slots = c.slots[:size]
	clear(c.slots)
	c.mask = uint32(size - 1)
}

func (c *counter) slot(key int32) *count {
	for i := uint32(key) * 2654435769 >> 7 & c.mask; ; i = (i + 1) & c.mask {
		if s := &c.slots[i]; s.n == 0 || s.key == key {
			return s
		}
	}
}

// add counts key and returns how often that was done before.
func (c *counter) add(key int32) int32 {
	s := c.slot(key)
	s.key = key
	s.n++
	return s.n - 1
}

// of is how often key was counted.
func (c *counter) of(key int32) int32 { return c.slot(key).n }

// ranked is what was counted, the most frequent first.
func (c *counter) ranked() []count {
	var all []count
	for _, s := range c.slots {
		if s.n > 0 {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b count) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.key, b.key)) })
	return all
}
