package ws

import "io"

// Parse reads a message as a connection does, and returns its id and what is wrong with it.
func Parse(data []byte) (id string, err error) {
	m, err := parse(data)
	if err == nil {
		err = m.check()
	}
	return m.ID, err
}

// Refusal is how a connection answers a message that is wrong.
func Refusal(id string, err error) []byte { return refusal(quote(id), "invalid", err.Error()) }

// FrameLengths is a reader of frames that shows no length which cannot be.
func FrameLengths(in io.Reader) io.Reader { return &frameLengths{in: in} }
