// Who may read and write in a room: a function of the game, the viewer, the room and the time, and nothing
// else. rights.c has the table. To who may not read a room it does not exist. Pure.
#ifndef EVENTS_CHAT_RIGHTS_H
#define EVENTS_CHAT_RIGHTS_H

#include "lib/base/err.h"
#include "services/events/chat/room.h"
#include "services/events/game/game.h"

enum { ROOM_GOD_CLOSES_MS = 24 * 3600 * 1000 }; // after the end: the rooms of the god and one player

struct room_viewer {
    const char *user_id; // "" for nobody
    bool dev, god;       // of this level, or a higher one
};

struct room_right {
    bool exists;              // the room, for whomever
    bool read, write;         // write only with read
    bool quiet;               // lives, at night: that they do anything where they don't write would show
    bool moderates;           // leads the event, also when it is over: deletes, mutes, slows
    Conse__Reason__Value why; // not to write, when it may be read; else 0
    int64_t since_ms;         // only what was said from then on is read; 0: everything
    int64_t behind_ms;        // and only what was said so long ago; 0: at once
    int person;               // who the viewer is in the game; GAME_NO_ONE for others
};

struct room_right room_right(const struct game *game, const struct room_viewer *viewer,
                             const struct room *room, int64_t now_ms);
// Why the viewer may not write: err of room_right's why.
bool room_refuse(const struct room_right *right, struct err *err);

// The rooms that the viewer may read, at most ROOMS_MOST; returns how many.
enum { ROOMS_MOST = GAME_MAX_SIDES + GAME_MAX_SEATS + 2 };
size_t rooms_of(const struct game *game, const struct room_viewer *viewer, int64_t now_ms,
                struct room rooms[ROOMS_MOST]);

#endif
