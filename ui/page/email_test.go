package page

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"

	"doorman/model"
)

// captures is a capture server with one answer for every Message-ID.
type captures []byte

func (c captures) Raw(string) ([]byte, bool) { return c, len(c) > 0 }

const (
	linkID     = "0123456789abcdef0123456789abcdef"
	linkSecret = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYm-"
	otherID    = "fedcba9876543210fedcba9876543210"
)

// rawLetter is a letter as it goes over the wire: its text quoted-printable with
// the link broken by soft line ends, its HTML in base64, a third part bare.
func rawLetter() captures {
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	_, _ = w.Write([]byte("Hello,\n\nplease follow this rather long sentence: https://example.org/reset/" + linkID + "." + linkSecret + "\n"))
	_ = w.Close()
	html := base64.StdEncoding.EncodeToString([]byte(`<a href="https://example.org/reset/` + linkID + "." + linkSecret + `">link</a>`))
	return captures("From: help@example.org\r\nTo: ada.000@example.org\r\nSubject: =?utf-8?q?Set_a_new_password?=\r\nMessage-ID: <" + strings.Repeat("a", 32) + "@doorman.invalid>\r\n" +
		"X-Link: https://example.org/reset/" + otherID + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=sep\r\n\r\n" +
		"--sep\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + qp.String() + "\r\n" +
		"--sep\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + html + "\r\n" +
		"--sep\r\nContent-Type: text/plain\r\n\r\nhttps://example.org/reset/" + otherID + " and in pieces https://example.org/reset/" + linkID[:20] + "\r\n" + linkID[20:] + "." + linkSecret + "\r\n--sep--\r\n")
}

func captureEnv(m *memory, c captures) *Env {
	e := testEnv(m)
	e.Captured = c
	return e
}

func TestLetter(t *testing.T) {
	atSizes(t, func(t *testing.T, w, h int) {
		m := postbag()
		at := func(i int) Open { return Open{View: "email", Ref: m.letters[i].ID} }
		t.Run("queued", func(t *testing.T) { drive(t, postbag(), at(0), w, h).golden() })
		t.Run("sent", func(t *testing.T) { drive(t, postbag(), at(2), w, h).golden() })
		t.Run("failed", func(t *testing.T) { drive(t, postbag(), at(3), w, h).golden() })
		t.Run("captured", func(t *testing.T) {
			m := postbag()
			driveEnv(t, captureEnv(m, rawLetter()), m, at(2), w, h).press("tab").golden()
		})
		t.Run("cancel", func(t *testing.T) { drive(t, postbag(), at(0), w, h).press("x").golden() })
		t.Run("gone", func(t *testing.T) { drive(t, &memory{}, at(0), w, h).golden() })
	})
}

// No view of a letter shows its link, however the link was written.
func TestNoViewShowsTheLink(t *testing.T) {
	for _, size := range [][2]int{{80, 20}, {60, 16}, {200, 300}} {
		m := postbag()
		d := driveEnv(t, captureEnv(m, rawLetter()), m, Open{View: "email", Ref: m.letters[2].ID}, size[0], size[1])
		if size[1] == 300 {
			d.press("tab").sees("01234567…[hidden]").sees("fedcba98…[hidden]").sees("Subject: Set a new password").sees("in pieces and is not shown")
		}
		for range 3 {
			d.press("g")
			for range 60 {
				for _, secret := range []string{linkSecret, linkSecret[:12], linkSecret[20:32], linkID[8:20], linkID[20:], otherID[8:20], "Zm9vYmFyYmF6"} {
					d.misses(secret)
				}
				d.press("j")
			}
			if d.page.(*email).single() == "" {
				d.press("tab")
			}
		}
	}
}

func TestALetterThatCannotBeReadIsNotShown(t *testing.T) {
	for _, raw := range []string{
		"no email at all " + linkID + "." + linkSecret,
		"Content-Transfer-Encoding: base64\r\n\r\n!!!" + linkID + "." + linkSecret,
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + linkID + "." + linkSecret,
		"Content-Type: text/plain; charset=utf-16\r\n\r\n" + strings.Join(strings.Split(linkID+"."+linkSecret, ""), "\x00"),
	} {
		if got := masked([]byte(raw)); strings.Contains(got, linkID[8:20]) || strings.Contains(got, linkSecret[:12]) {
			t.Errorf("%q is shown as %q", raw, got)
		}
	}
}

func TestRetryFromTheLetter(t *testing.T) {
	m := postbag()
	drive(t, m, Open{View: "email", Ref: m.letters[4].ID}, 100, 30).press("r").sees("1 email").press("y").acts("retry 1").sees("◷ queued")
}

func TestALetterOnItsWayIsLeftAlone(t *testing.T) {
	m := postbag()
	m.letters[1].NextTry = testNow().Add(model.MinLifetime)
	d := drive(t, m, Open{View: "email", Ref: m.letters[1].ID}, 100, 30).press("x", "r").acts()
	if len(d.toasts) != 2 || d.toasts[0].Text != "the email is sending" {
		t.Errorf("said %v", d.toasts)
	}
}

// However a letter is built, the link that stands in it whole is not shown.
func FuzzMasked(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\nlink "), "quoted-printable")
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"), "base64")
	f.Fuzz(func(t *testing.T, before []byte, encoding string) {
		token := linkID + "." + linkSecret
		for _, raw := range []string{string(before) + token, "Content-Transfer-Encoding: " + encoding + "\r\n\r\n" + string(before) + " " + token,
			string(before) + base64.StdEncoding.EncodeToString([]byte(token))} {
			if got := masked([]byte(raw)); strings.Contains(got, linkSecret) || strings.Contains(got, linkID) {
				t.Fatalf("%q is shown as %q", raw, got)
			}
		}
	})
}
