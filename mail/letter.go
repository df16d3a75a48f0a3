package mail

import (
	"fmt"
	"io"
	"net/mail"
	"time"
)

// Mail is one finished letter with its link. Text and HTML hold the secret;
// printing a Mail shows neither.
type Mail struct {
	From      mail.Address
	ReplyTo   mail.Address // zero: none
	To        string
	Subject   string
	Text      string
	HTML      string
	MessageID string // without angle brackets
	Date      time.Time

	secrets []string // what must not come back in an answer of the relay
}

// String names the letter without its content.
func (m Mail) String() string { return "mail <" + m.MessageID + ">" }

// Format keeps every verb from printing the link.
func (m Mail) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// MarshalText keeps the link out of JSON and logs.
func (m Mail) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
