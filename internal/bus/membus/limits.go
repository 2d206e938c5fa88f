package membus

// defaultQueue is how many events wait for a subscriber before publishers do: a full batch fits while another is worked on.
const defaultQueue = 2000
