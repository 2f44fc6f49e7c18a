// How messages lie in a connection: behind a u32 with their length, little-endian, or each alone in one read.
// Which of the two, a peer says by its first four bytes. Pure.
#ifndef CHAIN_COINIXERR_FRAME_H
#define CHAIN_COINIXERR_FRAME_H

#include "services/chain/coinixerr/coinixerr.h"

enum { COINIXERR_PREFIX = 4, COINIXERR_FRAME_MAX = COINIXERR_PREFIX + COINIXERR_MESSAGE_MAX };

enum coinixerr_form {
    COINIXERR_UNKNOWN, // nothing came yet
    COINIXERR_FRAMED,
    COINIXERR_BARE
};

struct coinixerr_inbox {
    enum coinixerr_form form;
    size_t count;
    uint8_t bytes[COINIXERR_FRAME_MAX];
};

enum coinixerr_found { COINIXERR_NOTHING, COINIXERR_MESSAGE, COINIXERR_BROKEN };

// Room for what is read next; never empty before a message was found.
size_t coinixerr_inbox_room(const struct coinixerr_inbox *inbox);
// After one read put `count` bytes behind inbox->bytes + inbox->count. A message is borrowed until it is
// dropped.
enum coinixerr_found coinixerr_inbox_take(struct coinixerr_inbox *inbox, size_t count,
                                          const uint8_t **message, size_t *length);
// What came behind the message stays; take with 0 bytes looks at it.
void coinixerr_inbox_drop(struct coinixerr_inbox *inbox, size_t length);

// An answer in the form of the peer; returns its length.
size_t coinixerr_frame(enum coinixerr_form form, const void *answer, size_t length,
                       uint8_t bytes[COINIXERR_FRAME_MAX]);

#endif
