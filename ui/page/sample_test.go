package page

import (
	"fmt"
	"time"

	"doorman/model"
)

// sample is a store with a few accounts in every state, one with a long history,
// and text from outside that would break a careless screen.
func sample() *memory {
	m := &memory{now: testNow}
	names := []string{"ada", "grace", "edsger", "barbara", "donald", "margaret", "ken", "radia", "dennis", "hedy"}
	for i := range 120 {
		name := names[i%len(names)]
		a := model.Account{ID: fmt.Sprintf("%08x%024x", i*2654435761%(1<<32), i), Email: fmt.Sprintf("%s.%03d@example.org", name, i),
			Created: testNow().Add(-time.Duration(i) * 26 * time.Hour), EmailConfirmed: i%7 != 3}
		m.accounts = append(m.accounts, a)
	}
	m.accounts[4].Held, m.accounts[4].HeldBy = testNow().Add(-3*time.Hour), "grace"
	m.accounts = append(m.accounts, model.Account{ID: "0a0b0c0d" + fmt.Sprintf("%024x", 7), Email: "bad\x1b[31m\u202egro.elpmaxe@example.org", EmailConfirmed: true})
	for i := range 40 {
		m.resets = append(m.resets, sampleReset(m.accounts[i%10], i))
	}
	for i := range 6 {
		r := &m.resets[i*3]
		r.Letter = model.LetterStates()[i]
		m.letters = append(m.letters, model.Letter{ID: fmt.Sprintf("%032x", 0xa0000+i), Kind: model.LetterIssued, ResetID: r.ID, AccountID: r.AccountID,
			To: r.Email, State: r.Letter, Attempts: i, Created: r.Created, Expires: r.Expires, MessageID: fmt.Sprintf("%032x@doorman.invalid", 0xb0000+i)})
	}
	return m
}

// sampleReset is the i-th reset of the sample, in a state that follows from i.
func sampleReset(a model.Account, i int) model.Reset {
	created := testNow().Add(-time.Duration(i*i) * 3 * time.Minute)
	r := model.Reset{ID: model.NewResetID(fmt.Sprintf("%08x%024x", (i+1)*40503*7919%(1<<32), i), model.SchemeSecret), AccountID: a.ID, Email: a.Email,
		Created: created, Expires: created.Add(time.Hour), RequestedIP: fmt.Sprintf("203.0.113.%d", 7+i), RequestedAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}
	switch i % 8 {
	case 1:
		r.Used, r.WasUsed, r.UsedIP, r.UsedAgent = created.Add(4*time.Minute), true, r.RequestedIP, r.RequestedAgent
	case 2:
		r.Revoked, r.RevokedBy, r.RevokeReason, r.WasUsed = created.Add(time.Minute), "grace", "flood", true
	case 3:
		r.RequestedIP, r.RequestedAgent = "2001:db8:4:5::9", "curl/8\r\x1b]0;owned\x07"
	case 4:
		r.IssuedBy, r.RequestedIP, r.RequestedAgent = "ada", "", ""
	}
	return r
}
