package rest

import (
	"tetherd/gateway"
	"tetherd/gateway/filter"
)

// filter returns a filter, or nil if there is none. The errors of filters name
// themselves "filter", so that must be the name of the field.
func (o *object) filter() *filter.Filter {
	b, ok := o.field("filter")
	if !ok {
		return nil
	}
	f, err := filter.Parse(b)
	if err != nil {
		*o.err = gateway.Invalidf("%s%v", o.path, err)
		return nil
	}
	return f
}
