package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"doorman/model"
)

// part is one stretch of an ordered list. A list whose order column may be
// missing is several parts, one after the other, so that each is a plain range
// of one index and rows without the column come last in both directions.
type part struct {
	where string   // selects the rows of this part; "" for all
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
	text, _ := json.Marshal(place{Order: o.tag(), Part: partNo, Keys: keys}) // strings and numbers only
	return model.Cursor(cursorVersion + base64.RawURLEncoding.EncodeToString(text))
}

// parse reads a cursor that was made for this order.
func (o order) parse(c model.Cursor) (place, error) {
	bad := &model.Error{Kind: model.Invalid, Field: "after", Text: "is no place in this list",
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
	return p, nil
}

// stretch is what one query of a page reads.
type stretch struct {
	where   string // "" for no condition
	args    map[string]any
	orderBy string
	limit   int
	part    int
}

// edge returns the condition for the rows beyond a place. A row value compares
// along the index.
func (o order) edge(p place, desc bool) (string, map[string]any) {
	args := map[string]any{}
	var names []string
	for i, k := range p.Keys {
		if last := i == len(p.Keys)-1; last && o.short && !desc {
			k += "~" // sorts after every id that begins so
		}
		name := fmt.Sprintf("edge%d", i)
		args[name] = k
		bind := "@" + name
		if strings.HasSuffix(o.parts[p.Part].keys[i], ipKeyColumn) {
			args[name] = unhex(k)
		}
		names = append(names, bind)
	}
	op := ">"
	if desc {
		op = "<"
	}
	keys := o.parts[p.Part].keys
	// The space counts: right after a parenthesis GORM spells bytes out as a list.
	cond := "(" + strings.Join(keys, ", ") + ") " + op + " ( " + strings.Join(names, ", ") + ")"
	if strings.Contains(keys[0], "COLLATE") {
		// A row value with a collation is compared but finds no place in an index.
		cond += " AND " + keys[0] + " " + op + "= " + names[0]
	}
	return cond, args
}

// stretchOf words the query for the rows of one part, from a place or from its
// beginning.
func (o order) stretchOf(no int, from *place, desc bool, limit int) stretch {
	st := stretch{limit: limit, part: no, args: map[string]any{}}
	var conds []string
	if o.parts[no].where != "" {
		conds = append(conds, o.parts[no].where)
	}
	if from != nil {
		cond, args := o.edge(*from, desc)
		conds, st.args = append(conds, cond), args
	}
	st.where = strings.Join(conds, " AND ")
	dir := ""
	if desc {
		dir = " DESC"
	}
	st.orderBy = strings.Join(o.parts[no].keys, dir+", ") + dir
	return st
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
	case p.After == "":
		return nil, false, nil
	}
	at, err := o.parse(c)
	return &at, back, err
}

// readPage reads one page: fetch runs one stretch, keys returns the sort keys
// of a row within its part. It asks one row more than the page holds, and a
// second part only where the first ends inside the page.
func readPage[R any](o order, p model.Paging, fetch func(stretch) ([]R, error), keys func(row R, part int) []string) (model.Page[R], error) {
	var page model.Page[R]
	from, back, err := o.start(p)
	if err != nil {
		return page, err
	}
	no, step := 0, 1
	if back {
		no, step = len(o.parts)-1, -1
	}
	if from != nil {
		no = from.Part
	}
	n := limitOf(p)
	var parts []int
	for ; no >= 0 && no < len(o.parts) && len(page.Items) <= n; no += step {
		rows, err := fetch(o.stretchOf(no, from, o.desc != back, n+1-len(page.Items)))
		if err != nil {
			return page, err
		}
		from = nil
		page.Items = append(page.Items, rows...)
		parts = append(parts, slices.Repeat([]int{no}, len(rows))...)
	}
	more := len(page.Items) > n
	if more {
		page.Items, parts = page.Items[:n], parts[:n]
	}
	if back {
		slices.Reverse(page.Items)
		slices.Reverse(parts)
	}
	if len(page.Items) == 0 {
		return page, nil
	}
	last := len(page.Items) - 1
	if back && more || !back && p.After != "" {
		page.Prev = o.cursor(parts[0], keys(page.Items[0], parts[0]))
	}
	if !back && more || back && !p.Last {
		page.Next = o.cursor(parts[last], keys(page.Items[last], parts[last]))
	}
	return page, nil
}
