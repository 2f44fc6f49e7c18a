#include "services/events/chat/room.h"

#include <stdio.h>
#include <string.h>

static const char *const names[ROOM_KINDS] = {"table", "side", "dead", "god"};

static bool has_owner(enum room_kind kind) { return kind == ROOM_SIDE || kind == ROOM_GOD; }

static bool take_id(struct uuid *id, const char *text)
{
    memcpy(id->text, text, UUID_LEN);
    id->text[UUID_LEN] = 0;
    return uuid_check(id->text);
}

static bool room_parse_kind(struct room *room, const char *part)
{
    for (int kind = 0; kind < ROOM_KINDS; kind++) {
        size_t len = strlen(names[kind]);
        if (strncmp(part, names[kind], len) != 0) continue;
        room->kind = (enum room_kind)kind;
        if (!has_owner(room->kind)) return part[len] == 0;
        return part[len] == '.' && strlen(part + len + 1) == UUID_LEN &&
               take_id(&room->whose, part + len + 1);
    }
    return false;
}

bool room_parse(struct room *room, const char *id)
{
    *room = (struct room){.kind = ROOM_TABLE};
    size_t len = strnlen(id, ROOM_ID);
    return len > UUID_LEN && len < ROOM_ID && id[UUID_LEN] == '.' && take_id(&room->event_id, id) &&
           room_parse_kind(room, id + UUID_LEN + 1);
}

struct room_text room_part(const struct room *room)
{
    struct room_text part;
    snprintf(part.text, sizeof part.text, "%s%s%s", names[room->kind], room->whose.text[0] ? "." : "",
             room->whose.text);
    return part;
}

struct room_text room_id(const struct room *room)
{
    struct room_text id, part = room_part(room);
    snprintf(id.text, sizeof id.text, "%s.%.*s", room->event_id.text, ROOM_PART, part.text);
    return id;
}

struct room_text room_stream(const struct room *room)
{
    struct room_text stream, id = room_id(room);
    snprintf(stream.text, sizeof stream.text, "chat.%.*s", ROOM_ID, id.text);
    return stream;
}
