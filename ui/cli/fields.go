package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"doorman/model/query"
)

// fieldFlags is a flag for each field of a filter line, and one for the line
// itself. What they say is one line: flags and lines are read alike.
type fieldFlags struct {
	grammar query.Grammar
	values  map[string]*[]string
	line    string
}

// addTo adds the flags of a language.
func (f *fieldFlags) addTo(cmd *cobra.Command, g query.Grammar) {
	f.grammar, f.values = g, map[string]*[]string{}
	for _, field := range g.Fields {
		v := new([]string)
		f.values[field.Name] = v
		use := field.Use
		if field.List {
			use += ": " + strings.Join(field.Values, ", ")
		}
		cmd.Flags().StringArrayVar(v, field.Name, nil, use)
		if len(field.Values) > 0 {
			_ = cmd.RegisterFlagCompletionFunc(field.Name, cobra.FixedCompletions(field.Values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	cmd.Flags().StringVar(&f.line, "filter", "", "as the filter `LINE` of the console selects, instead of other flags")
}

// isEmpty reports whether no flag selects anything.
func (f *fieldFlags) isEmpty() bool {
	for _, v := range f.values {
		if len(*v) > 0 {
			return false
		}
	}
	return f.line == ""
}

// text is the line that the flags say, or the one that was given.
func (f *fieldFlags) text() (string, error) {
	given := f.given()
	if f.line != "" && given != "" {
		return "", errFilterAlone()
	}
	if f.line != "" {
		return f.line, nil
	}
	return given, nil
}

// given writes the flags as a line. "all" is no bound in time.
func (f *fieldFlags) given() string {
	var words []query.Word
	for _, field := range f.grammar.Fields {
		v := f.values[field.Name]
		if v == nil {
			continue
		}
		value := strings.Join(*v, ",")
		if (field.Name == "since" || field.Name == "until") && value == "all" {
			continue
		}
		words = append(words, query.Word{Field: field.Name, Value: value})
	}
	return query.Join(words...)
}
