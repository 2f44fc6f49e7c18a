// What the god's newest acts changed, so that undo can give it back. Kept while the phase in which they were
// made is open; acts that others build on (undo_ends) forget what is below them. Pure.
#ifndef EVENTS_GAME_UNDO_H
#define EVENTS_GAME_UNDO_H

#include "services/events/game/game.h"

enum { UNDO_MOST = 64 }; // entries; the oldest are forgotten first

// What an entry that can be undone may change of a person.
struct standing {
    struct statuses statuses;
    uint16_t role, told_role, opened_role;
    uint8_t side, told_side, opened_side;
    int16_t abilities_left, told_left, score;
    uint16_t chained_since;
    bool scored;
    uint8_t fouls, attendance;
};

// An entry that stands, and what was before it.
struct undo {
    uint64_t seq;
    int64_t time_ms;
    Game__Entry__BodyCase which;
    struct audience audience;
    bool joins;      // belongs to the act of the record below it
    uint16_t person; // UINT16_MAX: of nobody
    struct standing before;
    uint16_t roles, sides, notes, uses, chained; // how many there were
};

// Whether the entry can be undone; then record has what is before it.
bool undo_begin(const struct game *game, const Game__Entry *entry, struct undo *record);
// Keeps the record of an entry that was folded. False without memory.
bool undo_keep(struct game *game, struct undo *record, struct audience audience);
// The same of a record that a snapshot kept, whose audience the caller has checked. False when it does not
// fit.
bool undo_restore(struct game *game, const struct undo *record);
// Whether earlier entries can no longer be undone after this one.
bool undo_ends(const Game__Entry *entry);
void undo_forget(struct game *game);

// The newest record, NULL without one. Taking it back restores what was before it.
const struct undo *undo_newest(const struct game *game);
void undo_take_back(struct game *game);
// How many records make up the newest act; 0: there is none.
size_t undo_act(const struct game *game);
// "" for an entry that names nobody.
const char *undo_user(const Game__Entry *entry);

#endif
