package page

import (
	"slices"
	"testing"

	"doorman/model/detect"
)

// uncertain is a store whose clusters depend on threshold and exceptions.
func uncertain() *memory {
	m := attacked()
	all := m.clusters
	m.replays = func(c detect.Config) []detect.Cluster {
		if c.Exceptions == nil {
			c.Exceptions = m.excepted()
		}
		return slices.DeleteFunc(slices.Clone(all), func(k detect.Cluster) bool {
			for _, n := range c.Exceptions {
				if k.Prefix.IsValid() && n.Overlaps(k.Prefix) {
					return true
				}
			}
			return k.Score < c.Line
		})
	}
	return m
}

func TestWhatif(t *testing.T) {
	o := Open{View: "whatif", Ref: "198.51.100.0/24"}
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("start", func(t *testing.T) { drive(t, uncertain(), o, w, h).golden() })
		t.Run("threshold", func(t *testing.T) { drive(t, uncertain(), o, w, h).press("l").write("60").press("enter").golden() })
		t.Run("exception", func(t *testing.T) { drive(t, uncertain(), o, w, h).press("e").golden() })
		t.Run("save", func(t *testing.T) {
			drive(t, uncertain(), o, w, h).press("l").write("60").press("enter", "e", "enter", "s").golden()
		})
	})
}

func TestWhatIsTriedIsSaved(t *testing.T) {
	m := uncertain()
	d := drive(t, m, Open{View: "whatif", Ref: "198.51.100.0/24"}, 120, 36).sees("nothing would change: 5 clusters").press("s")
	if d.ask != nil {
		t.Fatal("nothing was tried, and it is to be saved")
	}
	d.press("l").write("60").press("enter").sees("0 would appear, 2 would vanish, 3 stay").press("e", "enter").sees("0 would appear, 3 would vanish, 2 stay")
	d.press("esc").sees("nothing would change").press("e", "enter", "s").sees("198.51.100.0/24, until it is lifted").press("y").acts("allow 198.51.100.0/24")
	d.sees("nothing would change: 4 clusters")
	d.press("l").write("20").press("enter", "s", "y").acts("allow 198.51.100.0/24", `set detect.line "20"`).sees("threshold 20")
	if d.saved[0].Batch == "" {
		t.Error("the exception cannot be undone")
	}
	d.press("l").write("lots").press("enter").sees("is not a threshold")
}
