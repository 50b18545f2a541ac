package filter

import "slices"

// maxDevices is how many modems a gateway has.
const maxDevices = 250

// device holds if the modem has one of the names.
type device struct{ ids []string }

func parseDevice(o *object) node {
	o.known("type", "device_ids")
	return device{o.texts("device_ids", maxDevices, 128)}
}

func (d device) match(f *Facts, _ bool) bool {
	return slices.ContainsFunc(f.Devices, func(id string) bool { return slices.Contains(d.ids, id) })
}

func (d device) spec() any {
	return struct {
		Type string   `json:"type"`
		IDs  []string `json:"device_ids"`
	}{"device", d.ids}
}
