package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"doorman/model/detect"
)

// past is the clusters that an engine has let go, packed: an id takes 16 bytes
// instead of 48. It only grows, so a copy of the struct stays what it was.
type past struct {
	text   []byte
	n      int
	newest time.Time // when the last of them was last seen
}

// opened keeps an unpacked past as long as memory allows.
type opened struct {
	mu   sync.Mutex
	last *byte // of the text that was unpacked
	n    int
	weak weak.Pointer[[]detect.Cluster]
}

// list unpacks a past. What it returns is shared.
func (o *opened) list(p *past) ([]detect.Cluster, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	last := &p.text[len(p.text)-1]
	if list := o.weak.Value(); list != nil && o.last == last && o.n == p.n {
		return *list, nil
	}
	list, err := unpackClusters(p.text, p.n)
	if err == nil {
		o.last, o.n, o.weak = last, p.n, weak.Make(&list)
	}
	return list, err
}

var errPacked = errors.New("clusters are not packed as they should be")

// add appends a cluster.
func (p *past) add(c *detect.Cluster) {
	p.text = packCluster(p.text, c)
	p.n++
	if c.End.After(p.newest) {
		p.newest = c.End
	}
}

func packClusters(list []detect.Cluster) []byte {
	var b []byte
	for i := range list {
		b = packCluster(b, &list[i])
	}
	return b
}

func unpackClusters(b []byte, n int) ([]detect.Cluster, error) {
	if n < 0 || n > len(b) {
		return nil, errPacked
	}
	list := make([]detect.Cluster, n)
	u := unpacker{b: b}
	for i := range list {
		u.cluster(&list[i])
	}
	if u.bad || len(u.b) > 0 {
		return nil, errPacked
	}
	return list, nil
}

func packText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func packCluster(b []byte, c *detect.Cluster) []byte {
	prefix, _ := c.Prefix.MarshalBinary() // never fails
	for _, s := range []string{c.Key, string(c.Kind), string(prefix), c.On, c.Account, c.Agent, c.Why, c.Against} {
		b = packText(b, s)
	}
	for _, x := range []float64{c.Score, c.Spread, c.UseRate, c.UsualRate, c.Entropy, c.Baseline, c.Observed} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	hot := 0
	if c.Hot {
		hot = 1
	}
	for _, t := range []time.Time{c.Start, c.End, c.Flagged} {
		b = binary.AppendVarint(b, t.UnixMilli())
	}
	for _, n := range []int{hot, c.Requests, c.Accounts, c.Addresses, c.Used, c.AgentKind, c.Live, c.Takeovers, len(c.Agents)} {
		b = binary.AppendVarint(b, int64(n))
	}
	for _, a := range c.Agents {
		b = binary.AppendVarint(packText(b, a.Agent), int64(a.N))
	}
	return packIDs(b, c.EventIDs)
}

// packIDs writes ids of 32 hex digits in half of their length.
func packIDs(b []byte, ids []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	plain := slices.ContainsFunc(ids, func(id string) bool { return len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" })
	if plain {
		b = append(b, 1)
		for _, id := range ids {
			b = packText(b, id)
		}
		return b
	}
	b = append(b, 0)
	for _, id := range ids {
		b, _ = hex.AppendDecode(b, []byte(id)) // looked at above
	}
	return b
}

// unpacker reads what packCluster wrote; after something impossible all that it
// returns is zero.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) take(n int) []byte {
	if u.bad || n < 0 || n > len(u.b) {
		u.bad, u.b = true, nil
		return nil
	}
	out := u.b[:n]
	u.b = u.b[n:]
	return out
}

func (u *unpacker) size() int {
	x, k := binary.Uvarint(u.b)
	if k <= 0 || x > math.MaxInt32 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[k:]
	return int(x)
}

func (u *unpacker) long() int64 {
	x, k := binary.Varint(u.b)
	if k <= 0 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[k:]
	return x
}

func (u *unpacker) int() int { return int(u.long()) }

func (u *unpacker) text() string { return string(u.take(u.size())) }

func (u *unpacker) float() float64 {
	b := u.take(8)
	if u.bad {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func (u *unpacker) moment() time.Time { return time.UnixMilli(u.long()).UTC() }

func (u *unpacker) cluster(c *detect.Cluster) {
	c.Key, c.Kind = u.text(), detect.Kind(u.text())
	if err := c.Prefix.UnmarshalBinary(u.take(u.size())); err != nil {
		u.bad, u.b, c.Prefix = true, nil, netip.Prefix{}
	}
	for _, p := range []*string{&c.On, &c.Account, &c.Agent, &c.Why, &c.Against} {
		*p = u.text()
	}
	for _, p := range []*float64{&c.Score, &c.Spread, &c.UseRate, &c.UsualRate, &c.Entropy, &c.Baseline, &c.Observed} {
		*p = u.float()
	}
	c.Start, c.End, c.Flagged, c.Hot = u.moment(), u.moment(), u.moment(), u.int() == 1
	for _, p := range []*int{&c.Requests, &c.Accounts, &c.Addresses, &c.Used, &c.AgentKind, &c.Live, &c.Takeovers} {
		*p = u.int()
	}
	for range u.int() {
		if u.bad {
			return
		}
		c.Agents = append(c.Agents, detect.AgentShare{Agent: u.text(), N: u.int()})
	}
	c.EventIDs = u.ids()
}

// ids reads ids; those of hex digits share one string.
func (u *unpacker) ids() []string {
	n := u.size()
	form := u.take(1)
	if u.bad || n > len(u.b) {
		u.bad, u.b = true, nil
		return nil
	}
	ids := make([]string, n)
	if form[0] == 1 {
		for i := range ids {
			ids[i] = u.text()
		}
		return ids
	}
	all := hex.EncodeToString(u.take(16 * n))
	for i := range ids {
		if u.bad {
			return nil
		}
		ids[i] = all[32*i : 32*i+32]
	}
	return ids
}
