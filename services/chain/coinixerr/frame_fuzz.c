// Whatever a peer sends, in whatever pieces: what is found lies within what came, and the inbox never
// overflows. The first byte of the input says how large the pieces are.
#include "services/chain/coinixerr/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void demand_true(bool holds)
{
    if (!holds) abort();
}

static bool drain_inbox(struct coinixerr_inbox *inbox, size_t count)
{
    const uint8_t *message;
    size_t length;
    enum coinixerr_found found = coinixerr_inbox_take(inbox, count, &message, &length);
    for (; found == COINIXERR_MESSAGE; found = coinixerr_inbox_take(inbox, 0, &message, &length)) {
        struct coinixerr_transaction transaction;
        demand_true(length > 0 && length <= COINIXERR_MESSAGE_MAX);
        demand_true(message >= inbox->bytes && message + length <= inbox->bytes + inbox->count);
        if (coinixerr_decode(&transaction, message, length)) demand_true(length <= COINIXERR_BYTES_MAX);
        coinixerr_inbox_drop(inbox, length);
    }
    return found == COINIXERR_NOTHING;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct coinixerr_inbox inbox = {.count = 0};
    size_t piece = size ? 1 + bytes[0] * 4u : 1;
    for (size_t at = 1, count; at < size; at += count) {
        size_t room = coinixerr_inbox_room(&inbox);
        demand_true(room > 0);
        count = size - at < piece ? size - at : piece;
        if (count > room) count = room;
        memcpy(inbox.bytes + inbox.count, bytes + at, count);
        if (!drain_inbox(&inbox, count)) break;
    }
    return 0;
}
