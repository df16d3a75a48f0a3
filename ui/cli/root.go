package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
)

// Execute runs the command line (without the name of the program) and returns
// the exit status: 0 done, 1 failed, 2 usage or start-up, 3 nothing matched or
// the answer is no, 130 interrupted. It never ends the process. When ctx ends
// the running command stops.
func Execute(ctx context.Context, h Host, args []string) int {
	out := &sink{Writer: h.Stdout}
	h.Stdout = out
	if h.Catch == nil {
		h.Catch = func() {}
	}
	a := &app{Host: h}
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if out.err != nil {
		err = out.problem()
	}
	if err != nil {
		return a.report(ctx, err)
	}
	return exitDone
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "doorman",
		Short: "Look after the password resets of an application",
		Long: `Doorman looks after the password resets of an application: find the attack among
them, see the evidence, stop it, and undo that if it was wrong; find an account, see its
resets, issue one and watch its email go out; and see who did what.

Without a command the console opens. The database is a SQLite file: one that
Doorman made, or one of an application with the tables Account and
PasswordReset, which keeps working beside it. Opening such a database
for the first time adds columns to it, after a verified backup; --read-only
changes nothing. Where there is no database yet, the console first asks what to
begin with.

Exit status: 0 done, 1 failed, 2 usage or start-up, 3 nothing matched or the
answer is no, 130 interrupted.`,
		Example: `  doorman demo                         try it on a throw-away database
  doorman --db app.db                  open the console on a database
  doorman --view resets --filter 'state:live since:1h'
  doorman --db app.db clusters         what looks like an attack, worst first
  doorman --db app.db accounts smith   find an account
  doorman issue smith@example.org      issue a reset and queue its email
  doorman revoke --ip 203.0.113.0/24 --dry-run`,
		Version:       a.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          a.runConsole,
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetVersionTemplate("doorman {{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{err.Error(), c.CommandPath()}
	})
	f := root.PersistentFlags()
	f.StringVar(&a.flags.db, "db", "", "database `FILE`, a path or sqlite:PATH (default: see doorman config show)")
	f.StringVar(&a.flags.config, "config", "", "configuration `FILE`")
	f.StringVar(&a.flags.operator, "operator", "", "`NAME` of the operator, for roles and the audit log (default: the user of the system)")
	f.BoolVar(&a.flags.readOnly, "read-only", false, "change nothing, whatever the command")
	f.BoolVar(&a.flags.accessible, "accessible", false, "the console in lines, without a screen, for screen readers (also: ACCESSIBLE=1)")
	f.StringVar(&a.flags.zone, "db-timezone", "", "`ZONE` in which the times of the database are written, as Europe/Berlin")
	l := root.Flags()
	l.StringVar(&a.link.View, "view", "", "open the console at a `VIEW`, as resets or cluster")
	l.StringVar(&a.link.Filter, "filter", "", "with the filter `LINE` in force: 'state:live agent:curl'")
	l.StringVar(&a.link.Select, "select", "", "with the record `ID` selected")
	l.StringVar(&a.link.Window, "window", "", "with the clusters of the last `SPAN`: 1h, 24h, 7d or 90d")
	a.addCommands(root)
	return root
}

// addCommands registers every command, in the order of the help.
func (a *app) addCommands(root *cobra.Command) {
	groups := []*cobra.Group{
		{ID: groupInspect, Title: "Inspect:"}, {ID: groupAct, Title: "Act:"}, {ID: groupApp, Title: "Application:"},
		{ID: groupMaintain, Title: "Maintenance:"}}
	root.AddGroup(groups...)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			wordArgs(c)
			root.AddCommand(c)
		}
	}
	add(groupInspect, a.demoCommand(), a.clustersCommand(), a.clusterCommand(), a.blocksCommand(), a.checkIPCommand(), a.casesCommand(), a.accountsCommand(), a.accountCommand(), a.resetsCommand(),
		a.batchesCommand(), a.outboxCommand(), a.auditCommand())
	add(groupAct, a.containCommand(), a.blockCommand(), a.allowCommand(), a.unblockCommand(), a.caseCommand(), a.issueCommand(), a.revokeCommand(), a.holdCommand(), a.releaseCommand(),
		a.undoCommand(), a.deliverCommand())
	add(groupApp, a.requestCommand(), a.redeemCommand())
	add(groupMaintain, a.importCommand(), a.exportCommand(), a.dbCommand(), a.mailCommand(), a.configCommand(), a.doctorCommand(),
		a.keysCommand(), a.manCommand(), a.versionCommand(), a.benchCommand())
	root.SetHelpCommandGroupID(groupMaintain)
	root.SetCompletionCommandGroupID(groupMaintain)
}

// wordArgs has the commands without commands below them tell how they are used
// when there are too few or too many arguments.
func wordArgs(c *cobra.Command) {
	for _, sub := range c.Commands() {
		wordArgs(sub)
	}
	check := c.Args
	if check == nil || c.HasSubCommands() {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		err := check(c, args)
		if err == nil || !isCobraUsage(err) {
			return err
		}
		use := strings.TrimSuffix(c.UseLine(), " [flags]")
		if use == c.CommandPath() {
			return &usageError{use + " takes no arguments", use}
		}
		return &usageError{c.Name() + " is used as " + use, c.CommandPath()}
	}
}

// The groups of commands in the help.
const (
	groupInspect  = "inspect"
	groupAct      = "act"
	groupApp      = "application"
	groupMaintain = "maintenance"
)

func (a *app) runConsole(cmd *cobra.Command, _ []string) error {
	if !a.Terminal("stdin") || !a.Terminal("stdout") {
		return &model.Error{Kind: model.Invalid, Text: "the console needs a terminal",
			Hint: "doorman --help lists the commands that work without one"}
	}
	if a.CheckLink != nil {
		if err := a.CheckLink(a.link); err != nil {
			return err
		}
	}
	o, err := a.consoleOptions(cmd)
	switch {
	case err != nil:
		return err
	case a.needsGuide(o):
		return a.runGuide(cmd, o)
	}
	return a.openConsole(cmd, o)
}

// consoleOptions works out what the console opens.
func (a *app) consoleOptions(cmd *cobra.Command) (OpenOptions, error) {
	o, err := a.options(cmd)
	if err != nil {
		return o, startError{err}
	}
	o.Link, o.Program = a.link, a.program(o)
	o.Create, o.NeedKey = a.ownPlace(o), !o.ReadOnly
	return o, nil
}

// openConsole runs the console until the operator quits.
func (a *app) openConsole(cmd *cobra.Command, o OpenOptions) error {
	switch {
	case a.isPlain():
		return a.runPlain(cmd, o)
	case a.Console == nil:
		return unavailable("the console")
	}
	if err := a.Console(cmd.Context(), o); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return cmd.Context().Err()
}
