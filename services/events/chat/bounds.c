#include "services/events/chat/bounds.h"

#include <string.h>

// What the entry adds.
struct more {
    size_t entries; // with the deletion that may follow
    size_t bytes;
};

static struct more more_of(const Chat__Entry *entry)
{
    bool said = entry->body_case == CHAT__ENTRY__BODY_SAID;
    return (struct more){said ? 2 : 1, strlen(said ? entry->said->text : entry->edited->text)};
}

static bool fits_person(const struct talk *talk, const char *user_id, const struct more *more,
                        struct err *err)
{
    const struct writer *writer = talk_writer(talk, user_id);
    if (!writer ||
        (writer->entries < BOUNDS_PERSON_ENTRIES && writer->bytes + more->bytes <= BOUNDS_PERSON_BYTES))
        return true;
    return err_fail(err, LIMIT_REACHED, "you have said all that the room takes of one person");
}

static bool fits_room(const struct talk *talk, bool leads, const struct more *more, struct err *err)
{
    size_t most = TALK_MAX_ENTRIES, most_bytes = TALK_MAX_BYTES;
    if (!leads) {
        most -= BOUNDS_RESERVED_ENTRIES;
        most_bytes -= BOUNDS_RESERVED_BYTES;
    }
    bool fits = talk->deeds_count + talk->standing + more->entries <= most &&
                talk->stored_bytes + more->bytes <= most_bytes;
    return fits || err_fail(err, LIMIT_REACHED, "the room has all the messages it takes");
}

static bool fits_message(const struct talk *talk, const Chat__Entry *entry, struct err *err)
{
    if (entry->body_case != CHAT__ENTRY__BODY_EDITED) return true;
    const struct said *said = talk_find(talk, entry->edited->id);
    return !said || said->revision <= BOUNDS_MESSAGE_CHANGES ||
           err_fail(err, TOO_MANY_CHANGES, "a message is changed %d times", BOUNDS_MESSAGE_CHANGES);
}

bool bounds_check(const struct talk *talk, const Chat__Entry *entry, bool leads, struct err *err)
{
    if (entry->body_case == CHAT__ENTRY__BODY_DELETED) // only what an older program filled is full for it
        return talk->deeds_count < TALK_MAX_ENTRIES ||
               err_fail(err, LIMIT_REACHED, "the room has all the entries it takes");
    const struct more more = more_of(entry);
    return fits_message(talk, entry, err) && (leads || fits_person(talk, entry->actor, &more, err)) &&
           fits_room(talk, leads, &more, err);
}
