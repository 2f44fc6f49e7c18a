// People's present names, levels, suspensions, wallets and phones, from auth's stream auth.names. They are
// kept in two tables of the service's store, so that it starts and serves without auth, and in memory.
// Nothing that has to stay as it was rests on them: people change their names, and names their people.
// Thread-safe.
#ifndef LIB_NAMES_NAMES_H
#define LIB_NAMES_NAMES_H

#include "lib/base/ids.h"
#include "lib/bus/consumer.h"
#include "lib/store/store.h"
#include "names.pb-c.h"

#define NAMES_STREAM "auth.names"

// The room's table, for a service's list, behind BUS_CONSUMED: so a dump of a store in use has no place that
// is ahead of its names.
#define NAMES_TABLE                                                                                          \
    {                                                                                                        \
        .name = "names", .type = &names__row__descriptor, .key = "user_id", .version = 1                     \
    }

enum { NAME_CHARS = 32, NAME_WALLET = 48 };

// What of an account is not to be used: bits.
enum names_opt_out {
    NAMES_NO_RATING = 1, // shown to others
    NAMES_NO_TIPS = 2,
    NAMES_NO_SUGGESTIONS = 4,
    NAMES_NO_LLM = 8, // messages read by a language model
};

struct bus_keys;
struct names;

struct names_options {
    struct store *store;
    const struct store_table *table, *consumed; // of the store
    bool wallets; // which wallets are linked is kept too, and who has a verified phone
};

MUST_CHECK bool names_open(struct names **names, const struct names_options *options, struct err *err);
void names_close(struct names *names); // after names_unfollow; NULL is fine

struct names_source {
    Conse__Asker__Value self; // which program follows
    const char *bus, *feed;   // auth's addresses
    struct bus_keys *bus_keys;
};

// Follows auth, whether it is running or not, on a thread of its own.
MUST_CHECK bool names_follow(struct names *names, const struct names_source *source, struct err *err);
void names_unfollow(struct names *names); // NULL is fine
// What else is kept for a user goes with their account: called before its deletion is taken in, and again
// after a crash in between. Set before anything is learned; blocks.
typedef bool names_forget(void *arg, const char *user_id, struct err *err);
void names_on_deletion(struct names *names, names_forget *forget, void *arg);
// Applies a page of auth.names; blocks until it is durable. The follower calls it.
MUST_CHECK bool names_learn(struct names *names, const struct bus_batch *batch, struct err *err);

// ---- One user. Who is not found by a copy that is not fresh may be known to auth all the same.

struct name_told {
    struct uuid user_id;
    char username[NAME_CHARS + 1];
    uint32_t level;             // auth.Level.Value
    int64_t suspended_until_ms; // 0: not suspended; INT64_MAX: without end
    char wallet[NAME_WALLET];   // that is linked, if wallets are kept; "": none
    bool verified;              // they have a verified phone; the same
    uint32_t opted_out;         // enum names_opt_out
};

// What auth has told of a user; who has a name, in any case. False when auth has told of nobody like that, or
// the account was deleted.
MUST_CHECK bool names_get(struct names *names, const char *user_id, struct name_told *told);
MUST_CHECK bool names_look_up(struct names *names, const char *username, struct name_told *told);
// The same of who has a wallet, if wallets are kept.
MUST_CHECK bool names_by_wallet(struct names *names, const char *wallet, struct name_told *told);
// Whether they have opted out of one of these; whose account is gone has, and who is not known has not.
bool names_opted_out(struct names *names, const char *user_id, uint32_t of);
// Whether auth has told of the account's deletion.
bool names_is_deleted(struct names *names, const char *user_id);
// The same from the moment on that what is kept for them goes, before the deletion is taken in. Who has
// written something of theirs then takes it back.
bool names_is_leaving(struct names *names, const char *user_id);
// Whether auth was heard within two seconds, and all that it had to tell then is known here.
bool names_are_fresh(const struct names *names);

// ---- Many at once

// Of one user, whose account may be deleted.
struct bearer {
    struct uuid user_id;
    char name[NAME_CHARS + 1];
    bool outdone; // another user had this name later; this user's new name is still to come
    bool deleted; // the account; its name says so
    bool leaving; // it is about to be
    uint32_t level;
    uint64_t generation;        // of auth's store when it said so
    int64_t suspended_until_ms; // as in name_told
    char wallet[NAME_WALLET];   // the same
    bool verified;              // the same
    uint32_t opted_out;         // enum names_opt_out
    uint64_t change;            // the one of names_changes that gave them the name: no other name has it
};

// Grows when somebody gets another name: what was made of names before may be out of date. Never 0.
uint64_t names_changes(const struct names *names);
// The same when somebody's rating is not to be shown any more, or is again.
uint64_t names_rating_changes(const struct names *names);
// Between these two nothing changes. They stand close together: nobody learns meanwhile.
void names_hold(struct names *names);
void names_release(struct names *names);
// By id, and by the present name in any case; NULL when auth has told of nobody like that. Called between
// names_hold and names_release, and borrowed until then.
const struct bearer *names_bearer(const struct names *names, const char *user_id);
const struct bearer *names_holder(const struct names *names, const char *name);

#endif
