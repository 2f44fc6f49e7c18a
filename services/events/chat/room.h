// The rooms of an event, which follow from the game: none is stored. A room's id is that of its event with
// ".table", ".side.<side id>", ".dead" or ".god.<user id>" behind it. Pure.
#ifndef EVENTS_CHAT_ROOM_H
#define EVENTS_CHAT_ROOM_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/ids.h"

enum room_kind { ROOM_TABLE, ROOM_SIDE, ROOM_DEAD, ROOM_GOD, ROOM_KINDS };

enum { ROOM_PART = 48, ROOM_ID = UUID_LEN + 1 + ROOM_PART, ROOM_STREAM = ROOM_ID + 8 };

struct room {
    enum room_kind kind;
    struct uuid event_id;
    struct uuid whose; // the side, or the player whom the god talks with; "" of others
};

struct room_text {
    char text[ROOM_STREAM];
};

// False for what is no id of a room, in the one form that it has.
bool room_parse(struct room *room, const char *id);
struct room_text room_id(const struct room *room);
struct room_text room_part(const struct room *room);   // the id without its event's: "side.<side id>"
struct room_text room_stream(const struct room *room); // of its messages: "chat." and the id

#endif
