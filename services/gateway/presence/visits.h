// Who is at which events, by tabs, in this process: users with their visits, each of one event. So a user is
// found at once, and takes no more than their share: where one has too many, the oldest gives way. Under the
// lock of presence.
#ifndef GATEWAY_PRESENCE_VISITS_H
#define GATEWAY_PRESENCE_VISITS_H

#include <sodium.h>

#include "lib/base/ids.h"
#include "services/gateway/stream/names.h"

enum {
    VISITS_OF_USER = 32,    // events
    VISIT_TABS = 16,        // of a user at one event
    VISITS_MOST = 64 * 1024 // of all
};

struct board;

struct visit_tab {
    uint64_t tab; // 0: none
    uint32_t connections;
    bool was_here; // had a connection
    bool away;
    int64_t said_ms;  // unix: that they are away, or back
    int64_t since_ms; // without a connection; monotonic
};

struct visitor {
    struct name name;
    struct uuid user_id;
    struct visit *visits; // the newest first
    size_t count;
};

struct visit {
    struct visitor *visitor;
    struct board *board;
    struct visit *next_of;      // its visitor's
    struct visit *next, **link; // its board's
    struct visit_tab *tabs;     // the oldest first
    size_t count, room;
};

struct visitors {
    struct names users;
    size_t visits;
    uint8_t key[crypto_shorthash_KEYBYTES]; // of the users' names
};

void visitors_finish(struct visitors *visitors);                          // when all boards are
struct visit *visit_find(const struct board *board, const char *user_id); // NULL: there is none
// A new one, without tabs. NULL: there is no room. One of the user's at another board may give way; that
// board is told by gave_way.
struct visit *visit_make(struct board *board, const char *user_id);
void visit_drop(struct visit *visit);

struct visit_tab *visit_find_tab(const struct visit *visit, uint64_t tab); // NULL: there is none
struct visit_tab *visit_add_tab(struct visit *visit,
                                uint64_t tab);         // the oldest may give way; NULL: no memory
void visit_remove_tab(struct visit *visit, size_t at); // the visit stays

#endif
