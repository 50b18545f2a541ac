package format

import (
	"net/url"

	"tetherd/gateway"
)

// standard is the format of Standard Webhooks 1.0.0. The data are those of
// smsgate.
var standard = Format{
	Name: gateway.FormatStandard, Title: "Standard Webhooks", Timeout: usualTimeout, Retries: usualRetries,
	render: func(v *View) (object, error) {
		data, err := v.deviceData()
		return object{{"type", str(v.name)}, {"timestamp", utcMillis(v.at)}, {"data", data}}, err
	},
}

// cloudEvents is the JSON format of CloudEvents 1.0.2, in structured mode: in
// binary mode the attributes would be headers, which no signature covers.
var cloudEvents = Format{
	Name: gateway.FormatCloudEvents, Title: "CloudEvents", Timeout: usualTimeout, Retries: usualRetries,
	contentTypes: []string{"application/cloudevents+json", contentTypeJSON},
	render: func(v *View) (object, error) {
		source := "/devices/" + url.PathEscape(v.DeviceID)
		if v.Modem != "" {
			source += "/modems/" + url.PathEscape(v.Modem)
		}
		o := object{
			{"specversion", str("1.0")},
			{"id", str(v.ID)},
			{"source", str(source)},
			{"type", str(v.name)},
		}
		o = addText(o, "subject", v.MessageID)
		data, err := v.payload()
		return append(o,
			member{"time", utcMillis(v.at)},
			member{"datacontenttype", str(contentTypeJSON)},
			member{"data", data}), err
	},
}

// deviceData returns the payload with the id of the gateway.
func (v *View) deviceData() (object, error) {
	data, err := v.payload()
	return append(data, member{"deviceId", str(v.DeviceID)}), err
}
