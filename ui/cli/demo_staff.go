package cli

import (
	"context"
	"sync"
	"time"

	"doorman/model"
	"doorman/model/traffic"
)

// making is how far the made-up service has come.
type making struct {
	store  Store
	staff  model.Act
	people *people
	now    time.Time

	service *traffic.Service // nil until it is drawn

	mu   sync.Mutex
	step string
}

// progress says what is being made up, "" when all is there.
func (m *making) progress() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.step
}

func (m *making) enter(step string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.step = step
}

// begin makes up the service and brings in what was requested from a moment on.
func (m *making) begin(ctx context.Context, d demo, recent time.Time) error {
	defer m.enter("")
	m.enter(model.Plural(d.accounts, "account"))
	m.service = traffic.New(traffic.Options{Seed: d.seed, Accounts: d.accounts, Resets: d.resets, End: m.now, Quiet: d.quiet})
	if _, err := m.store.ImportAccounts(ctx, m.staff, m.service.Accounts(), model.ImportOptions{}); err != nil {
		return err
	}
	m.enter("the last day of requests")
	if err := importBetween(ctx, m.store, m.staff, m.service, recent, m.now); err != nil {
		return err
	}
	m.enter("what colleagues did")
	if err := m.help(ctx); err != nil {
		return err
	}
	return m.judge(ctx)
}

// The colleagues of the person who watches the demo: every act below is by one of them.
const (
	colleague = "sam"
	onCall    = "robin"
)

func (m *making) as(operator, reason string) model.Act {
	act := m.staff
	act.Operator, act.Reason = operator, reason
	return act
}

// help does what people ask the staff for, so that outbox and audit log show
// every outcome: emails that go out, one that the relay refuses for good and one
// that it defers, a link that was revoked, an account that is held.
func (m *making) help(ctx context.Context) error {
	page, err := m.store.ListAccounts(ctx, model.AccountFilter{Sort: model.ByAccountCreated, Paging: model.Paging{Limit: 6}})
	if err != nil {
		return err
	}
	for i, account := range page.Items {
		switch i {
		case 2:
			_, err = m.store.Hold(ctx, m.as(onCall, "owner reports a strange email"), account.ID)
		case 3:
			var issued model.Issued
			if issued, err = m.issue(ctx, account, ""); err == nil {
				_, err = m.store.Revoke(ctx, m.as(colleague, "wrong person"), model.RevokeOrder{IDs: []model.ResetID{issued.Reset.ID}})
			}
		case 4:
			_, err = m.issue(ctx, account, "550")
		case 5:
			_, err = m.issue(ctx, account, "451")
		default:
			_, err = m.issue(ctx, account, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// issue issues a reset whose email the relay treats as the fault says.
func (m *making) issue(ctx context.Context, account model.AccountRow, fault string) (model.Issued, error) {
	m.people.breakFor(account.Email, fault)
	return m.store.Issue(ctx, m.as(colleague, "called the help desk"), model.IssueOrder{AccountID: account.ID})
}

// judge does what the one on call decided: the office whose passwords ran out is
// an exception, and the second cluster is being looked at.
func (m *making) judge(ctx context.Context) error {
	for _, c := range m.service.Crowds() {
		if c.Kind == traffic.Office {
			act := m.as(onCall, "office: all passwords ran out on one day")
			if _, err := m.store.SetRule(ctx, act, model.Rule{Prefix: c.Network, Action: model.Allow, Reason: act.Reason}); err != nil {
				return err
			}
			break
		}
	}
	clusters, err := m.store.Clusters(ctx, model.ClusterFilter{Since: m.now.Add(-reportWindow)})
	if err != nil || len(clusters) < 2 {
		return err
	}
	c, subject := clusters[1], inWords(&clusters[1])
	if c.Account != "" {
		account, err := m.store.FindAccount(ctx, c.Account)
		if err != nil {
			return err
		}
		subject = "account " + account.Email
	}
	_, err = m.store.SetCase(ctx, m.as(onCall, ""), c.Key, model.CaseAcknowledged, "wrote to the owner", subject)
	return err
}
