package emulator

// Generic is a modem as the standards describe it.
func Generic() Profile {
	return Profile{Name: "generic", Manufacturer: "Generic", Model: "27.005", Revision: "1.0"}
}

// Profiles returns all profiles, the generic one first, the others by family. Each call
// makes new ones. Their names are what configurations and tests call them by.
func Profiles() []Profile {
	return []Profile{
		Generic(),
		HuaweiStick(), ZTE(),
		SIM800(), SIM7600(),
		QuectelEC25(), QuectelM26(),
		UBlox(), Telit(), Cinterion(), Wavecom(), Gobi(),
		Nokia(), SamsungGalaxy(), Pantech(), MotorolaText(),
	}
}

// ProfileNamed returns the profile of a name in [Profiles].
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}
