// Classes of viewers: two of one class see the same entries of an event, under the same numbers. And who came
// into another class, by which entry. Pure.
#ifndef EVENTS_GAME_CLASSES_H
#define EVENTS_GAME_CLASSES_H

#include "lib/base/ids.h"
#include "services/events/game/audience.h"
#include "game.pb-c.h"

struct game;

enum class_kind {
    CLASS_PUBLIC,
    CLASS_LATE,   // where the god shows the game late; also before its first phase, when nothing is late yet
    CLASS_GOD,    // who leads
    CLASS_WHOLE,  // a dev that leads follows the chain: what is hidden comes as leaves
    CLASS_OPENED, // everybody, once the game is over
    CLASS_PERSON, // who takes part, or once did
    CLASS_KINDS
};

struct viewer_class {
    enum class_kind kind;
    int person; // of CLASS_PERSON, else GAME_NO_ONE
    bool late, leads, seated;
};

// Of a user, "" for nobody. dev and god: their level lets them lead any event, or one of their own.
struct viewer_class class_of(const struct game *game, const char *user_id, bool dev, bool god);
// Whose eyes the class has on the log, as numbers of entries go.
struct viewer class_viewer(const struct viewer_class *class);
// Whose eyes it has on the rest of the game.
struct viewer class_looks(const struct viewer_class *class);

enum { CLASS_KEY = 16 };

struct class_key {
    uint8_t bytes[CLASS_KEY];
};
// Of the class among the viewers of an event's log, in a store of this generation.
struct class_key class_key(const struct game *game, const struct viewer_class *class, const char *user_id,
                           uint64_t generation);
// ---- Changes

enum { CLASSES_KEPT = 64 };

struct class_change {
    uint64_t seq;
    struct uuid account;
};

// The newest changes. What came before `since` is not known by name.
struct class_changes {
    uint64_t newest, since; // entries; `newest` at or after `since`
    struct class_change kept[CLASSES_KEPT];
    size_t first, count; // in kept, a ring
};

// What decides the class of one account, whatever its level is.
struct class_facts {
    int person;
    bool leads, takes_part, seated;
};

enum { CLASS_TOUCHED = 8 };

// How those that an entry may concern stood before it.
struct class_before {
    bool over, late;
    size_t count;
    struct uuid accounts[CLASS_TOUCHED];
    struct class_facts facts[CLASS_TOUCHED];
};

// Around the fold of an entry: notes by it who came into another class.
void classes_begin(const struct game *game, const Game__Entry *entry, struct class_before *before);
void classes_end(struct game *game, const struct class_before *before);
// As after a snapshot: newest is the newest change if it is known; 0: any entry may have been one.
void classes_restore(struct game *game, uint64_t newest);
// The accounts that changed since the entry `known`, the newest first, each once; false: it may be anybody.
bool classes_since(const struct class_changes *changes, uint64_t known, const char *accounts[CLASSES_KEPT],
                   size_t *count);

#endif
