package rabbitbus

import (
	"strconv"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// message is one event as RabbitMQ gets it.
type message struct {
	key        string
	publishing amqp.Publishing
}

// encode makes the messages of a batch, or says which event can be none.
func encode(venue booking.VenueID, events []bus.Event) ([]message, error) {
	messages := make([]message, len(events))
	for i := range events {
		e := &events[i]
		body, err := e.Structured()
		if err != nil { // which may quote the data
			return nil, &bus.RejectedError{Index: i, Reason: "its data is no JSON"}
		}
		m := message{
			key: string(venue) + "." + string(e.Name),
			publishing: amqp.Publishing{
				ContentType: bus.ContentType, DeliveryMode: amqp.Persistent, MessageId: e.ID, Timestamp: e.Time, Type: e.Name.Type(),
				AppId: appID, Body: body,
			},
		}
		// The library gives the connection up when it meets a longer one.
		if max(len(m.key), len(m.publishing.MessageId), len(m.publishing.Type)) > maxShortString {
			return nil, &bus.RejectedError{
				Index: i, Reason: "its id, its type or its routing key is longer than " + strconv.Itoa(maxShortString) + " bytes",
			}
		}
		messages[i] = m
	}
	return messages, nil
}
