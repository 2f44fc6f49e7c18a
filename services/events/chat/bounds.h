// How much a room takes: altogether, of one person, and of one message. What is left when others have filled
// it is for who leads the event, and each message has room for its deletion from the start. Pure.
#ifndef EVENTS_CHAT_BOUNDS_H
#define EVENTS_CHAT_BOUNDS_H

#include "lib/base/err.h"
#include "services/events/chat/talk.h"

enum {
    BOUNDS_PERSON_ENTRIES = 2000,    // messages and changes of one person
    BOUNDS_PERSON_BYTES = 512 << 10, // of their texts, with those that were replaced or deleted
    BOUNDS_MESSAGE_CHANGES = 20,     // of one message
    BOUNDS_RESERVED_ENTRIES = 5000,  // for who leads the event; they have no share of their own
    BOUNDS_RESERVED_BYTES = 1 << 20,
};

// Whether the room takes the entry, whose actor leads its event or does not.
MUST_CHECK bool bounds_check(const struct talk *talk, const Chat__Entry *entry, bool leads, struct err *err);

#endif
