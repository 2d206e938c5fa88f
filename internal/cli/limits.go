package cli

// The numbers of the commands.
const (
	// maxFile bounds a venue's file, in bytes: what is larger was not written by hand.
	maxFile = 4 << 20
	// ballastBytes is memory of the server that is never touched, and so costs none. The garbage collector runs when the heap has doubled;
	// without it, that is many times a second for a busy server that has little in memory. More would save more of its time, but lets more
	// garbage lie.
	ballastBytes = 8 << 20

	// demoDays is how many days ahead the demo's calendars have some bookings in them.
	demoDays = 7
	// demoClients is how many customers of the demo book side by side.
	demoClients = 16
)
