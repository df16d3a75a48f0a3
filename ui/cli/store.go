package cli

import (
	"context"
	"iter"
	"net/netip"

	"doorman/model"
	"doorman/model/detect"
)

// Store is what the commands need of the database.
type Store interface {
	accountStore
	resetStore
	gate
	batchStore
	triage
	judge
	ruleStore
	caseStore
	outbox
	auditLog
	exchange
	upkeep
}

type accountStore interface {
	ListAccounts(ctx context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error)
	FindAccount(ctx context.Context, ref string) (model.AccountRow, error)
	Hold(ctx context.Context, act model.Act, accountID string) (model.Batch, error)
	Release(ctx context.Context, act model.Act, accountID string) (model.Batch, error)
}

type resetStore interface {
	ListResets(ctx context.Context, f model.ResetFilter) (model.Page[model.Reset], error)
	FindReset(ctx context.Context, ref string) (model.Reset, error)
	Issue(ctx context.Context, act model.Act, o model.IssueOrder) (model.Issued, error)
	PlanRevoke(ctx context.Context, o model.RevokeOrder) (model.Plan, error)
	Revoke(ctx context.Context, act model.Act, o model.RevokeOrder) (model.Batch, error)
}

// gate is what an application calls through the command line.
type gate interface {
	Request(ctx context.Context, act model.Act, o model.RequestOrder) error
	Redeem(ctx context.Context, act model.Act, o model.RedeemOrder) (accountID string, err error)
}

type batchStore interface {
	ListBatches(ctx context.Context, f model.BatchFilter) (model.Page[model.Batch], error)
	FindBatch(ctx context.Context, ref string) (model.Batch, error)
	Undo(ctx context.Context, act model.Act, batchID string) (model.Undone, error)
}

// judge tells how much of the resets the clusters rest on.
type judge interface {
	ClusterReading() model.ClusterReading
	ReadClusters(ctx context.Context, progress func(model.ClusterReading)) error
}

type triage interface {
	Clusters(ctx context.Context, f model.ClusterFilter) ([]detect.Cluster, error)
	FindCluster(ctx context.Context, key string) (detect.Cluster, error)
	ReplayClusters(ctx context.Context, c detect.Config, f model.ClusterFilter) ([]detect.Cluster, error)
	PlanContain(ctx context.Context, o model.ContainOrder) (model.ContainPlan, error)
	Contain(ctx context.Context, act model.Act, o model.ContainOrder) (model.Batch, error)
}

type ruleStore interface {
	ListRules(ctx context.Context, f model.RuleFilter) (model.Page[model.Rule], error)
	PlanBlock(ctx context.Context, r model.Rule) (model.ContainPlan, error)
	SetRule(ctx context.Context, act model.Act, r model.Rule) (model.Batch, error)
	LiftRule(ctx context.Context, act model.Act, prefix netip.Prefix) (model.Batch, error)
	CheckIP(ctx context.Context, a netip.Addr) (model.Rule, bool, error)
}

type caseStore interface {
	ListCases(ctx context.Context, f model.CaseFilter) (model.Page[model.Case], error)
	FindCase(ctx context.Context, key string) (model.Case, error)
	SetCase(ctx context.Context, act model.Act, key string, state model.CaseState, note, subject string) (model.Batch, error)
}

type outbox interface {
	ListLetters(ctx context.Context, f model.LetterFilter) (model.Page[model.Letter], error)
	FindLetter(ctx context.Context, ref string) (model.Letter, error)
	CountLetters(ctx context.Context) (map[model.LetterState]int, error)
	RetryLetters(ctx context.Context, act model.Act, ids []string) (int, error)
	CancelLetters(ctx context.Context, act model.Act, ids []string) (int, error)
}

type auditLog interface {
	ListAudit(ctx context.Context, f model.AuditFilter) (model.Page[model.AuditEntry], error)
	VerifyAudit(ctx context.Context, progress func(done int64)) (model.AuditEntry, error)
	AuditHead(ctx context.Context) (note string, err error)
	VerifyHead(ctx context.Context, note string) error
	HoldsHead(ctx context.Context, note string) error
}

type exchange interface {
	ImportAccounts(ctx context.Context, act model.Act, in iter.Seq2[model.AccountInput, error], o model.ImportOptions) (model.ImportReport, error)
	ImportResets(ctx context.Context, act model.Act, in iter.Seq2[model.ResetInput, error], o model.ImportOptions) (model.ImportReport, error)
	ExportAccounts(ctx context.Context, f model.AccountFilter, row func(model.AccountRow) error) error
	ExportResets(ctx context.Context, f model.ResetFilter, row func(model.Reset) error) error
	LogExport(ctx context.Context, act model.Act, what string, n int) error
}

type upkeep interface {
	Info(ctx context.Context) (model.StoreInfo, error)
	Check(ctx context.Context) ([]model.Check, error)
	Backup(ctx context.Context, path string) error
}
