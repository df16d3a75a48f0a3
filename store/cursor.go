package store

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"doorman/model"
)

// part is one stretch of an ordered list. A list whose order column may be
// missing is several parts, one after the other, so that each is a plain range
// of one index and rows without the column come last in both directions.
type part struct {
	where string   // selects the rows of this part, by its index; "" for all
	rest  string   // the same where the index does not know it
	keys  []string // what the part is ordered by; ends in the id
}

// order is how a list is sorted.
type order struct {
	name  string // stands in cursors, which belong to one order
	desc  bool
	parts []part
	// short cuts the ids in cursors: where ids are credentials, a cursor that is
	// printed must not hold one.
	short bool
	// at returns the keys in the first part from which on rows are no newer than a
	// moment; nil for a list in another order.
	at func(time.Time) []string
	// when reads the first key as a time; set where at is.
	when func(*string) time.Time
}

// place is what a cursor holds: the keys of the row at the edge of a page.
type place struct {
	Order string   `json:"o"`
	Part  int      `json:"p"`
	Keys  []string `json:"k"`
}

// cursorVersion leads every cursor.
const cursorVersion = "1"

// shortID is how much of an id a short cursor holds: what may be shown of it.
// Two rows with the same key and the same beginning count as one place, which
// for random ids and microseconds does not happen.
const shortID = 8

func (o order) tag() string {
	if o.desc {
		return o.name + "-"
	}
	return o.name
}

// cursor marks the place of a row.
func (o order) cursor(partNo int, keys []string) model.Cursor {
	keys = slices.Clone(keys)
	if last := len(keys) - 1; o.short && len(keys[last]) > shortID {
		keys[last] = keys[last][:shortID]
	}
	for i, k := range keys {
		keys[i] = armour(k)
	}
	text, _ := json.Marshal(place{Order: o.tag(), Part: partNo, Keys: keys}) // strings and numbers only
	return model.Cursor(cursorVersion + base64.RawURLEncoding.EncodeToString(text))
}

// parse reads a cursor that was made for this order.
func (o order) parse(c model.Cursor) (place, error) {
	bad := &model.Error{Kind: model.Invalid, Field: "after", Text: "is not a position in this list",
		Hint: "a cursor belongs to the list and the order that printed it; start again without one"}
	var p place
	text, found := strings.CutPrefix(string(c), cursorVersion)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if !found || err != nil || json.Unmarshal(raw, &p) != nil {
		return p, bad
	}
	if p.Order != o.tag() || p.Part < 0 || p.Part >= len(o.parts) || len(p.Keys) != len(o.parts[p.Part].keys) {
		return p, bad
	}
	for i, k := range p.Keys {
		p.Keys[i] = unarmour(k)
	}
	return p, nil
}

// armour keeps a key whole that JSON would mend: another program may have written
// bytes that are no text.
func armour(key string) string {
	if utf8.ValidString(key) && !strings.HasPrefix(key, armourMark) {
		return key
	}
	return armourMark + hex.EncodeToString([]byte(key))
}

// armourMark leads the keys that are written in hex.
const armourMark = "\x00"

func unarmour(key string) string {
	if text, found := strings.CutPrefix(key, armourMark); found {
		return string(unhex(text))
	}
	return key
}

// stretch is what one query of a page reads.
type stretch struct {
	base    string // selects its part, "" for no condition
	edge    string // selects what lies beyond a place, "" from the beginning
	end     string // selects what lies before a place, and the row there, "" to the end
	rest    string // like part.rest
	args    map[string]any
	orderBy string
	limit   int
	part    int
}

// edge returns the condition for the rows beyond a place.
func (o order) edge(p place, desc bool) (string, map[string]any) {
	texts := slices.Clone(p.Keys)
	if o.short && !desc {
		texts[len(texts)-1] += "~" // sorts after every id that begins so
	}
	return edgeOf(o.parts[p.Part].keys, texts, "edge", desc, false)
}

// edgeOf compares keys with the values of a place: the rows beyond it, or also
// the one that stands there. A row value compares along the index.
func edgeOf(keys, texts []string, name string, desc, also bool) (string, map[string]any) {
	args := map[string]any{}
	var names []string
	for i, k := range texts {
		bind := fmt.Sprintf("%s%d", name, i)
		args[bind] = k
		if strings.HasSuffix(keys[i], ipKeyColumn) {
			args[bind] = unhex(k)
		}
		names = append(names, "@"+bind)
	}
	op := ">"
	if desc {
		op = "<"
	}
	first := op + "="
	if also {
		op = first
	}
	// The space counts: right after a parenthesis GORM spells bytes out as a list.
	cond := "(" + strings.Join(keys, ", ") + ") " + op + " ( " + strings.Join(names, ", ") + ")"
	if strings.Contains(keys[0], "COLLATE") {
		// A row value with a collation is compared but finds no place in an index.
		cond += " AND " + keys[0] + " " + first + " " + names[0]
	}
	return cond, args
}

// stretchOf words the query for the rows of one part, from a place or from its
// beginning.
func (o order) stretchOf(no int, from *place, desc bool, limit int) stretch {
	p := o.parts[no]
	st := stretch{base: p.where, rest: p.rest, limit: limit, part: no, orderBy: orderBy(p.keys, desc), args: map[string]any{}}
	if from != nil {
		st.edge, st.args = o.edge(*from, desc)
	}
	return st
}

// where words the conditions that an index knows.
func (st stretch) where() string { return allOf(st.base, st.edge, st.end) }

// allOf joins conditions; "" are none.
func allOf(conds ...string) string {
	return strings.Join(slices.DeleteFunc(conds, func(c string) bool { return c == "" }), " AND ")
}

func orderBy(keys []string, desc bool) string {
	dir := ""
	if desc {
		dir = " DESC"
	}
	return strings.Join(keys, dir+", ") + dir
}

// limitOf is the number of rows of a page.
func limitOf(p model.Paging) int {
	if p.Limit <= 0 {
		return model.DefaultLimit
	}
	return min(p.Limit, model.MaxLimit)
}

// start reads where a page begins, and whether it is read backwards.
func (o order) start(p model.Paging) (from *place, back bool, err error) {
	c := p.After
	switch {
	case p.Last:
		return nil, true, nil
	case p.After != "" && p.Before != "":
		return nil, false, &model.Error{Kind: model.Invalid, Field: "after", Text: "a page is after a place or before one, not both"}
	case p.Before != "":
		c, back = p.Before, true
	case p.After == "" && !p.At.IsZero():
		return o.placeAt(p.At)
	case p.After == "":
		return nil, false, nil
	}
	at, err := o.parse(c)
	return &at, back, err
}

// placeAt returns the place from which on the rows of a list in the order of
// time are no newer than a moment, or no older where the oldest come first.
func (o order) placeAt(t time.Time) (from *place, back bool, err error) {
	if o.at == nil {
		return nil, false, &model.Error{Kind: model.Invalid, Field: "at", Text: "this list is not in the order of time",
			Hint: "sort it by the time first"}
	}
	return &place{Keys: o.at(t)}, false, nil
}

// timed returns the keys of a moment in a list of the file's own times. The rows
// of that very moment belong to the page on either side.
func (s *Store) timed(desc bool) func(time.Time) []string {
	return func(t time.Time) []string {
		if desc {
			return []string{t.In(s.zone).Format(nanoLayout), "~"}
		}
		return []string{t.Add(-1).In(s.zone).Format(nanoLayout), ""}
	}
}

// readPage reads one page: fetch runs one stretch, keys returns the sort keys
// of a row within its part. It asks one row more than the page holds, and a
// second part only where the first ends inside the page.
func readPage[R any](o order, p model.Paging, fetch func(stretch) ([]R, error), keys func(row R, part int) []string) (model.Page[R], error) {
	return readShort(o, p, func(st stretch, _ bool) ([]R, []string, error) {
		rows, err := fetch(st)
		return rows, nil, err
	}, keys)
}

// readShort is readPage for lists that are searched row by row: fetch may stop
// before the end of the list and then says at which keys, and the page is short.
func readShort[R any](o order, p model.Paging, fetch func(st stretch, desc bool) ([]R, []string, error), keys func(row R, part int) []string) (model.Page[R], error) {
	var page model.Page[R]
	from, back, err := o.start(p)
	if err != nil {
		return page, err
	}
	begun := from != nil
	no, step := 0, 1
	if back {
		no, step = len(o.parts)-1, -1
	}
	if from != nil {
		no = from.Part
	}
	n := limitOf(p)
	var parts []int
	var reached []string
	for ; no >= 0 && no < len(o.parts) && len(page.Items) <= n; no += step {
		desc := o.desc != back
		rows, end, err := fetch(o.stretchOf(no, from, desc, n+1-len(page.Items)), desc)
		if err != nil {
			return page, err
		}
		from = nil
		page.Items = append(page.Items, rows...)
		parts = append(parts, slices.Repeat([]int{no}, len(rows))...)
		if end != nil && len(page.Items) <= n {
			reached = end
			break
		}
	}
	more := len(page.Items) > n
	if more {
		page.Items, parts = page.Items[:n], parts[:n]
	}
	if back {
		slices.Reverse(page.Items)
		slices.Reverse(parts)
	}
	if last := len(page.Items) - 1; last >= 0 {
		if back && more || !back && begun {
			page.Prev = o.cursor(parts[0], keys(page.Items[0], parts[0]))
		}
		if !back && more || back && !p.Last {
			page.Next = o.cursor(parts[last], keys(page.Items[last], parts[last]))
		}
	}
	if reached != nil {
		page.Short = true
		if o.when != nil && no == 0 {
			page.Reached = o.when(&reached[0])
		}
		if c := o.cursor(no, reached); back {
			page.Prev = c
		} else {
			page.Next = c
		}
	}
	return page, nil
}
