package desk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"

	"vacancy/internal/booking"
)

// Repeat makes a command safe to retry: of all calls with the same key, by the same actor on the same route, only the first that
// succeeds has an effect, and the others get its answer. The zero Repeat asks for none of that.
type Repeat struct {
	// Key is the caller's Idempotency-Key.
	Key string
	// Route names the call.
	Route string
	// Request is the SHA-256 of what is asked. Another request under the same key is refused.
	Request [sha256.Size]byte
}

// maxKeyLength bounds an idempotency key, in bytes.
const maxKeyLength = 255

func (r Repeat) validate() error {
	if len(r.Key) > maxKeyLength {
		return booking.NewInvalid("Idempotency-Key", "must have at most %d characters", maxKeyLength)
	}
	return nil
}

func (r Repeat) answerKey(a booking.Actor) booking.AnswerKey {
	return booking.NewAnswerKey(a, r.Route, r.Key)
}

// remember keeps the outcome for repeats. It is sealed under the idempotency key, of which the store has only a hash: the manage
// token in it cannot be read from the database.
func (d *draft) remember(key booking.AnswerKey, r Repeat, made Outcome) error {
	plain, err := encodeOutcome(made)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	sealer, err := r.sealer()
	if err != nil {
		return err
	}
	sealed := sealer.Seal(nil, nil, plain, key[:]) //nolint:gosec // the AEAD makes its own random nonce
	answer := booking.Answer{Key: key, Request: r.Request, Sealed: sealed, CreatedAt: d.now}
	if d.answers == nil {
		d.answers = make(map[booking.AnswerKey]booking.Answer)
	}
	d.answers[key] = answer
	d.fresh = append(d.fresh, answer)
	return nil
}

// open is the outcome that was remembered, if this is a repeat of the same request.
func (r Repeat) open(answer booking.Answer) (made Outcome, err error) {
	if answer.Request != r.Request {
		return Outcome{}, booking.ErrIdempotencyMismatch
	}
	sealer, err := r.sealer()
	if err != nil {
		return Outcome{}, err
	}
	plain, err := sealer.Open(nil, nil, answer.Sealed, answer.Key[:])
	if err != nil {
		return Outcome{}, fmt.Errorf("open a stored answer: %w", err)
	}
	if made, err = decodeOutcome(plain); err != nil {
		return Outcome{}, fmt.Errorf("decode a stored answer: %w", err)
	}
	return made, nil
}

// sealer encrypts under a key derived from the idempotency key, with a random nonce in front.
func (r Repeat) sealer() (cipher.AEAD, error) {
	secret := sha256.Sum256([]byte("vacancy answer\x00" + r.Key))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
