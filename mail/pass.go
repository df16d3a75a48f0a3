package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorman/model"
)

// closingTime bounds what is done for the record after ctx has ended, and
// finishTries how often an outbox that is busy is asked to take it.
const (
	closingTime = 5 * time.Second
	finishTries = 3
)

// Emails that the relay refuses for our settings, one recipient at a time, are
// tried again after holdBack while others go out, and given up after heldAtMost.
const (
	holdBack   = time.Minute
	heldAtMost = model.MaxLifetime
)

// batch claims what is due, if this console is the sender, and works through
// it. The error is trouble that concerns every letter: where the relay refuses
// single recipients, that needs a batch of which it took none.
func (c *Courier) batch(ctx context.Context) (sent int, err error) {
	mine, err := c.takeSender(ctx)
	if err != nil || !mine {
		return 0, err
	}
	letters, err := c.outbox.ClaimLetters(ctx, c.o.Owner, batchSize, lease)
	if err != nil {
		return 0, fmt.Errorf("claim emails: %w", err)
	}
	if len(letters) == 0 {
		c.say("idle", c.held(), time.Time{})
		return 0, nil
	}
	c.say("sending", c.held(), time.Time{})
	mails, err := c.write(letters)
	var refused []model.Letter
	var refusal error
	began := c.o.Now()
	for i, l := range letters {
		m := mails[i]
		switch {
		case m.done:
		case err != nil || ctx.Err() != nil || c.o.Now().Sub(began) > batchTime:
			c.finish(ctx, l, model.Outcome{State: model.Queued, Err: waitsFor(err)})
		default:
			var took bool
			if took, err = c.send(ctx, l, m.mail); took {
				sent++
			}
			if isLone(err) {
				refused, refusal, err = append(refused, l), err, nil
			}
		}
	}
	c.hold(ctx, refused, refusal, sent > 0 || err != nil)
	if err == nil && sent == 0 {
		err = refusal
	}
	return sent, err
}

// hold ends the attempts of emails that were refused for our settings. Where
// others go out, they are tried again later, and longest for a day.
func (c *Courier) hold(ctx context.Context, letters []model.Letter, refusal error, others bool) {
	for _, l := range letters {
		o := model.Outcome{State: model.Queued, Err: waitsFor(refusal)}
		switch {
		case c.o.Now().Sub(l.Created) >= heldAtMost:
			o = model.Outcome{State: model.Undeliverable, Err: "given up after a day: " + reasonOf(refusal)}
		case others:
			o.NextTry = c.o.Now().Add(holdBack)
			c.refusal, c.refusedAt = refusal, c.o.Now()
		}
		c.finish(ctx, l, o)
	}
}

// held says that emails are held back while others go out, or "".
func (c *Courier) held() error {
	if c.refusal == nil || c.o.Now().Sub(c.refusedAt) > 2*holdBack {
		c.refusal = nil
	}
	return c.refusal
}

func isLone(err error) bool {
	var s *SendError
	return errors.As(err, &s) && s.Lone()
}

// waitsFor is what an email that has to wait says about it.
func waitsFor(err error) string {
	var s *SendError
	if errors.As(err, &s) {
		return s.reason()
	}
	return ""
}

// takeSender becomes or stays the only sender. The lease is renewed when less
// of it is left than a batch may take, so that waiting hardly ever writes.
func (c *Courier) takeSender(ctx context.Context) (bool, error) {
	now := c.o.Now()
	if c.leased.Sub(now) > batchTime+sendTime {
		return true, nil
	}
	mine, err := c.outbox.TakeSender(ctx, c.o.Owner, lease)
	if err != nil {
		return false, fmt.Errorf("take sender: %w", err)
	}
	if !mine {
		c.leased = time.Time{}
		c.say("standby", &model.Error{Text: "another console sends"}, time.Time{})
		return false, nil
	}
	c.leased = now.Add(lease)
	return true, nil
}

// written is a letter that is ready to go, or that is already finished.
type written struct {
	mail Mail
	done bool
}

// write makes all letters of a batch before the first is sent. A letter that
// cannot be written is given up. But when no link of any letter fits, it is the
// key that is wrong: that is everybody's trouble and no letter's fault.
func (c *Courier) write(letters []model.Letter) ([]written, error) {
	out := make([]written, len(letters))
	faults := make([]error, len(letters))
	for i, l := range letters {
		out[i].mail, faults[i] = c.press.Write(l)
		if faults[i] == nil && l.Kind == model.LetterIssued {
			c.keyGood = true
		}
	}
	var trouble error
	for i, l := range letters {
		switch {
		case faults[i] == nil:
		case errors.Is(faults[i], ErrWrongKey) && !c.keyGood:
			trouble = faults[i]
		default:
			out[i].done = true
			c.finish(context.Background(), l, model.Outcome{State: model.Undeliverable, Err: faults[i].Error()})
		}
	}
	return out, trouble
}

// send hands one letter to the postman and records what became of it. The error
// is trouble that concerns every letter.
func (c *Courier) send(ctx context.Context, l model.Letter, m Mail) (took bool, trouble error) {
	if c.expired(l) {
		c.finish(ctx, l, model.Outcome{State: model.Undeliverable, Err: "the reset expired before the email could be sent"})
		return false, nil
	}
	sctx, cancel := context.WithTimeout(ctx, sendTime)
	reply, err := c.postman.Send(sctx, m)
	cancel()
	c.lastUse = c.o.Now()
	if isLone(err) && ctx.Err() == nil {
		return false, err // the rest of the batch tells whether it concerns others
	}
	o := c.outcome(ctx, l, reply, err)
	c.finish(ctx, l, o)
	switch o.State {
	case model.Sent:
		c.mu.Lock()
		c.status.SentTotal, c.status.LastSentAt = c.status.SentTotal+1, c.o.Now()
		c.mu.Unlock()
	case model.Queued:
		return false, err
	}
	c.troubles = 0
	return o.State == model.Sent, nil
}

// outcome decides what follows from an attempt. Queued means that it does not
// count.
func (c *Courier) outcome(ctx context.Context, l model.Letter, reply string, err error) model.Outcome {
	var s *SendError
	known := errors.As(err, &s)
	switch {
	case err == nil:
		return model.Outcome{State: model.Sent, Reply: reply}
	case ctx.Err() != nil:
		return model.Outcome{State: model.Queued}
	case known && s.Trouble():
		return model.Outcome{State: model.Queued, Err: s.reason()}
	case known && s.Permanent():
		return model.Outcome{State: model.Undeliverable, Err: s.Error()}
	case known:
		return c.again(l, s.Error())
	}
	c.o.Fault(fmt.Errorf("send email %s: %w", l.ID, err))
	return c.again(l, reasonOf(err))
}

func (c *Courier) expired(l model.Letter) bool {
	return l.Kind == model.LetterIssued && !l.Expires.IsZero() && !c.o.Now().Before(l.Expires)
}

// again decides when a letter is tried next, if ever: full jitter over a span
// that doubles with each attempt, but once more before its link expires.
func (c *Courier) again(l model.Letter, reason string) model.Outcome {
	attempt := l.Attempts + 1
	if attempt >= c.o.Attempts {
		return model.Outcome{State: model.Undeliverable, Err: fmt.Sprintf("given up after %d attempts: %s", attempt, reason)}
	}
	now := c.o.Now()
	next := now.Add(jitter(backOffBase, backOffCap, attempt-1, c.o.Random))
	if l.Kind == model.LetterIssued && !l.Expires.IsZero() && !next.Before(l.Expires) {
		left := l.Expires.Sub(now)
		if left < model.MinLifetime {
			return model.Outcome{State: model.Undeliverable, Err: "the reset expires before another attempt: " + reason}
		}
		next = now.Add(left / 2)
	}
	return model.Outcome{State: model.Failed, Err: reason, NextTry: next}
}

// jitter picks a wait in (0, min(limit, base·2^n)], at least a second: "full
// jitter" of M. Brooker, Exponential Backoff And Jitter, AWS 2015.
func jitter(base, limit time.Duration, n int, random func(int64) int64) time.Duration {
	span := limit
	if n < 16 && base<<n < limit {
		span = base << n
	}
	return max(time.Second, time.Duration(random(int64(span)))+1)
}

// finish records an outcome even while the console is closing: a letter that
// the relay took must not be sent again.
func (c *Courier) finish(ctx context.Context, l model.Letter, o model.Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
	defer cancel()
	err := c.outbox.FinishLetter(ctx, c.o.Owner, l.ID, o)
	for try := 1; err != nil && try < finishTries && !model.IsKind(err, model.Conflict) && ctx.Err() == nil; try++ {
		err = c.outbox.FinishLetter(ctx, c.o.Owner, l.ID, o)
	}
	if err != nil {
		c.o.Fault(fmt.Errorf("record email %s: %w", l.ID, err))
		return
	}
	if o.State != model.Queued {
		c.o.Report(l, o)
	}
}

// pause waits after trouble: briefly at first, and from the third time in a row
// from 30 s up to 15 min. Letters keep their attempts.
func (c *Courier) pause(ctx context.Context, cause error) {
	c.work.Lock()
	c.troubles++
	n := c.troubles
	_ = c.postman.Close()
	c.work.Unlock()
	wait := jitter(time.Second, 4*time.Second, n, c.o.Random)
	if n >= breakAfter {
		wait = min(pauseCap, pauseBase<<min(n-breakAfter, 8))
	}
	if isLone(cause) {
		wait = min(wait, holdBack) // what comes next may be for another recipient
	}
	until := c.o.Now().Add(wait)
	c.say("paused", cause, until)
	for ctx.Err() == nil && c.o.Now().Before(until) {
		c.o.Sleep(ctx, until.Sub(c.o.Now()))
	}
}

// reasonOf keeps to what is written for people.
func reasonOf(err error) string {
	var s *SendError
	var m *model.Error
	switch {
	case errors.As(err, &s):
		return s.Error()
	case errors.As(err, &m):
		return m.Error()
	}
	return "something went wrong inside; the log says what"
}
