package cli

import (
	"context"
	"fmt"
	"time"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/term"
)

// reportWindow is how far back the triage report looks.
const reportWindow = 24 * time.Hour

// reportLines is how many clusters it tells about.
const reportLines = 12

// triageReport prints how the service stands, for a reader without a console.
func (a *app) triageReport(ctx context.Context, store Store, now time.Time) error {
	info, err := store.Info(ctx)
	if err != nil {
		return err
	}
	letters, err := store.CountLetters(ctx)
	if err != nil {
		return err
	}
	clusters, err := store.Clusters(ctx, model.ClusterFilter{Since: now.Add(-reportWindow)})
	if err != nil {
		return err
	}
	out := a.Stdout
	fmt.Fprintf(out, "Doorman triage report, %s\n\naccounts %s, resets %s; emails:", now.Format("2006-01-02 15:04 UTC"),
		countText(info.Accounts), countText(info.Resets))
	for _, s := range model.LetterStates() {
		if letters[s] > 0 {
			fmt.Fprintf(out, " %d %s", letters[s], s)
		}
	}
	fmt.Fprintf(out, "\n\nSuspicious in the last 24 h, worst first: %s\n", count(len(clusters), "cluster"))
	for i, c := range clusters[:min(reportLines, len(clusters))] {
		a.reportCluster(i+1, &c)
	}
	if more := len(clusters) - reportLines; more > 0 {
		fmt.Fprintf(out, "\nand %d more\n", more)
	}
	_, err = fmt.Fprint(out, "\nOn a terminal, doorman demo opens the console on this service, with live traffic.\n")
	return err
}

func (a *app) reportCluster(n int, c *detect.Cluster) {
	fmt.Fprintf(a.Stdout, "\n%2d. %s, score %.0f\n    ", n, term.Show(inWords(c)), c.Score)
	if c.Takeovers > 0 {
		fmt.Fprintf(a.Stdout, "TAKEOVERS %d, ", c.Takeovers)
	}
	fmt.Fprintf(a.Stdout, "%s for %s from %s, %d used, %d live, %s to %s\n", count(c.Requests, "request"), count(c.Accounts, "account"),
		count(c.Addresses, "address"), c.Used, c.Live, c.Start.Format("01-02 15:04"), c.End.Format("01-02 15:04"))
	fmt.Fprintf(a.Stdout, "    why:     %s\n    against: %s\n", term.Show(c.Why), term.Show(c.Against))
}

func countText(c model.Count) string {
	return c.String()
}
