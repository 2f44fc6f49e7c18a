// Messages and rooms as their readers see them. In the arena; NULL when it is full.
#ifndef EVENTS_CHAT_SHOW_H
#define EVENTS_CHAT_SHOW_H

#include "services/events/chat/rights.h"
#include "services/events/chat/rooms.h"

// For whom.
struct reader {
    struct events *events;
    const struct game *game; // with names
    const struct talk *talk;
    const char *part;    // the room, without its event's id
    const char *user_id; // "": what is said to all alike
    bool moderates;
    bool past_keeping;  // texts are kept no more
    int64_t horizon_ms; // what was changed later is not shown; 0: everything is
    struct arena *arena;
};

Events__Message *show_message(const struct reader *reader, const struct said *said);
// Who may not be in the game, by their present name.
Events__Person *show_person(const struct reader *reader, const char *user_id, const char *username_then);
// Without cursor and unread.
Events__Room *show_room(const struct reader *reader, const struct room *room, const struct room_right *right,
                        int64_t now_ms);

#endif
