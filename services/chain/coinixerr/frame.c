#include "services/chain/coinixerr/frame.h"
#include "services/chain/fields.h"

#include <string.h>

// Of a transaction, by which of its three optional fields there are. No bare one begins with bytes that are
// one of these numbers: they would be its type and the lower part of its amount.
static const uint16_t LENGTHS[] = {334, 342, 402, 410, 475, 483, 543, 551};

static size_t read_length(const uint8_t *bytes)
{
    struct fields_reader reader = {bytes, COINIXERR_PREFIX, false};
    return fields_get_uint(&reader, COINIXERR_PREFIX);
}

static bool is_length(size_t length)
{
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++)
        if (LENGTHS[i] == length) return true;
    return false;
}

size_t coinixerr_inbox_room(const struct coinixerr_inbox *inbox)
{
    size_t most = inbox->form == COINIXERR_BARE ? COINIXERR_MESSAGE_MAX : COINIXERR_FRAME_MAX;
    return most - inbox->count;
}

static enum coinixerr_found find_framed(const struct coinixerr_inbox *inbox, const uint8_t **message,
                                        size_t *length)
{
    if (inbox->count < COINIXERR_PREFIX) return COINIXERR_NOTHING;
    *length = read_length(inbox->bytes);
    *message = inbox->bytes + COINIXERR_PREFIX;
    if (!is_length(*length)) return COINIXERR_BROKEN;
    return inbox->count < COINIXERR_PREFIX + *length ? COINIXERR_NOTHING : COINIXERR_MESSAGE;
}

static enum coinixerr_form form_of(const struct coinixerr_inbox *inbox)
{
    if (inbox->count < COINIXERR_PREFIX) return COINIXERR_UNKNOWN;
    return is_length(read_length(inbox->bytes)) ? COINIXERR_FRAMED : COINIXERR_BARE;
}

enum coinixerr_found coinixerr_inbox_take(struct coinixerr_inbox *inbox, size_t count,
                                          const uint8_t **message, size_t *length)
{
    inbox->count += count;
    if (!inbox->form) inbox->form = form_of(inbox);
    if (inbox->form == COINIXERR_FRAMED) return find_framed(inbox, message, length);
    if (inbox->form == COINIXERR_UNKNOWN || !inbox->count) return COINIXERR_NOTHING;
    *message = inbox->bytes;
    *length = inbox->count;
    return inbox->count <= COINIXERR_MESSAGE_MAX ? COINIXERR_MESSAGE : COINIXERR_BROKEN;
}

void coinixerr_inbox_drop(struct coinixerr_inbox *inbox, size_t length)
{
    size_t gone = length + (inbox->form == COINIXERR_FRAMED ? COINIXERR_PREFIX : 0);
    inbox->count -= gone;
    memmove(inbox->bytes, inbox->bytes + gone, inbox->count);
}

size_t coinixerr_frame(enum coinixerr_form form, const void *answer, size_t length,
                       uint8_t bytes[COINIXERR_FRAME_MAX])
{
    struct fields_writer writer = {bytes};
    if (form == COINIXERR_FRAMED) fields_put_uint(&writer, length, COINIXERR_PREFIX);
    fields_put(&writer, answer, length);
    return (size_t)(writer.at - bytes);
}
