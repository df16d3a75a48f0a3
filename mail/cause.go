package mail

import (
	"regexp"
	"strings"
)

// Cause is the setting of ours, or the state of the relay, that a refusal comes
// from. "" means that it concerns one email only, or that nothing is known.
type Cause string

// The causes.
const (
	CauseSender   Cause = "sender"   // mail.from may not send, or its domain does not vouch for the relay
	CauseRelaying Cause = "relaying" // the relay delivers to its own domains only, for us
	CauseHello    Cause = "hello"    // the name in EHLO
	CauseLogin    Cause = "login"    // the relay wants a login, or another one
	CauseTLS      Cause = "TLS"      // the relay wants TLS
	CauseAddress  Cause = "address"  // the IP address of this machine is not welcome
	CauseBusy     Cause = "busy"     // too many connections or emails, or a restart
)

// Cause reads a refusal. Relays agree on codes where they can (RFC 3463, RFC
// 5321) and on a few phrases where they cannot: Postfix, for one, refuses a HELO
// name only at RCPT, with the code of a bad recipient.
func (e *SendError) Cause() Cause {
	switch {
	case e.own && e.Step == StepFrom:
		return CauseSender
	case e.Code == codeClosing, e.Step == StepGreet && e.Code >= 400 && e.Code < 500:
		return CauseBusy
	case e.Code < 400 || e.Code > 599:
		return ""
	case e.Step == StepGreet:
		return CauseAddress
	case e.Step == StepHello:
		return CauseHello
	}
	enhanced, words := readReply(e.Text)
	if e.Code < 500 {
		return causeOfDelay(enhanced, words)
	}
	if c := causeOfCode(e.Code, enhanced, words); c != "" {
		return c
	}
	if aboutRecipient(enhanced, words) {
		return ""
	}
	if c := causeOfWords(words); c != "" {
		return c
	}
	if e.Step == StepFrom && !e.international {
		return CauseSender // nothing else was named yet
	}
	return ""
}

// causeOfDelay reads a refusal for now. Postfix denies relaying and refuses names
// that it cannot look up in this way by default, for as long as it lasts.
func causeOfDelay(enhanced, words string) Cause {
	if aboutRecipient("5"+strings.TrimPrefix(enhanced, "4"), words) || has(words, "greylist", "graylist", "grey list", "gray list") {
		return ""
	}
	switch c := causeOfWords(words); c {
	case CauseHello, CauseRelaying, CauseSender, CauseAddress:
		return c
	}
	return ""
}

// readReply splits a reply into its enhanced code ("" without one) and its words
// in lower case, without addresses: those come from outside and prove nothing.
func readReply(text string) (enhanced, words string) {
	words = strings.ToLower(text)
	enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`).FindString(words)
	words = regexp.MustCompile(`<[^>]*>|\S*@\S*`).ReplaceAllString(words[len(enhanced):], " ")
	return enhanced, words
}

func has(words string, any ...string) bool {
	for _, w := range any {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

func causeOfCode(code int, enhanced, words string) Cause {
	switch enhanced {
	case "5.1.7", "5.1.8", "5.7.23", "5.7.24", "5.7.26", "5.7.27", "5.7.60", "5.2.252":
		return CauseSender
	case "5.7.25":
		return CauseAddress
	case "5.7.10", "5.7.11":
		return CauseTLS
	case "5.7.8", "5.7.9", "5.7.57":
		return CauseLogin
	case "5.7.54", "5.7.64":
		return CauseRelaying
	}
	switch code {
	case 530, 534, 535, 538:
		if has(words, "tls", "encrypt") {
			return CauseTLS
		}
		return CauseLogin
	}
	return ""
}

// aboutRecipient reports that a refusal is about the mailbox, whatever else the
// relay says of it.
func aboutRecipient(enhanced, words string) bool {
	switch {
	case enhanced == "5.1.1", enhanced == "5.1.2", enhanced == "5.1.3", enhanced == "5.1.4", enhanced == "5.1.6", enhanced == "5.1.10",
		strings.HasPrefix(enhanced, "5.2."), strings.HasPrefix(enhanced, "5.4."), strings.HasPrefix(enhanced, "5.6."):
		return true
	}
	return has(words, "recipient address rejected", "recipient rejected") && !has(words, "spf", "dmarc")
}

func causeOfWords(words string) Cause {
	switch {
	case has(words, "helo command", "ehlo", "helo name", "invalid helo", "bad helo", "helo rejected", "helo host"):
		return CauseHello
	case has(words, "relay") && has(words, "denied", "permitted", "allowed", "unable", "cannot", "can't", "not relay", "no relay", "refused", "prohibited", "forbidden", "rejected"):
		return CauseRelaying
	case has(words, "sender address", "sender verify", "sender rejected", "sender denied", "sender domain", "sender not", "invalid sender", "unauthorized sender",
		"send as", "sendasdenied", "not verified", "from address", "spf ", "spf:", "dmarc"):
		return CauseSender
	case has(words, "starttls", "tls required", "requires tls", "encryption required", "requires encryption"):
		return CauseTLS
	case has(words, "authenticat", "smtp auth", "auth command", "auth first", "log in first", "login required"):
		return CauseLogin
	case has(words, "client host", "client address", "blocked using", "reverse dns", "ptr record", "reverse hostname"):
		return CauseAddress
	}
	return ""
}

// hint says what to change, or "".
func (c Cause) hint() string {
	switch c {
	case CauseSender:
		return "set mail.from to an address that the relay accepts from this account"
	case CauseRelaying:
		return "the relay passes on emails for its own domains only: log in with mail.username, or have it allow this machine"
	case CauseHello:
		return "set mail.hello to this machine's full name, as host.example.org"
	case CauseLogin:
		return "the relay wants a login: check mail.username and the password"
	case CauseTLS:
		return "the relay wants TLS: set mail.security to starttls or tls"
	case CauseAddress:
		return "the relay refuses this machine's IP address: have it allow the address, or use another mail.host"
	case CauseBusy:
		return "the relay is busy or limits how much it takes; emails wait and go out by themselves"
	}
	return ""
}
