// People's present names, levels and suspensions, from auth's stream auth.names. They are kept in a table, so
// that events starts and serves without auth, and in memory. Views of a game use them; nothing that is stored
// or hashed of a game does. Thread-safe.
#ifndef EVENTS_NAMES_NAMES_H
#define EVENTS_NAMES_NAMES_H

#include "lib/bus/consumer.h"
#include "lib/store/store.h"
#include "services/events/game/game.h"

#define NAMES_STREAM "auth.names"

struct bus_keys;
struct names;

MUST_CHECK bool names_open(struct names **names, struct store *store, struct err *err);
void names_close(struct names *names); // after names_unfollow; NULL is fine

struct names_source {
    const char *bus, *feed; // auth's addresses
    struct bus_keys *bus_keys;
};

// Follows auth, whether it is running or not, on a thread of its own.
MUST_CHECK bool names_follow(struct names *names, const struct names_source *source, struct err *err);
void names_unfollow(struct names *names);
// What else is kept for a user goes with their account: called before its deletion is taken in, and again
// after a crash in between. Set before anything is learned; blocks.
typedef bool names_forget(void *arg, const char *user_id, struct err *err);
void names_on_deletion(struct names *names, names_forget *forget, void *arg);
// Whether auth has told of the account's deletion.
bool names_is_deleted(struct names *names, const char *user_id);
// Applies a page of auth.names; blocks until it is durable. The follower calls it.
MUST_CHECK bool names_learn(struct names *names, const struct bus_batch *batch, struct err *err);

// Gives the game's people, its god and the assistants their present names, no two alike: a name that is
// unknown, or now another's, or looks like an earlier player's, gets a mark behind it. Call it before the
// game is shown; it is cheap when nothing is new.
void names_show(struct names *names, struct game *game);
// The present name of one user, "" when auth has told of none; with the mark when it is now another's.
void names_of(struct names *names, const char *user_id, char name[PERSON_NAME]);

// Who has a name, in any case; what auth has told of a user. False when auth has told of nobody like that, or
// the account was deleted.
struct name_told {
    struct uuid user_id;
    char username[33];
    uint32_t level;             // auth.Level.Value
    int64_t suspended_until_ms; // 0: not suspended
};
MUST_CHECK bool names_get(struct names *names, const char *user_id, struct name_told *told);
MUST_CHECK bool names_find(struct names *names, const char *username, struct name_told *told);

enum names_standing { NAMES_GOD, NAMES_NO_GOD, NAMES_UNKNOWN };

// Whether the user may lead events now; who is suspended may not. UNKNOWN: nothing was heard of them, and
// auth may still have news.
enum names_standing names_standing(struct names *names, const char *user_id, int64_t now_ms);

#endif
