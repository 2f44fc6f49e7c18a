#include "services/ai/handlers/tips.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/names/names.h"
#include "services/ai/behaviour/tips.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/line.h"
#include "services/ai/judgements/judgements.h"
#include "services/ai/standings/board.h"
#include "services/ai/tables.h"

enum { ASK_MS = 2000 };
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

static Ai__TipFeedback *show_feedback(const struct judgement_count *count, struct arena *arena)
{
    Ai__TipFeedback *shown = arena_new(arena, Ai__TipFeedback);
    if (!shown) return NULL;
    ai__tip_feedback__init(shown);
    if (count->own) {
        shown->own_of_case = AI__TIP_FEEDBACK__OWN_OF_USEFUL;
        shown->useful = count->own_useful;
    }
    shown->useful_count = count->useful;
    shown->answers = count->answers;
    return shown;
}

static bool add_tip(struct rpc_call *call, const struct tip *tip, const struct tip_seat *seat,
                    Ai__TipsReply *reply, struct err *err)
{
    const struct ai *ai = call->service;
    struct judgement_count count;
    Ai__Tip *shown = show_tip(tip, seat->me->role, call->arena);
    if (!shown) return no_room(err);
    const struct judged_tip judged = {call->caller->user_id, seat->event_id, shown->kind};
    if (!judgements_count(ai->store, &judged, call->arena, &count, err)) return false;
    shown->id = arena_printf(call->arena, "%s.%d", seat->event_id, (int)shown->kind);
    shown->feedback = show_feedback(&count, call->arena);
    reply->tips[reply->n_tips++] = shown;
    return !call->arena->failed || no_room(err);
}

static bool find_tips(struct rpc_call *call, const struct tip_seat *seat, struct behaviour *own,
                      struct behaviour *everybodys, Ai__TipsReply *reply, struct err *err)
{
    struct tip tips[TIPS_MOST];
    struct behaviour_id role, side;
    uuid_bytes(seat->me->role->id, role.bytes);
    uuid_bytes(seat->me->player->side_id, side.bytes);
    reply->tips = arena_array(call->arena, TIPS_MOST, sizeof *reply->tips);
    if (!own || !everybodys || !reply->tips) return no_room(err);
    if (!read_own(call, own, err) || !read_everybodys(call, seat->me->role->id, everybodys, err))
        return false;
    const uint32_t count = tips_find(own, everybodys, role, side, tips);
    for (uint32_t i = 0; i < count; i++)
        if (!add_tip(call, &tips[i], seat, reply, err)) return false;
    return true;
}

static bool is_told(const Events__MeReply *me)
{
    return me->role && me->player && uuid_check(me->role->id) && uuid_check(me->player->side_id);
}

static bool not_told(struct err *err)
{
    return err_fail(err, EVENT_NOT_REVEALED, "you were told no role yet");
}

bool tips_fill(struct rpc_call *call, const struct tip_seat *seat, Ai__TipsReply *reply, struct err *err)
{
    if (!is_told(seat->me)) return not_told(err);
    struct behaviour *own = behaviour_create(GRAPH_ROOM), *everybodys = behaviour_create(GRAPH_ROOM);
    reply->role_id = seat->me->role->id;
    reply->side_id = seat->me->player->side_id;
    bool ok = find_tips(call, seat, own, everybodys, reply, err);
    behaviour_destroy(own);
    behaviour_destroy(everybodys);
    return ok;
}

// ---- Whose seat it is

static bool ask_seat(struct line *line, struct rpc_call *call, struct tip_seat *seat, struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = seat->event_id;
    if (!line_ask(line, "events.GetMyPlayer", &request.base, call->arena, &reply, err)) return false;
    seat->me = (const Events__MeReply *)reply;
    return true;
}

HANDLER(get_tips, Ai__TipsRequest, Ai__TipsReply)
{
    const struct ai *ai = call->service;
    struct tip_seat seat = {.event_id = request->event_id};
    struct line line;
    reply->turned_off = names_opted_out(ai->names, call->caller->user_id, NAMES_NO_TIPS);
    if (reply->turned_off) return true;
    if (!line_open(&line, call, ASK_MS, err)) return false;
    bool ok = ask_seat(&line, call, &seat, err);
    line_close(&line);
    return ok && tips_fill(call, &seat, reply, err);
}

// ---- Whether it helped

bool tips_parse(const char *tip_id, char event_id[UUID_LEN + 1], uint32_t *kind)
{
    char canonical[UUID_LEN + 16];
    snprintf(event_id, UUID_LEN + 1, "%.*s", UUID_LEN, tip_id);
    if (!uuid_check(event_id) || tip_id[UUID_LEN] != '.') return false;
    *kind = (uint32_t)strtoul(tip_id + UUID_LEN + 1, NULL, 10);
    snprintf(canonical, sizeof canonical, "%s.%u", event_id, *kind);
    return *kind >= AI__TIP__KIND__END && *kind <= AI__TIP__KIND__READ_ROLE && strcmp(canonical, tip_id) == 0;
}

// Who has no seat in it finds none; before the end nobody knows.
static bool ask_whether_done(struct line *line, struct rpc_call *call, struct tip_seat *seat, struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = seat->event_id;
    if (!ask_seat(line, call, seat, err) ||
        !line_ask(line, "events.GetEvent", &request.base, call->arena, &reply, err))
        return false;
    const Events__Event *event = ((const Events__EventReply *)reply)->event;
    if (!event || event->state != EVENTS__EVENT__STATE__DONE)
        return err_fail(err, GAME_NOT_DONE, "the game is not over");
    return is_told(seat->me) || not_told(err);
}

static bool no_such_tip(struct err *err)
{
    return err_field(err, NOT_FOUND, "tip_id", "there is no such tip");
}

static bool was_given(struct rpc_call *call, const struct tip_seat *seat, uint32_t kind, struct err *err)
{
    Ai__TipsReply given = AI__TIPS_REPLY__INIT;
    if (!tips_fill(call, seat, &given, err)) return false;
    for (size_t i = 0; i < given.n_tips; i++)
        if (given.tips[i]->kind == (Ai__Tip__Kind)kind) return true;
    return no_such_tip(err);
}

bool tips_judge(struct rpc_call *call, const struct tip_seat *seat, uint32_t kind, bool useful,
                Ai__TipFeedback *reply, struct err *err)
{
    const struct ai *ai = call->service;
    const struct judged_tip tip = {call->caller->user_id, seat->event_id, kind};
    struct judgement_count count;
    if (!was_given(call, seat, kind, err) || !judgements_put(ai->store, &tip, useful, call->now_ms, err) ||
        (names_is_leaving(ai->names, tip.user_id) &&
         !tables_forget(ai->store, AI_JUDGEMENTS, tip.user_id, err)) ||
        !judgements_count(ai->store, &tip, call->arena, &count, err))
        return false;
    const Ai__TipFeedback *shown = show_feedback(&count, call->arena);
    if (!shown) return no_room(err);
    *reply = *shown;
    return true;
}

HANDLER(judge_tip, Ai__TipFeedbackRequest, Ai__TipFeedback)
{
    char event_id[UUID_LEN + 1];
    struct tip_seat seat = {.event_id = event_id};
    struct line line;
    uint32_t kind;
    if (!request->useful_of_case) return err_field(err, INVALID_FIELD, "useful", "useful is required");
    if (!tips_parse(request->tip_id, event_id, &kind)) return no_such_tip(err);
    if (!line_open(&line, call, ASK_MS, err)) return false;
    bool ok = ask_whether_done(&line, call, &seat, err);
    line_close(&line);
    return ok && tips_judge(call, &seat, kind, request->useful, reply, err);
}

const struct rpc_method ai_tip_methods[] = {
    RPC_METHOD("ai.GetTips", get_tips),
    RPC_METHOD("ai.JudgeTip", judge_tip),
    {0},
};
