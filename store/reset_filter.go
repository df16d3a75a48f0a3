package store

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/query"
)

// conditions are the parts of a WHERE with their named arguments.
type conditions struct {
	from string   // the table as FROM names it
	list []string // what the index of the list knows
	rest []string // what has to be looked for row by row
	runs []run    // stretches of an index that are merged; none: it is one list
	args map[string]any
	// sorts says that the rows may not come in the order of an index: the engine
	// then sorts ids alone and reads the rest of the rows for one page.
	sorts bool
}

func (c *conditions) add(cond string) { c.list = append(c.list, cond) }

func (c *conditions) bind(name string, value any, cond string) {
	c.args[name] = value
	c.add(cond)
}

// seek adds a condition that no index knows.
func (c *conditions) seek(name string, value any, cond string) {
	c.args[name] = value
	c.rest = append(c.rest, cond)
}

// with returns all arguments, those given on top.
func (c *conditions) with(args map[string]any) map[string]any {
	all := maps.Clone(c.args)
	maps.Copy(all, args)
	return all
}

// whereAnd words the conditions and more; "" when there are none.
func (c *conditions) whereAnd(more ...string) string {
	all := allOf(slices.Concat(c.list, more, c.rest)...)
	if all == "" {
		return ""
	}
	return " WHERE " + all
}

// query words one stretch of a list.
func (c *conditions) query(sel string, st stretch) (string, map[string]any) {
	args := c.with(st.args)
	list, st := narrow(c.list, st, args)
	all := allOf(slices.Concat(list, []string{st.where(), st.rest}, c.rest)...)
	if all != "" {
		all = " WHERE " + all
	}
	return sel + all + " ORDER BY " + st.orderBy + limitTo(st.limit), args
}

// named is a query with named arguments, which GORM takes for something else where
// none is named.
func named(db *gorm.DB, query string, args map[string]any) *gorm.DB {
	if !strings.Contains(query, "@") {
		return db.Raw(query)
	}
	return db.Raw(query, args)
}

// namedArgs are the same arguments for Store.raw.
func namedArgs(args map[string]any) []any {
	list := make([]any, 0, len(args))
	for name, v := range args {
		list = append(list, sql.Named(name, v))
	}
	return list
}

// limitTo words a limit as a number. For a limit that is bound the engine prepares
// a statement twice: again once it knows the value, which may change the plan.
func limitTo(n int) string { return " LIMIT " + strconv.Itoa(n) }

// narrow leaves the engine one bound on either side of what a list is ordered by:
// of a place that a stretch begins or ends at, a network and times. It takes any of
// them, and from the looser one it might walk far.
func narrow(conds []string, st stretch, args map[string]any) ([]string, stretch) {
	key, _, _ := strings.Cut(strings.TrimSuffix(st.orderBy, " DESC"), ",")
	key = strings.TrimSuffix(key, " DESC")
	near, far := key+" >", key+" <"
	if strings.HasSuffix(st.orderBy, "DESC") {
		near, far = far, near
	}
	if st.edge == "" && st.end == "" || !strings.HasPrefix(allOf(st.edge, st.end), "("+key) {
		return conds, st
	}
	conds = bounds(append(slices.Clone(conds), st.base), key)
	loose := false
	for i, c := range conds {
		switch {
		case strings.HasPrefix(c, far) && st.end != "": // the row at the end fulfils it
			conds[i] = plus(c)
		case !strings.HasPrefix(c, near) || st.edge == "":
		case isBeyond(args["edge0"], args[boundOf(c)], strings.HasSuffix(near, ">")):
			conds[i] = plus(c)
		default:
			loose = true
		}
	}
	if st.base = ""; loose {
		st.edge = plus(st.edge)
	}
	return conds, st
}

// bounds words a condition on a range of keys as two.
func bounds(conds []string, key string) []string {
	var list []string
	for _, c := range conds {
		if span, found := strings.CutPrefix(c, key+" BETWEEN "); found {
			lo, hi, _ := strings.Cut(span, " AND ")
			list = append(list, key+" >= "+lo, key+" <= "+hi)
		} else {
			list = append(list, c)
		}
	}
	return list
}

// boundOf returns the name of what a condition compares with, or "".
func boundOf(cond string) string {
	_, name, _ := strings.Cut(cond, " @")
	return name
}

// isBeyond reports whether a place is no looser a bound than another one; what is
// not named bounds nothing.
func isBeyond(place, bound any, lower bool) bool {
	var c int
	switch b := bound.(type) {
	case string:
		at, _ := place.(string)
		c = strings.Compare(at, b)
	case []byte:
		at, _ := place.([]byte)
		c = bytes.Compare(at, b)
	default:
		return true
	}
	return lower == (c >= 0)
}

// maxQuery bounds what is searched for, in bytes.
const maxQuery = 200

// containing is a LIKE pattern for text with the given part. It is bound as
// +@name: a pattern that is bound without the sign has the statement prepared
// twice, in case that the text of a row had to begin like it.
func containing(part string) string {
	part = model.CleanText(part, maxQuery)
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(part) + "%"
}

// atLeast is a bound for "at or after t" that holds for every way of writing
// that moment: with or without fraction, seconds or time of day.
func (s *Store) atLeast(t time.Time) string {
	t = t.In(s.zone)
	switch {
	case t.Nanosecond() != 0:
		return strings.TrimRight(t.Format(nanoLayout), "0")
	case t.Second() != 0:
		return t.Format(time.DateTime)
	case t.Minute() != 0 || t.Hour() != 0:
		return t.Format("2006-01-02 15:04")
	}
	return t.Format(time.DateOnly)
}

// resetWhere words a filter; its order and paging aside.
func (s *Store) resetWhere(f model.ResetFilter, now time.Time) (*conditions, error) {
	c := &conditions{from: ` FROM "PasswordReset" AS r`, args: map[string]any{}}
	if f.AccountID != "" {
		c.bind("account", f.AccountID, "r.user_id = @account")
	}
	if f.BatchID != "" {
		c.bind("batch", f.BatchID, "r.batch_id = @batch")
	}
	if f.Query != "" {
		c.sorts = true
		c.bind("query", containing(f.Query), `r.user_id IN (SELECT q.id FROM "Account" AS q WHERE q.email LIKE +@query ESCAPE '\')`)
	}
	if f.IP.IsValid() {
		s.ipWhere(c, f.IP)
	}
	looked, err := s.lookedFor(f, c)
	if err != nil {
		return nil, err
	}
	c.list = append(c.list, looked...)
	if !f.Since.IsZero() {
		c.bind("from", s.atLeast(f.Since), "r.created_date >= @from")
	}
	if !f.Until.IsZero() {
		c.bind("until", s.atLeast(f.Until), "r.created_date < @until")
	}
	return c, s.stateWhere(c, f.States, now)
}

// lookedFor words the conditions that no index knows: of fields with a column of
// their own, and on clusters.
func (s *Store) lookedFor(f model.ResetFilter, c *conditions) ([]string, error) {
	list := columnsWhere("r.", query.ResetConditions(f), c)
	if f.Of == nil {
		return list, nil
	}
	cond, err := s.ofWhere(f.Of, c)
	return append(list, cond), err
}

// columnsWhere words conditions on columns of the table of that name.
func columnsWhere(table string, list []query.Condition, c *conditions) []string {
	var out []string
	for _, on := range list {
		if on.Part {
			c.args[on.Column] = containing(on.Value)
			out = append(out, table+on.Column+" LIKE +@"+on.Column+` ESCAPE '\'`)
			continue
		}
		c.args[on.Column] = on.Value
		out = append(out, table+on.Column+" = @"+on.Column)
	}
	return out
}

// stateWhere adds the condition for any of the states.
func (s *Store) stateWhere(c *conditions, states []model.State, now time.Time) error {
	if len(states) == 0 {
		return nil
	}
	var any []string
	for _, st := range states {
		if _, err := model.ParseState(string(st)); err != nil {
			return err
		}
		any = append(any, stateSQL(st))
	}
	c.add("(" + strings.Join(any, " OR ") + ")")
	maps.Copy(c.args, s.stateArgs(now))
	return nil
}

// ipKeyColumn is the column that holds an address as 16 bytes.
const ipKeyColumn = "requested_ip_key"

// A network with no more bits has so many rows that walking through the list
// until the page is full beats sorting those of the network.
const (
	wide4 = 8
	wide6 = 16
)

// isRange reports whether a network is best read as a range of keys.
func isRange(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() > wide4 && p.Bits() < 32
	}
	return p.Bits() > wide6 && p.Bits() < 128
}

// ipWhere selects a network: one key, or a range of keys.
func (s *Store) ipWhere(c *conditions, p netip.Prefix) {
	lo, hi := keyRange(p)
	c.args["ip_lo"], c.args["ip_hi"] = lo, hi
	switch {
	case p.IsSingleIP():
		c.add("r.requested_ip_key = @ip_lo")
	case isRange(p):
		c.sorts = true
		c.add("r.requested_ip_key BETWEEN @ip_lo AND @ip_hi")
	default:
		c.add("+r.requested_ip_key BETWEEN @ip_lo AND @ip_hi")
	}
}

// keyRange returns the first and the last key of a network.
func keyRange(p netip.Prefix) (lo, hi []byte) {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	first := p.Masked().Addr().As16()
	last := first
	for i := bits; i < 128; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	return first[:], last[:]
}

// resetOrder returns the order of a list of resets.
func (s *Store) resetOrder(f model.ResetFilter) (order, error) {
	o := order{name: "resets/" + string(f.Sort), desc: !f.Asc, short: s.scheme == model.SchemeID}
	dated := part{where: "r.created_date IS NOT NULL", keys: []string{"r.created_date", "r.id"}}
	undated := part{where: "r.created_date IS NULL", keys: []string{"r.id"}}
	both := func(cond string, p part) part { return part{where: cond + " AND " + p.where, keys: p.keys} }
	unused := func(p part) part { return part{where: p.where, rest: "+r.used_date IS NULL", keys: p.keys} }
	switch f.Sort {
	case "", model.ByCreated:
		o.name = "resets/" + string(model.ByCreated)
		o.at, o.when = s.timed(o.desc), s.time
		o.parts = []part{dated, undated}
	case model.ByUsed:
		o.parts = []part{
			{where: "r.used_date IS NOT NULL", keys: []string{"r.used_date", "r.id"}},
			unused(dated), unused(undated),
		}
	case model.ByIP:
		o.parts = []part{
			{where: "r.requested_ip_key > x'' AND r.created_date IS NOT NULL", keys: []string{"r.requested_ip_key", "r.created_date", "r.id"}},
			both("r.requested_ip_key = x''", dated), both("r.requested_ip_key IS NULL", dated), undated,
		}
	default:
		return o, &model.Error{Kind: model.Invalid, Field: "sort", Text: "there is no order " + model.Quote(string(f.Sort)),
			Hint: "use created, used or ip"}
	}
	return o, nil
}

// resetKeys returns the keys of a row in its part of the list.
func resetKeys(p part, r *resetRow) []string {
	keys := make([]string, len(p.keys))
	for i, column := range p.keys {
		switch column {
		case "r.created_date":
			keys[i] = textOrNone(r.CreatedDate)
		case "r.used_date":
			keys[i] = textOrNone(r.UsedDate)
		case "r.requested_ip_key":
			keys[i] = hex.EncodeToString(r.RequestedIPKey)
		default:
			keys[i] = r.ID
		}
	}
	return keys
}
