package model

import (
	"context"
	"slices"
	"strconv"
	"testing"
)

// numbers pages through 0 to n-1; a cursor is the row that it stands at.
func numbers(n int, reads *int) func(context.Context, Paging) (Page[int], error) {
	return func(_ context.Context, at Paging) (Page[int], error) {
		*reads++
		from := 0
		to := min(at.Limit, n)
		switch {
		case at.Last:
			from, to = max(n-at.Limit, 0), n
		case at.After != "":
			i, _ := strconv.Atoi(string(at.After))
			from, to = i+1, min(i+1+at.Limit, n)
		case at.Before != "":
			i, _ := strconv.Atoi(string(at.Before))
			from, to = max(i-at.Limit, 0), i
		}
		var p Page[int]
		for i := from; i < to; i++ {
			p.Items = append(p.Items, i)
		}
		if from > 0 {
			p.Prev = Cursor(strconv.Itoa(from))
		}
		if to < n {
			p.Next = Cursor(strconv.Itoa(to - 1))
		}
		return p, nil
	}
}

// Whichever way the pages are walked, what fits comes once and in order.
func TestSift(t *testing.T) {
	for _, n := range []int{0, 1, 499, 500, 501, 12_345} {
		for _, every := range []int{1, 2, 7, 5001, 100_000} {
			fits := func(i int) bool { return i%every == every/2 }
			var want []int
			for i := range n {
				if fits(i) {
					want = append(want, i)
				}
			}
			for _, limit := range []int{1, 50, 2000} {
				if limit == 1 && len(want) > 1000 {
					continue
				}
				forth, reads := walk(t, n, limit, fits, false)
				back, _ := walk(t, n, limit, fits, true)
				if !slices.Equal(forth, want) || !slices.Equal(back, want) {
					t.Errorf("%d rows, each %dth, %d a page: %d and %d rows, want %d", n, every, limit, len(forth), len(back), len(want))
				}
				if most := 2*(len(want)/limit+1) + 2*(n/siftStep+1) + 2*len(want)/siftStep; reads > most {
					t.Errorf("%d rows, each %dth, %d a page: %d reads, at most %d", n, every, limit, reads, most)
				}
			}
		}
	}
}

func walk(t *testing.T, n, limit int, fits func(int) bool, back bool) (all []int, reads int) {
	t.Helper()
	at := Paging{Limit: limit, Last: back}
	for {
		before := reads
		p, err := Sift(context.Background(), at, fits, numbers(n, &reads))
		if err != nil || len(p.Items) > limit || reads-before > siftMost/siftStep+1 {
			t.Fatalf("%d items of %d, %d reads, %v", len(p.Items), limit, reads-before, err)
		}
		on := p.Next
		if back {
			all, on = append(slices.Clone(p.Items), all...), p.Prev
		} else {
			all = append(all, p.Items...)
		}
		if on == "" {
			return all, reads
		}
		if len(p.Items) < limit && !p.Short {
			t.Fatalf("a page of %d of %d that is not said to be short", len(p.Items), limit)
		}
		if at = (Paging{Limit: limit, After: on}); back {
			at = Paging{Limit: limit, Before: on}
		}
	}
}

// A list that stops short itself is not asked again and again for one page.
func TestSiftOfShortPages(t *testing.T) {
	reads := 0
	p, err := Sift(context.Background(), Paging{}, func(i int) bool { return i == 7 }, func(context.Context, Paging) (Page[int], error) {
		reads++
		return Page[int]{Next: "on", Short: true}, nil
	})
	if err != nil || reads != 1 || !p.Short || p.Next != "on" || len(p.Items) != 0 {
		t.Errorf("%+v after %d reads, %v", p, reads, err)
	}
	p, err = Sift(context.Background(), Paging{Limit: 1}, func(i int) bool { return i == 7 }, func(_ context.Context, at Paging) (Page[int], error) {
		return Page[int]{Items: []int{7, 8}[:min(at.Limit, 2)], Next: "on", Short: true}, nil
	})
	if err != nil || p.Short || !slices.Equal(p.Items, []int{7}) {
		t.Errorf("a full page is said to be short: %+v, %v", p, err)
	}
}
