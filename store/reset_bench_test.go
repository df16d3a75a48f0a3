package store

import (
	"context"
	"testing"
	"time"

	"doorman/model"
)

// benchRows is the size of the table in the benchmarks of lists.
const benchRows = 100_000

// fillBench writes n resets of n/5 accounts over 14 days, one in twenty of them
// asked for in the last hour by the clock of the store, by the engine itself.
func fillBench(b *testing.B, s *Store, n int) {
	b.Helper()
	exec(b, s, `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?)
		INSERT INTO "Account" (id, email, created, email_confirmed, is_super_user)
		SELECT printf('%032x', i), printf('%s.%x@example%d.org', lower(hex(randomblob(3))), i, i % 9), ?, 1, 0 FROM c`,
		n/5, s.stamp(noon()))
	exec(b, s, `WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ?),
		r AS MATERIALIZED (SELECT i, abs(random()) AS x, (abs(random()) % CASE WHEN i % 20 = 0 THEN 3600000 ELSE 1209600000 END) / 1000.0 AS ago FROM c),
		t AS (SELECT *, strftime('%Y-%m-%d %H:%M:%f', ?, printf('-%.3f seconds', ago)) || '000' AS at FROM r)
		INSERT INTO "PasswordReset" (id, created_date, used_date, was_used, user_id, expires_date, requested_ip, requested_ip_key, requested_agent)
		SELECT lower(hex(randomblob(16))), at, CASE WHEN x % 2 THEN at END, x % 2, printf('%032x', x % ?),
			strftime('%Y-%m-%d %H:%M:%f', at, '+1 hour') || '000',
			printf('203.%d.%d.%d', x / 7 % 20, x / 65536 % 256, x / 256 % 256),
			unhex(printf('00000000000000000000ffffcb%02x%02x%02x', x / 7 % 20, x / 65536 % 256, x / 256 % 256)),
			'Mozilla/5.0 (X11; Linux x86_64)' FROM t`,
		n, s.stamp(noon()), n/5)
}

func BenchmarkListResets(b *testing.B) { benchLists(b, benchRows) }

// BenchmarkListMillion is the same with ten times the rows.
func BenchmarkListMillion(b *testing.B) { benchLists(b, 10*benchRows) }

func benchLists(b *testing.B, n int) {
	s, ctx := newStore(b), context.Background()
	fillBench(b, s, n)
	page, err := s.ListResets(ctx, model.ResetFilter{Paging: model.Paging{Limit: 1}})
	if err != nil {
		b.Fatal(err)
	}
	someone := page.Items[0].AccountID
	deep := model.Cursor("")
	for range n/model.MaxLimit - 1 {
		f := model.ResetFilter{Paging: model.Paging{Limit: model.MaxLimit, After: deep}}
		if page, err = s.ListResets(ctx, f); err != nil {
			b.Fatal(err)
		}
		deep = page.Next
	}
	live := []model.State{model.Live}
	for name, f := range map[string]model.ResetFilter{
		"first":          {},
		"deep":           {Paging: model.Paging{After: deep}},
		"last":           {Paging: model.Paging{Last: true}},
		"by use":         {Sort: model.ByUsed},
		"by ip":          {Sort: model.ByIP},
		"account":        {AccountID: someone},
		"network":        {IP: prefix(b, "203.7.9.0/24")},
		"wider network":  {IP: prefix(b, "203.7.0.0/16")},
		"query":          {Query: "c7"},
		"live":           {States: live},
		"live last page": {States: live, Paging: model.Paging{Last: true}},
		"revoked (none)": {States: []model.State{model.Revoked}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.ListResets(ctx, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count capped", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.CountResets(ctx, model.ResetFilter{}, 10_000); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAccounts(b *testing.B) {
	s, ctx := newStore(b), context.Background()
	fillBench(b, s, benchRows)
	page, err := s.ListAccounts(ctx, model.AccountFilter{})
	if err != nil {
		b.Fatal(err)
	}
	email := page.Items[17].Email
	for name, f := range map[string]model.AccountFilter{
		"list first": {}, "list last": {Paging: model.Paging{Last: true}}, "search rare": {Query: "c7f3"}, "search common": {Query: "EXAMPLE3"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.ListAccounts(ctx, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("find by address", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.FindAccount(ctx, email); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	s, ctx := newStore(b), context.Background()
	fillBench(b, s, 1000)
	page, err := s.ListAccounts(ctx, model.AccountFilter{})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: page.Items[i%50].ID}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRequest tells whether a stranger could: known and unknown addresses
// should cost the same.
func BenchmarkRequest(b *testing.B) {
	s, ctx := newStore(b), context.Background()
	s.o.Throttle = model.Throttle{PerAccount: 1 << 30, PerSource: 1 << 30, Window: time.Hour}
	addAccount(b, s, "ann@example.org")
	exec(b, s, `UPDATE "Account" SET created = NULL`)
	for _, email := range []string{"ann@example.org", "nobody@example.org", "malformed"} {
		b.Run(email, func(b *testing.B) {
			for b.Loop() {
				// The rows of earlier rounds would be counted by the throttle.
				b.StopTimer()
				exec(b, s, `DELETE FROM "PasswordReset"`)
				b.StartTimer()
				if err := s.Request(ctx, model.Act{}, model.RequestOrder{Email: email, IP: "203.0.113.7"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRedeem(b *testing.B) {
	s, ctx := newStore(b), context.Background()
	a := addAccount(b, s, "ann@example.org")
	for b.Loop() {
		b.StopTimer()
		got, err := s.Issue(ctx, operator(), model.IssueOrder{AccountID: a.ID})
		if err != nil {
			b.Fatal(err)
		}
		token := model.NewToken(testKey(), got.Reset.ID, s.scheme)
		b.StartTimer()
		if _, err := s.Redeem(ctx, model.Act{}, model.RedeemOrder{Token: token, IP: "203.0.113.7"}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRevoke revokes 10,000 live resets and takes it back.
func BenchmarkRevoke(b *testing.B) {
	s, ctx := newStore(b), context.Background()
	fillBench(b, s, 2*benchRows)
	exec(b, s, `UPDATE "PasswordReset" SET used_date = NULL, was_used = 0 WHERE created_date > ?`, s.stamp(noon().Add(-time.Hour)))
	order := model.RevokeOrder{Filter: model.ResetFilter{Since: noon().Add(-time.Hour)}}
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			if p, err := s.PlanRevoke(ctx, order); err != nil || p.Resets < 9000 {
				b.Fatal(p.Resets, err)
			}
		}
	})
	b.Run("revoke and undo", func(b *testing.B) {
		for b.Loop() {
			batch, err := s.Revoke(ctx, operator(), order)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.Undo(ctx, operator(), batch.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
