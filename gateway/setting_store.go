package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"
)

// settingSettings is where the settings that somebody changed are kept.
const settingSettings = "settings"

// settings is what holds: what was stored, over what is configured.
type settings struct {
	configured Settings
	changed    func(Settings) // may be nil
	log        zerolog.Logger

	saving sync.Mutex // held while they are altered
	now    atomic.Pointer[settingsState]
}

// settingsState does not change.
type settingsState struct {
	Settings
	stored overrides
}

// overrides are stored values by settingKey.path.
type overrides map[string]json.RawMessage

// Settings returns what holds now.
func (g *Gateway) Settings() Settings { return g.settings.now.Load().Settings }

// SettingDocument is settings as the API has them: values by their names, by their
// sections.
type SettingDocument map[string]map[string]any

// SettingsShown returns the settings that may be shown, and where each comes from,
// secrets as well: "stored" or "configured".
func (g *Gateway) SettingsShown() (values, sources SettingDocument) {
	state := g.settings.now.Load()
	values, sources = make(SettingDocument), make(SettingDocument)
	for i := range settingKeys {
		k := &settingKeys[i]
		source := "configured"
		if _, ok := state.stored[k.path()]; ok {
			source = "stored"
		}
		sources.set(k, source)
		if !k.secret {
			values.set(k, k.show(&state.Settings))
		}
	}
	return values, sources
}

// set adds a value; nil makes room for none.
func (d SettingDocument) set(k *settingKey, v any) {
	if d[k.section] == nil {
		d[k.section] = make(map[string]any)
	}
	if v != nil {
		d[k.section][k.name] = v
	}
}

// ChangeSettings stores what a document of the API says: all of it, or nothing if any
// of it is wrong. Null stands for what is configured; for the lifetime of messages, for
// ever. Unknown names are passed over. The error is of code [Invalid].
//
// With replace, settings that it does not name become what is configured. Who writes
// back what was read changes nothing, though: what is never shown stays, and what is
// not shown because there is none is none if the rest of its section is there.
func (g *Gateway) ChangeSettings(ctx context.Context, doc map[string]json.RawMessage, replace bool) error {
	s := &g.settings
	s.saving.Lock()
	defer s.saving.Unlock()
	stored := maps.Clone(s.now.Load().stored)
	if replace {
		for i := range settingKeys {
			if k := &settingKeys[i]; !k.secret {
				delete(stored, k.path())
			}
		}
	}
	if err := stored.take(doc, replace); err != nil {
		return err
	}
	changed := stored.unlike(s.now.Load().stored)
	if len(changed) == 0 {
		return nil
	}
	b, err := json.Marshal(stored)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	if err := g.commit(ctx, Change{Settings: map[string]string{settingSettings: string(b)}}); err != nil {
		return fmt.Errorf("store settings: %w", err)
	}
	g.log.Info().Strs("settings", changed).Msg("settings were changed")
	return nil
}

// unlike returns the settings that are not the same in both, in their order.
func (o overrides) unlike(other overrides) (paths []string) {
	for i := range settingKeys {
		path := settingKeys[i].path()
		now, is := o[path]
		before, was := other[path]
		if is != was || !bytes.Equal(now, before) {
			paths = append(paths, path)
		}
	}
	return paths
}

// take adds what doc says. On an error some of it was added.
func (o overrides) take(doc map[string]json.RawMessage, replace bool) error {
	sections := make(map[string]map[string]json.RawMessage)
	for i := range settingKeys {
		k := &settingKeys[i]
		section, ok := sections[k.section]
		if raw := doc[k.section]; !ok && raw != nil {
			if err := json.Unmarshal(raw, &section); err != nil {
				return Invalidf("Invalid request: Failed to import %s: it must be an object", k.section)
			}
		}
		sections[k.section] = section
		raw, ok := k.find(section)
		if err := k.try(raw); ok && err != nil {
			return Invalidf("Invalid request: Failed to import %s: %s %v", k.section, k.words(), err)
		}
		switch null := !ok || string(raw) == "null"; {
		case !null:
			o[k.path()] = raw
		case replace && section != nil && k.none != nil, ok && k.forever:
			o[k.path()] = json.RawMessage("null")
		case ok:
			delete(o, k.path())
		}
	}
	return nil
}

// find returns the value of k in its section; the name as it is documented wins over
// other spellings.
func (k *settingKey) find(section map[string]json.RawMessage) (json.RawMessage, bool) {
	if v, ok := section[k.name]; ok {
		return v, true
	}
	for _, name := range slices.Sorted(maps.Keys(section)) {
		if k.is(name) {
			return section[name], true
		}
	}
	return nil, false
}

// try returns what is wrong with a value.
func (k *settingKey) try(raw json.RawMessage) error {
	switch {
	case string(raw) == "null":
		return nil
	case len(raw) > maxSettingBytes:
		return fmt.Errorf("must have at most %d bytes", maxSettingBytes)
	}
	return k.set(new(Settings), settingValue(raw))
}

// words is the name of k for people: "Limit value" for limit_value.
func (k *settingKey) words() string {
	return strings.ToUpper(k.name[:1]) + strings.ReplaceAll(k.name[1:], "_", " ")
}

// over returns configured with what is stored. What cannot be read any more is left
// out, and noted.
func (o overrides) over(configured Settings, log zerolog.Logger) Settings {
	for i := range settingKeys {
		k := &settingKeys[i]
		raw, ok := o[k.path()]
		switch {
		case !ok:
		case string(raw) == "null" && k.none != nil:
			k.none(&configured)
		default:
			if err := k.set(&configured, settingValue(raw)); err != nil {
				log.Warn().Str("setting", k.path()).Err(err).Msg("stored setting cannot be used, using the configured one")
			}
		}
	}
	return configured
}

// loadSettings reads what is stored over what is configured.
func (g *Gateway) loadSettings() error {
	configured := DefaultSettings()
	if g.Options.Settings != nil {
		configured = *g.Options.Settings
	} else {
		configured.Messages.Selection, configured.Webhooks.SigningKey = g.Routing.Selection, g.SigningKey
	}
	m := &configured.Messages
	m.Selection, m.Order, m.LimitPeriod = cmp.Or(m.Selection, SelectFree), cmp.Or(m.Order, FIFO), cmp.Or(m.LimitPeriod, NoLimit)
	g.settings.configured, g.settings.changed, g.settings.log = configured, g.SettingsChanged, g.log
	text, err := g.store.Setting(settingSettings)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	g.settings.set(text)
	return nil
}

// set makes stored values hold.
func (s *settings) set(text string) {
	stored := make(overrides)
	if text != "" {
		if err := json.Unmarshal([]byte(text), &stored); err != nil {
			s.log.Error().Err(err).Msg("stored settings cannot be read, using the configured ones")
			stored = make(overrides)
		}
	}
	s.now.Store(&settingsState{Settings: stored.over(s.configured, s.log), stored: stored})
}

// noteSettings brings what holds up to date with a stored Change.
func (g *Gateway) noteSettings(c Change) {
	text, ok := c.Settings[settingSettings]
	if !ok {
		return
	}
	g.settings.set(text)
	g.reconsider()
	if g.settings.changed != nil {
		g.settings.changed(g.Settings())
	}
	g.Kick()
}
