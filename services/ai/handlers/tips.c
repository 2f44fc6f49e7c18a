#include "services/ai/handlers/tips.h"

#include <string.h>

#include "lib/base/ids.h"
#include "services/ai/behaviour/tips.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/line.h"
#include "services/ai/standings/board.h"
#include "services/ai/tables.h"

enum { ASK_MS = 500, ASKS_MOST = 1 }; // or tips could hold all threads while events is slow
enum { GAMES_MOST = 300, GRAPH_ROOM = 8192 };

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

// ---- The games

static struct behaviour_id id_of(const ProtobufCBinaryData *bytes)
{
    struct behaviour_id id = {{0}};
    if (bytes->len == sizeof id.bytes) memcpy(id.bytes, bytes->data, sizeof id.bytes);
    return id;
}

// One that is odd counts for nothing.
static bool add_game(struct behaviour *graph, const Standings__PartRow *row)
{
    const Standings__Game__Fate *fate = row->fate;
    if (!fate) return true;
    const struct behaviour_step end = {id_of(&fate->role_id), id_of(&fate->side_id),
                                       (uint8_t)(fate->out_part - 1), (uint8_t)fate->out};
    const struct behaviour_game game = {.role = end.role,
                                        .side = end.side,
                                        .steps = &end,
                                        .step_count = fate->out > 0,
                                        .uses_left = fate->uses_left,
                                        .first_use_day = fate->use_day,
                                        .first_use_part = (uint8_t)(fate->use_part - 1),
                                        .won = row->won};
    return behaviour_add(graph, &game) != BEHAVIOUR_NO_ROOM;
}

static bool read_games(struct rpc_call *call, const struct store_query *query, struct behaviour *graph,
                       struct err *err)
{
    const struct ai *ai = call->service;
    struct store_rows rows;
    if (!store_find(ai->store, &ai_tables[AI_PARTS], query, call->arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!add_game(graph, (const Standings__PartRow *)rows.messages[i])) return no_room(err);
    return true;
}

static bool read_own(struct rpc_call *call, struct behaviour *graph, struct err *err)
{
    const struct ai *ai = call->service;
    const uint32_t number = standings_player(board_hold(ai->board), call->caller->user_id);
    board_release(ai->board);
    const struct store_query query = {.index = "by_player",
                                      .equal = {{.number = number}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = GAMES_MOST};
    return !number || read_games(call, &query, graph, err);
}

static bool read_everybodys(struct rpc_call *call, const char *role_id, struct behaviour *graph,
                            struct err *err)
{
    const struct store_query query = {.index = "by_role",
                                      .equal = {{.text = role_id}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = GAMES_MOST};
    return read_games(call, &query, graph, err);
}

// ---- What is told

static Ai__Tip *show_tip(const struct tip *tip, const Events__Role *role, struct arena *arena)
{
    char text[TIP_TEXT_BYTES], text_fa[TIP_TEXT_BYTES];
    Ai__Tip *shown = arena_new(arena, Ai__Tip);
    if (!shown) return NULL;
    ai__tip__init(shown);
    tip_text(tip, role->name, text);
    tip_text_fa(tip, *role->name_fa ? role->name_fa : role->name, text_fa);
    shown->kind = (Ai__Tip__Kind)(tip->kind + 1);
    shown->scope = (Ai__Tip__Scope)(tip->scope + 1);
    shown->text = arena_str(arena, text);
    shown->text_fa = arena_str(arena, text_fa);
    shown->count = tip->count;
    shown->games = tip->games;
    shown->all_won = tip->all_won;
    shown->all_games = tip->all_games;
    shown->uses = tip->uses;
    return shown;
}

static bool find_tips(struct rpc_call *call, const Events__MeReply *seat, struct behaviour *own,
                      struct behaviour *everybodys, Ai__TipsReply *reply, struct err *err)
{
    struct tip tips[TIPS_MOST];
    struct behaviour_id role, side;
    uuid_bytes(seat->role->id, role.bytes);
    uuid_bytes(seat->player->side_id, side.bytes);
    reply->tips = arena_array(call->arena, TIPS_MOST, sizeof *reply->tips);
    if (!own || !everybodys || !reply->tips) return no_room(err);
    if (!read_own(call, own, err) || !read_everybodys(call, seat->role->id, everybodys, err)) return false;
    const uint32_t count = tips_find(own, everybodys, role, side, tips);
    for (uint32_t i = 0; i < count; i++)
        if (!(reply->tips[reply->n_tips++] = show_tip(&tips[i], seat->role, call->arena)))
            return no_room(err);
    return !call->arena->failed || no_room(err);
}

bool tips_fill(struct rpc_call *call, const Events__MeReply *seat, Ai__TipsReply *reply, struct err *err)
{
    if (!seat->role || !seat->player || !uuid_check(seat->role->id) || !uuid_check(seat->player->side_id))
        return err_fail(err, EVENT_NOT_REVEALED, "you were told no role yet");
    struct behaviour *own = behaviour_create(GRAPH_ROOM), *everybodys = behaviour_create(GRAPH_ROOM);
    reply->role_id = seat->role->id;
    reply->side_id = seat->player->side_id;
    bool ok = find_tips(call, seat, own, everybodys, reply, err);
    behaviour_destroy(own);
    behaviour_destroy(everybodys);
    return ok;
}

// ---- Whose seat it is

static bool ask_events(struct rpc_call *call, const char *event_id, const Events__MeReply **seat,
                       struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    struct line line;
    ProtobufCMessage *reply;
    if (!line_open(&line, call, ASK_MS, err)) return false;
    request.event_id = event_id;
    bool ok = line_ask(&line, "events.GetMyPlayer", &request.base, call->arena, &reply, err);
    line_close(&line);
    if (ok) *seat = (const Events__MeReply *)reply;
    return ok;
}

static bool ask_in_turn(struct rpc_call *call, const char *event_id, const Events__MeReply **seat,
                        struct err *err)
{
    struct ai *ai = call->service;
    bool free_line = atomic_fetch_add(&ai->asking, 1) < ASKS_MOST;
    bool ok = free_line ? ask_events(call, event_id, seat, err)
                        : err_fail(err, SERVICE_BUSY, "another seat is asked about");
    atomic_fetch_sub(&ai->asking, 1);
    return ok;
}

HANDLER(get_tips, Ai__TipsRequest, Ai__TipsReply)
{
    const Events__MeReply *seat;
    return ask_in_turn(call, request->event_id, &seat, err) && tips_fill(call, seat, reply, err);
}

const struct rpc_method ai_tip_methods[] = {
    RPC_METHOD("ai.GetTips", get_tips),
    {0},
};
