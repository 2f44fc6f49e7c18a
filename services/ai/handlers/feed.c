// The service's Feed: ai.games for operators, and ai.rewards, which is made of its entries for chain.
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/bus/feed.h"
#include "rewards.pb-c.h"
#include "services/ai/coins/coins.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/standings/board.h"

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static bool make_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    const Standings__Entry *entry = standings__entry__unpack(&call->arena->allocator, bytes.len, bytes.data);
    if (entry) notice->time = stamp_new(call->arena, entry->time_ms);
    notice->kind = "ai.game";
    notice->payload = bytes;
    return notice->time || no_room(err);
}

// ---- Rewards

// Empty: their account is gone.
static const char *who_of(const struct standings *standings, const Standings__Game__Player *player,
                          struct arena *arena)
{
    if (player->seat.len) return arena_str(arena, uuid_text(player->seat.data).text);
    if (!player->player || player->player > standings->player_count) return "";
    const struct standings_player *known = &standings->players[player->player - 1];
    return known->known ? arena_str(arena, uuid_text(known->id).text) : "";
}

static bool add_reward(const struct standings *standings, const Standings__Game__Player *player,
                       Rewards__GameRewards *told, struct arena *arena)
{
    const char *who = player->coins ? who_of(standings, player, arena) : "";
    if (!who || !*who) return who;
    Rewards__Reward *reward = told->rewards[told->n_rewards++] = arena_new(arena, Rewards__Reward);
    if (!reward) return false;
    rewards__reward__init(reward);
    reward->who = who;
    reward->marks = player->marks;
    reward->n_marks = player->n_marks;
    reward->class_ = player->class_;
    reward->coins = player->coins;
    reward->percent = coins_percent(player->class_ - 1);
    return true;
}

static bool fill_rewards(const struct standings *standings, const Standings__Game *game,
                         Rewards__GameRewards *told, struct arena *arena)
{
    told->event_id = arena_str(arena, uuid_text(game->event_id.data).text);
    told->finished_ms = game->finished_ms;
    told->formula = CLASSES_FORMULA;
    told->model = game->model;
    told->rewards = arena_array(arena, game->n_players + 1, sizeof *told->rewards);
    for (size_t i = 0; !arena->failed && i < game->n_players; i++)
        if (!add_reward(standings, game->players[i], told, arena)) return false;
    return !arena->failed;
}

static bool make_rewards(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                         struct err *err)
{
    const struct ai *ai = call->service;
    Rewards__GameRewards told = REWARDS__GAME_REWARDS__INIT;
    const Standings__Entry *entry = standings__entry__unpack(&call->arena->allocator, bytes.len, bytes.data);
    bool ok = entry;
    if (ok && entry->body_case == STANDINGS__ENTRY__BODY_GAME) {
        ok = fill_rewards(board_hold(ai->board), entry->game, &told, call->arena);
        board_release(ai->board);
    }
    notice->kind = "ai.reward";
    notice->stream = STANDINGS_REWARDS;
    notice->time = ok ? stamp_new(call->arena, entry->time_ms) : NULL;
    notice->payload.len = rewards__game_rewards__get_packed_size(&told);
    notice->payload.data = arena_alloc(call->arena, notice->payload.len + 1);
    if (!notice->time || !notice->payload.data) return no_room(err);
    rewards__game_rewards__pack(&told, notice->payload.data);
    return true;
}

// ---- Streams

// Whose numbers a game has is read before the game is told.
static bool read_rewards(struct rpc_call *call, uint64_t from, size_t limit, struct feed_page *page,
                         struct err *err)
{
    const struct ai *ai = call->service;
    return board_read_on(ai->board, err) &&
           feed_read_store(call, ai->store, STANDINGS_STREAM, from, limit, make_rewards, page, err);
}

static bool read_games(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                       struct feed_page *page, struct err *err)
{
    const struct ai *ai = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    if (strcmp(stream, STANDINGS_REWARDS) == 0) return read_rewards(call, from, limit, page, err);
    if (strcmp(stream, STANDINGS_STREAM) != 0) return feed_absent(err);
    return feed_read_store(call, ai->store, stream, from, limit, make_notice, page, err);
}

static bool list_games(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                       Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    static const char *const streams[] = {STANDINGS_STREAM, STANDINGS_REWARDS};
    const struct ai *ai = call->service;
    uint64_t head;
    *count = 0;
    if (!feed_asks_by_itself(call)) return true;
    if (!store_head(ai->store, STANDINGS_STREAM, &head, err)) return false;
    for (size_t i = 0; head && i < sizeof streams / sizeof *streams && *count < limit; i++) {
        if (strcmp(streams[i], after) <= 0 || strncmp(streams[i], prefix, strlen(prefix)) != 0) continue;
        rows[*count].stream = (char *)streams[i];
        rows[(*count)++].seq = head;
    }
    return true;
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct ai *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_games, list_games, generation_of};

HANDLER(feed_read_notices, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(feed_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

const struct rpc_method ai_feed_methods[] = {
    RPC_METHOD("ai.feed.Read", feed_read_notices),
    RPC_METHOD("ai.feed.ListHeads", feed_heads),
    {0},
};
