#ifndef AI_BEHAVIOUR_H
#define AI_BEHAVIOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A player's moves and fate, counted over finished games. It is a directed graph: its nodes are (role, side,
// part of day, status), its edges count the steps from one phase to the next, with chains, ends and ability
// use. Counts only add up, so games in any order, merged in any way, give the same bytes. All memory is
// allocated at create.

struct behaviour_id {
    uint8_t bytes[16];
};

enum behaviour_part {
    BEHAVIOUR_DAY,
    BEHAVIOUR_MID_DAY,
    BEHAVIOUR_NIGHT,
    BEHAVIOUR_DEALT
}; // dealt: before any phase

// The codes of a player's status in a game.
enum behaviour_status {
    BEHAVIOUR_DEFAULT,
    BEHAVIOUR_KICKED,
    BEHAVIOUR_DEAD,
    BEHAVIOUR_DISABLED_3_PHASES,
    BEHAVIOUR_DISABLED,
    BEHAVIOUR_SILENT_2_PHASES,
    BEHAVIOUR_SILENT_6_PHASES,
    BEHAVIOUR_CHAINED,
    BEHAVIOUR_ROLE_CHANGED,
    BEHAVIOUR_SIDE_CHANGED,
    BEHAVIOUR_EXITED,
    BEHAVIOUR_DEVOTED,
    BEHAVIOUR_PRO_KILLED_9_PHASES,
    BEHAVIOUR_STATUSES
};

enum { BEHAVIOUR_MAX_STEPS = 256, BEHAVIOUR_MAX_CHAINS = 64, BEHAVIOUR_LAST_DAY = 63 };

// One closed phase as its player saw themselves in it.
struct behaviour_step {
    struct behaviour_id role, side;
    uint8_t part;   // a part of the day, not dealt
    uint8_t status; // the gravest one in force
};

// One finished game of one player, from the facts that they could know. Role and side are the dealt ones.
struct behaviour_game {
    struct behaviour_id role, side;
    const struct behaviour_step *steps; // in order; at most BEHAVIOUR_MAX_STEPS
    const struct behaviour_id *chains;  // players they were linked to; at most BEHAVIOUR_MAX_CHAINS
    uint32_t step_count, chain_count;
    uint32_t
        uses_left; // of their abilities when they left or the game ended; 0 for passive and unlimited ones
    uint32_t
        first_use_day; // of an ability, from 1; 0: never; later than BEHAVIOUR_LAST_DAY counts as that day
    uint8_t first_use_part; // read only when there is a day
    bool won;
};

enum behaviour_kind {
    BEHAVIOUR_RESULT = 1, // counts: games, won, survived
    BEHAVIOUR_MOVE,       // x node before, y node after; counts: steps
    BEHAVIOUR_END,        // x part, y status that ended their part; counts: games
    BEHAVIOUR_LEFT_OVER,  // counts: games that ended with unused abilities, unused abilities
    BEHAVIOUR_FIRST_USE,  // x day (0 never), y part; counts: games, won, survived
    BEHAVIOUR_CHAIN,      // role holds the other player, side is zero; counts: times
};

// Ordered as its bytes are.
struct behaviour_key {
    uint8_t kind;
    struct behaviour_id role, side;
    uint8_t x, y; // zero where the kind does not use them
};

struct behaviour_entry {
    struct behaviour_key key;
    uint32_t counts[3]; // stop at their maximum; the first is never 0
};

struct behaviour;

enum behaviour_result { BEHAVIOUR_OK, BEHAVIOUR_BAD_GAME, BEHAVIOUR_NO_ROOM };

struct behaviour *behaviour_create(uint32_t room); // in entries; NULL without memory or for 0
void behaviour_destroy(struct behaviour *graph);   // NULL is fine

// Both leave the graph as it was unless they return BEHAVIOUR_OK.
enum behaviour_result behaviour_add(struct behaviour *graph, const struct behaviour_game *game);
enum behaviour_result behaviour_merge(struct behaviour *graph, const struct behaviour *other);

// Sorted by key; borrowed until the graph changes. `behaviour_find` may be NULL; `behaviour_seek` gives the
// index of the first entry that is not below the key.
const struct behaviour_entry *behaviour_entries(const struct behaviour *graph, uint32_t *count);
const struct behaviour_entry *behaviour_find(const struct behaviour *graph, const struct behaviour_key *key);
uint32_t behaviour_seek(const struct behaviour *graph, const struct behaviour_key *key);

// The canonical bytes: equal graphs have equal bytes. `load` replaces the graph and takes only such bytes;
// when they are not canonical or do not fit, it leaves the graph as it was.
size_t behaviour_saved_bytes(const struct behaviour *graph);
void behaviour_save(const struct behaviour *graph, uint8_t *bytes);
__attribute__((warn_unused_result)) bool behaviour_load(struct behaviour *graph, const uint8_t *bytes,
                                                        size_t size);

// Kicked, dead, exited and devoted end a player's part.
bool behaviour_is_out(uint8_t status);

// A node of a move in one byte, as x and y hold it.
uint8_t behaviour_node(uint8_t part, uint8_t status);

#endif
