// The events that somebody follows, watches, or said something of, in this process. Under the lock of
// presence.
#ifndef GATEWAY_PRESENCE_PLACE_H
#define GATEWAY_PRESENCE_PLACE_H

#include <pthread.h>
#include <sodium.h>

#include "lib/cache/redis/gathering.h"
#include "lib/thread/periodic.h"
#include "services/gateway/presence/board.h"
#include "services/gateway/presence/presence.h"
#include "services/gateway/stream/names.h"

struct place {
    struct name name;
    struct place *next, **link; // all
    char event_id[UUID_LEN + 1];
    struct board board;
    unsigned watchers;
    bool changed;               // since it was looked at
    bool looking;               // the thread tells others of it, without the lock
    bool hints;                 // something else than people is another, or what was asked for is no more
    bool known;                 // others were asked, or there are none, or they can't be
    int64_t due_ms, asked_ms;   // to be looked at; when others were asked. Monotonic
    struct board_people people; // as it was hinted at
    uint64_t night_ms;
    int64_t night_heard_ms;
    struct board_people frozen;
    bool frozen_known, keeps; // to be kept for all, or asked for
    bool tried;               // that was, in vain
};

struct presence {
    struct presence_options options;
    struct gathering *gathering; // of the thread; NULL: not shared
    struct periodic *thread;
    bool away;            // the cache, for the log
    pthread_mutex_t lock; // of what follows
    struct names names;
    struct place *places;
    struct visitors visitors;
    uint8_t key[crypto_shorthash_KEYBYTES];
    int64_t worked_ms; // of the thread
};

struct place *place_find(struct presence *presence, const char *event_id); // NULL: there is none
void place_drop(struct presence *presence, struct place *place);

// rounds.c: what the thread does. Returns when it is to be done again, in ms.
int64_t presence_work(void *presence);

#endif
