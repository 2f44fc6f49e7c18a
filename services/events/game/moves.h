// One command's entries: each is packed, salted, linked into the chain and folded into the state as it is
// made. Pure: the time, the actor and the randomness are given. After a failure the state is void and must be
// loaded again.
#ifndef EVENTS_GAME_MOVES_H
#define EVENTS_GAME_MOVES_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

struct randomness {
    void (*fill)(void *arg, void *out, size_t len);
    void *arg;
};

// An entry that was made, with what its notices need.
struct move {
    Game__Entry__BodyCase which;
    ProtobufCBinaryData link, entry; // packed Link; the packed Entry within it
    uint8_t *salt;
    struct audience audience;
    uint64_t seq, public_index, god_index; // index 0: not among what they see
};

enum { MOVES_MAX = 1024 };

struct moves {
    struct arena *arena;
    int64_t now_ms;
    const char *actor; // "" for the clock
    struct randomness randomness;
    struct move *made;
    size_t count;
    bool failed;
};

void moves_add(struct moves *moves, struct game *game, Game__Entry__BodyCase which, const void *body);
void moves_random(struct moves *moves, void *out, size_t len);
uint32_t moves_random_below(struct moves *moves, uint32_t n); // uniform

// Makes the body on the stack and adds it: MOVE(moves, game, SEAT_FREED, SeatFreed, seat_freed, .user_id =
// id);
#define MOVE(moves, game, CASE, Type, type, ...)                                                             \
    do {                                                                                                     \
        Game__##Type body_ = {.base = {.descriptor = &game__##type##__descriptor}, ##__VA_ARGS__};           \
        moves_add(moves, game, GAME__ENTRY__BODY_##CASE, &body_);                                            \
    } while (0)

#endif
