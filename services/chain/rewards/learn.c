#include "services/chain/rewards/learn.h"

#include "lib/base/clock.h"
#include "lib/names/names.h"
#include "services/chain/rewards/rewards.h"

enum { GAME_ARENA = 32 << 20 };

static struct bus_place games_reached(const struct book *book)
{
    return (struct bus_place){book->merit.followed_generation, book->merit.followed_seq};
}

// A game is large, and what follows from it is not.
static bool apply_game(struct book_call *b, const Bus__Notice *notice, struct err *err)
{
    struct arena arena;
    arena_init(&arena, GAME_ARENA);
    const Game__FinishedGame *game =
        game__finished_game__unpack(&arena.allocator, notice->payload.len, notice->payload.data);
    if (game) rewards_judge(b, game);
    bool ok = game || err_fail(err, STORE_CORRUPT, "entry %llu of %s is none, or too large",
                               (unsigned long long)notice->seq, GAMES_STREAM);
    arena_finish(&arena);
    return ok;
}

static const struct book_source games = {.name = GAMES_STREAM,
                                         .service = "events",
                                         .stream = BOOK_GAMES,
                                         .since = BOOK_REWARDS_SINCE,
                                         .reached = games_reached,
                                         .apply = apply_game};

bool rewards_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms, struct err *err)
{
    return book_learn(chain, &games, batch, now_ms, err);
}

static bool on_games(void *arg, const struct bus_batch *batch, struct err *err)
{
    struct chain *chain = arg;
    if (!names_are_fresh(chain->names))
        return err_fail(err, SERVICE_BUSY, "auth was not heard: finished games wait");
    return rewards_learn(chain, batch, clock_unix_ms(), err);
}

bool rewards_follow(struct chain *chain, const struct book_peers *events, struct err *err)
{
    return book_follow(chain, &games, events, on_games, &chain->games, err);
}

void rewards_unfollow(struct chain *chain)
{
    bus_consumer_stop(chain->games);
    chain->games = NULL;
}
