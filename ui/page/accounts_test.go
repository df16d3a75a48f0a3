package page

import "testing"

func TestAccounts(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		t.Run("list", func(t *testing.T) { drive(t, sample(), Open{View: "accounts"}, w, h).golden() })
		t.Run("search", func(t *testing.T) {
			drive(t, sample(), Open{View: "accounts"}, w, h).press("/").write("grace.0").golden()
		})
		t.Run("issue", func(t *testing.T) {
			drive(t, sample(), Open{View: "accounts"}, w, h).press("/").write("hedy").press("enter", "i").golden()
		})
		t.Run("empty", func(t *testing.T) { drive(t, &memory{}, Open{View: "accounts"}, w, h).golden() })
		t.Run("no match", func(t *testing.T) {
			drive(t, sample(), Open{View: "accounts"}, w, h).press("/").write("zzz").press("enter").golden()
		})
	})
}

func TestFindAndIssueTakesFourKeys(t *testing.T) {
	d := drive(t, sample(), Open{View: "accounts"}, 80, 20)
	d.press("/").write("grace.011").press("enter", "i", "y")
	d.acts("issue grace.011@example.org")
}
