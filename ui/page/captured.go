package page

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A captured letter holds the link. The capture is the operator's own, but what
// is on a screen can be photographed and scrolled back to: the link's secret is
// never shown, wherever and however it is written.

const (
	maxCaptured  = 256 << 10 // bytes of a part that are shown
	maxPartDepth = 5
)

// masked writes a captured letter for reading: headers as they came, bodies
// decoded, and every id and secret that could be one of a link hidden. What
// cannot be decoded is left out, because what is hidden in it cannot be told.
func masked(raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "This email cannot be parsed. It is not shown, because it may hold a link."
	}
	var b strings.Builder
	writeHeader(&b, textproto.MIMEHeader(m.Header))
	writePart(&b, textproto.MIMEHeader(m.Header), m.Body, 0)
	return b.String()
}

// writeHeader writes headers in the order of their names: the order of the
// letter is lost in reading.
func writeHeader(b *strings.Builder, h textproto.MIMEHeader) {
	names := make([]string, 0, len(h))
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		for _, v := range h[n] {
			if d, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
				v = d
			}
			if n != "Message-Id" {
				v = hide(v)
			}
			b.WriteString(n + ": " + v + "\n")
		}
	}
	b.WriteByte('\n')
}

// writePart writes a body, or every part of it.
func writePart(b *strings.Builder, h textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") && depth < maxPartDepth {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				if !errors.Is(err, io.EOF) {
					b.WriteString("[the rest cannot be read]\n")
				}
				return
			}
			b.WriteString("──── part ────\n")
			writeHeader(b, p.Header)
			writePart(b, p.Header, p, depth+1)
		}
	}
	text, err := io.ReadAll(io.LimitReader(decoded(h.Get("Content-Transfer-Encoding"), body), maxCaptured))
	if err != nil {
		b.WriteString("[this part cannot be decoded and is not shown]\n")
		return
	}
	b.WriteString(strings.TrimRight(hide(strings.ReplaceAll(string(text), "\r\n", "\n")), "\n") + "\n\n")
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

const hidden = "[hidden]"

// hide replaces what could be the token of a link: an id of 32 hex characters,
// with or without a secret behind it. Should one be spread over lines, or
// written with signs between, the whole text goes.
func hide(text string) string {
	token := regexp.MustCompile(`(?i)[0-9a-f]{32}((\.|%2e)[a-z0-9_-]+)?`)
	text = token.ReplaceAllStringFunc(text, func(s string) string { return s[:8] + "…" + hidden })
	packed := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '=' || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if regexp.MustCompile(`(?i)[0-9a-f]{32}`).MatchString(packed) {
		return "[this text holds a link in pieces and is not shown]"
	}
	return regexp.MustCompile(`[A-Za-z0-9_-]{43,}`).ReplaceAllString(text, hidden)
}
