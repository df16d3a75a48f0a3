package transfer

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"doorman/model"
)

// sampleResets makes resets as a service has them.
func sampleResets(n int) []model.Reset {
	start := time.Date(2026, 3, 2, 0, 0, 51, 473000000, time.UTC)
	agent := "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
	list := make([]model.Reset, n)
	for i := range list {
		at := start.Add(time.Duration(i) * 7 * time.Second)
		list[i] = model.Reset{
			ID: model.NewResetID(fmt.Sprintf("%032x", i+1), model.SchemeSecret), AccountID: fmt.Sprintf("%032x", i%999+1),
			Email: fmt.Sprintf("person%d@example.org", i%999), Created: at, Expires: at.Add(time.Hour),
			RequestedIP: fmt.Sprintf("203.0.113.%d", i%256), RequestedAgent: agent,
		}
		if i%2 == 0 {
			list[i].Used, list[i].UsedIP, list[i].WasUsed = at.Add(3*time.Minute), list[i].RequestedIP, true
		}
	}
	return list
}

func written(tb testing.TB, f Format, resets []model.Reset) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, f, ResetColumns(time.Unix(0, 0)))
	if err != nil {
		tb.Fatal(err)
	}
	for i := range resets {
		if err := w.Write(&resets[i]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkReadResets(b *testing.B) {
	for _, f := range []Format{JSONL, CSV} {
		b.Run(string(f), func(b *testing.B) {
			data := written(b, f, sampleResets(10000))
			b.SetBytes(int64(len(data)))
			rows := 0
			for b.Loop() {
				for _, err := range ReadResets(bytes.NewReader(data), Options{Format: f}) {
					if err != nil {
						b.Fatal(err)
					}
					rows++
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWriteResets(b *testing.B) {
	resets := sampleResets(10000)
	for _, f := range []Format{JSONL, CSV} {
		b.Run(string(f), func(b *testing.B) {
			rows := 0
			for b.Loop() {
				w, err := NewWriter(io.Discard, f, ResetColumns(time.Unix(0, 0)))
				if err != nil {
					b.Fatal(err)
				}
				for i := range resets {
					if err := w.Write(&resets[i]); err != nil {
						b.Fatal(err)
					}
					rows++
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
