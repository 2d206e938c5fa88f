package doctor

import "vacancy/internal/doctor/facts"

// descriptors: a server may have as many connections as it admits readers.
func descriptors(f *facts.Facts) []Finding {
	m := f.Machine
	if m.DescriptorLimit == 0 {
		return nil
	}
	if m.Connections < f.Settings.MaxReaders {
		return []Finding{found(Warning, linkConnections, "", "a server that is started as this command was has %d connections at most "+
			"(descriptor limit %d), and --max-readers is %d", m.Connections, m.DescriptorLimit, f.Settings.MaxReaders).
			todo("Raise LimitNOFILE of its unit (ulimit -n), or lower --max-readers. That of a service may be another than that of a shell.")}
	}
	return []Finding{found(OK, linkConnections, "", "a server that is started as this command was has up to %d connections", m.Connections)}
}
