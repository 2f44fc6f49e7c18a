// Any bytes as an event's entries: each is taken in or the state is given up; nothing else may happen. What was taken in can be
// shown, kept as a snapshot and restored to the same.
#include <stdlib.h>
#include <string.h>

#include "services/events/snapshot.h"
#include "services/events/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct game *game)
{
    struct arena arena;
    struct viewer everyone = view_as_public(game);
    arena_init(&arena, 32 << 20);
    view_event(game, &everyone, "", &arena);
    view_deal(game, &arena);
    Game__Snapshot *snapshot = snapshot_make(game, &arena);
    struct game again;
    game_init(&again);
    if (snapshot && !snapshot_restore(&again, snapshot)) abort();
    if (snapshot && (again.chain.seq != game->chain.seq || again.seats_taken != game->seats_taken)) abort();
    game_finish(&again);
    arena_finish(&arena);
}

// Entries one behind the other, each with a length of two bytes.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t salt[CHAIN_SALT];
    struct game game;
    game_init(&game);
    bool ok = true;
    while (ok && size >= 2) {
        size_t len = (size_t)data[0] << 8 | data[1];
        if (len > size - 2) break;
        ok = game_apply(&game, salt, data + 2, len);
        data += 2 + len;
        size -= 2 + len;
    }
    if (ok && game.state) check(&game);
    game_finish(&game);
    return 0;
}
