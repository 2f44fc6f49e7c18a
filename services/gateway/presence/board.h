// Who follows one event, by tabs: pages and programs of users. Those of this process are counted (visits.h);
// those of others are as they told them. Pure: the time is an argument, monotonic unless it says unix.
#ifndef GATEWAY_PRESENCE_BOARD_H
#define GATEWAY_PRESENCE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ids.h"
#include "services/gateway/presence/visits.h"

enum {
    BOARD_TABS = 2048,   // of one event, here; further ones are not shown, but for one that nobody follows by
    BOARD_PEOPLE = 4096, // of all processes
    BOARD_LEAVES_MS = 10 * 1000, // who leaves is there for so long, since they may come back
    BOARD_LIFE_MS = 45 * 1000,   // what another process told counts for so long
};

// As another process told it.
struct board_tab {
    struct uuid user_id;
    uint64_t tab;
    bool here, away;
    int64_t said_ms;
};

struct board {
    struct visitors *visitors; // of all boards
    struct visit *visits;
    size_t count;  // of tabs
    bool gave_way; // somebody is gone because they are at too many events
    struct board_tab *others;
    size_t others_count, others_room;
    int64_t others_ms; // when they were told
};

struct board_person {
    struct uuid user_id;
    uint8_t state; // events.Presence.State: CONNECTED or AWAY
};

struct board_people {
    struct board_person *list; // malloc'd; by id
    size_t count;
};

void board_finish(struct board *board);
bool board_is_empty(const struct board *board);
// A connection, of who may see the event. LIMIT_REACHED when there are too many tabs of others.
MUST_CHECK bool board_come(struct board *board, const char *user_id, uint64_t tab, struct err *err);
void board_go(struct board *board, const char *user_id, uint64_t tab, int64_t now_ms);
bool board_has(const struct board *board,
               const char *user_id); // came, or said something, and is not forgotten
struct board_saying {
    const char *user_id;
    uint64_t tab;
    bool away;
    int64_t unix_ms;
};
MUST_CHECK bool board_say(struct board *board, const struct board_saying *saying, int64_t now_ms,
                          struct err *err);
// Forgets who has been gone for long enough, and what others told too long ago. Returns when there will be
// something to forget; 0: never. *changed: something was.
int64_t board_expire(struct board *board, int64_t now_ms, bool *changed);

// What other processes are told; malloc'd. And what they told: all of it at once, between begin and end.
uint8_t *board_pack(const struct board *board, size_t *len);
void board_hear_begin(struct board *board, int64_t now_ms);
void board_hear(struct board *board, const uint8_t *part, size_t len);

// Of all processes. False without memory.
MUST_CHECK bool board_people(const struct board *board, struct board_people *people);
bool board_people_equal(const struct board_people *a, const struct board_people *b);
// Between processes: as they were when a night began.
uint8_t *board_people_pack(const struct board_people *people, size_t *len);
MUST_CHECK bool board_people_unpack(struct board_people *people, const uint8_t *bytes, size_t len);
void board_people_free(struct board_people *people);

#endif
