// One command's entries: each is packed, salted, linked into the chain and folded into the state as it is
// made. Pure: the time, the actor and the randomness are given. After a failure the state is invalid and must
// be loaded again.
#ifndef EVENTS_GAME_ENTRIES_H
#define EVENTS_GAME_ENTRIES_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

struct randomness {
    void (*fill)(void *arg, void *out, size_t len);
    void *arg;
};

// An entry that was made, with the data that its notices need.
struct made_entry {
    Game__Entry__BodyCase which;
    ProtobufCBinaryData link, packed; // packed Link; the packed Entry within it
    uint8_t *salt;
    struct audience audience;
    uint64_t seq, public_index, god_index; // 0: not among the entries they see
};

enum { ENTRIES_MAX = 1024 };

struct entries {
    struct arena *arena;
    int64_t now_ms;
    const char *actor; // "" for the clock
    struct randomness randomness;
    struct made_entry *made;
    size_t count;
    bool failed;
};

void entries_add(struct entries *entries, struct game *game, Game__Entry__BodyCase which, const void *body);
void entries_random(struct entries *entries, void *out, size_t len);
uint32_t entries_random_below(struct entries *entries, uint32_t n); // uniform

// Makes the body on the stack and adds it: ENTRY(entries, game, SEAT_FREED, SeatFreed, seat_freed, .user_id =
// id);
#define ENTRY(entries, game, CASE, Type, type, ...)                                                          \
    do {                                                                                                     \
        Game__##Type body_ = {.base = {.descriptor = &game__##type##__descriptor}, ##__VA_ARGS__};           \
        entries_add(entries, game, GAME__ENTRY__BODY_##CASE, &body_);                                        \
    } while (0)

#endif
