package model

import "context"

// Bounds of sifting, in rows: how many are read at a time, and how many one page
// looks at before it stops short.
const (
	siftStep = 500
	siftMost = 5000
)

// Sift returns one page of those rows of a list that fit, for conditions that the
// list itself does not know. It reads on until the page is full or enough rows
// were looked at, also by the list itself: then the page is Short. read reads a page of the list.
func Sift[T any](ctx context.Context, at Paging, fits func(T) bool, read func(context.Context, Paging) (Page[T], error)) (Page[T], error) {
	limit := at.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	back := at.Last || at.Before != ""
	out := Page[T]{}
	for looked := 0; ; {
		ask := at
		ask.Limit = siftStep
		p, err := read(ctx, ask)
		if err != nil {
			return Page[T]{}, err
		}
		if n := enough(p.Items, fits, limit-len(out.Items), back); n < len(p.Items) { // so that the page ends where its rows do
			ask.Limit = n
			if p, err = read(ctx, ask); err != nil {
				return Page[T]{}, err
			}
		}
		out = out.join(p, fits, looked == 0, back)
		looked += max(len(p.Items), 1)
		on := p.Next
		if back {
			on = p.Prev
		}
		out.Short = on != "" && len(out.Items) < limit
		if !out.Short || looked >= siftMost || p.Short {
			out.Reached = p.Reached
			return out, nil
		}
		at = Paging{After: on}
		if back {
			at = Paging{Before: on}
		}
	}
}

// enough returns how many of the rows hold the given number that fit, from the
// start or, backwards, from the end; all of them when fewer fit.
func enough[T any](rows []T, fits func(T) bool, want int, back bool) int {
	for i := range rows {
		row := rows[i]
		if back {
			row = rows[len(rows)-1-i]
		}
		if fits(row) {
			want--
		}
		if want == 0 {
			return i + 1
		}
	}
	return len(rows)
}

// join adds what fits of the page that follows, or backwards goes before.
func (p Page[T]) join(more Page[T], fits func(T) bool, first, back bool) Page[T] {
	var kept []T
	for _, row := range more.Items {
		if fits(row) {
			kept = append(kept, row)
		}
	}
	switch {
	case first:
		more.Items = kept
		return more
	case back:
		p.Items, p.Prev = append(kept, p.Items...), more.Prev
	default:
		p.Items, p.Next = append(p.Items, kept...), more.Next
	}
	return p
}
