package modem

import (
	"fmt"

	"tetherd/gateway"
)

// recordFault has the recorder save what led to a part not being sent. That the
// modem was not ready, or that the gateway stops, is no fault worth keeping.
func (m *Modem) recordFault(o *gateway.Outgoing, i int, fault error) {
	e, ok := fault.(*gateway.SendError)
	if !ok || e.Fate == gateway.NotSent && e.Action == gateway.Wait && e.Code == "" {
		return
	}
	m.o.Recorder.Fail(fmt.Sprintf("message %s, part %d of %d %s: %s %s", o.MessageID, i+1, len(o.Segments), e.Fate, e.Text, e.Code))
}
