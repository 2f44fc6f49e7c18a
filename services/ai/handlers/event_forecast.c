#include "services/ai/handlers/event_forecast.h"

#include <string.h>

#include "lib/base/ids.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/line.h"
#include "services/ai/handlers/shown.h"
#include "services/ai/standings/board.h"
#include "services/ai/standings/table.h"

enum { ASK_MS = 3000, WAITING_MOST = 20 };

// What is made of an event.
struct forecast {
    struct rpc_call *call;
    const struct event_shown *shown;
    const struct standings *standings; // while they are held
    uint8_t deck[STANDINGS_ID];
    struct table table;
    struct table_wishes wishes;
    const struct table_known *known;
    struct table_told told;
    uint32_t *players; // numbers, newcomers behind those who have seats
};

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

// ---- The table

// Nobody is told of guests, who are nobody's, nor of whose rating is shown to nobody: not even by a chance
// that would be another with another rating.
static bool is_told_of(const struct forecast *forecast, const char *account_id)
{
    return *account_id && shows_rating(forecast->call->service, "", account_id);
}

static uint32_t number_of(const struct forecast *forecast, const char *account_id)
{
    return is_told_of(forecast, account_id) ? standings_player(forecast->standings, account_id) : 0;
}

static bool seat_players(struct forecast *forecast)
{
    const Events__Event *event = forecast->shown->event;
    const size_t fewest = event->min_players > 0 ? (size_t)event->min_players : 0;
    const size_t count = event->n_players > fewest ? event->n_players : fewest;
    forecast->players = arena_array(forecast->call->arena, count + 1, sizeof *forecast->players);
    for (size_t i = 0; forecast->players && i < event->n_players; i++)
        forecast->players[i] = number_of(forecast, event->players[i]->account_id);
    forecast->table.players = forecast->players;
    forecast->table.player_count = count;
    return forecast->players;
}

static bool lay_cards(struct forecast *forecast)
{
    const Events__Deck *deck = forecast->shown->deck;
    struct table_card *cards = arena_array(forecast->call->arena, deck->n_cards + 1, sizeof *cards);
    size_t count = 0;
    for (size_t i = 0; cards && i < deck->n_cards; i++) {
        const Events__DeckCard *card = deck->cards[i];
        if (!uuid_check(card->role_id) || !uuid_check(card->side_id) || card->copies < 1) continue;
        uuid_bytes(card->role_id, cards[count].role);
        uuid_bytes(card->side_id, cards[count].side);
        cards[count++].copies = (uint32_t)card->copies;
    }
    forecast->table.cards = cards;
    forecast->table.card_count = count;
    return cards;
}

static bool fill_wishes(struct forecast *forecast)
{
    struct arena *arena = forecast->call->arena;
    const Events__Event *event = forecast->shown->event;
    const Events__ListWaitlistReply *waitlist = forecast->shown->waitlist;
    if (!waitlist) return true;
    bool *may_go = arena_array(arena, forecast->table.player_count + 1, sizeof *may_go);
    bool *may_come = arena_array(arena, waitlist->n_waitlist + 1, sizeof *may_come);
    uint32_t *waiting = arena_array(arena, waitlist->n_waitlist + 1, sizeof *waiting);
    if (!may_go || !may_come || !waiting) return false;
    for (size_t i = 0; i < event->n_players; i++)
        may_go[i] = is_told_of(forecast, event->players[i]->account_id);
    for (size_t i = 0; i < waitlist->n_waitlist; i++) {
        may_come[i] = is_told_of(forecast, waitlist->waitlist[i]->user_id);
        waiting[i] = number_of(forecast, waitlist->waitlist[i]->user_id);
    }
    forecast->wishes = (struct table_wishes){may_go, waiting, may_come, waitlist->n_waitlist};
    return true;
}

static bool set_table(struct forecast *forecast)
{
    const Events__Event *event = forecast->shown->event;
    uuid_bytes(event->id, forecast->table.event);
    if (uuid_check(event->deck_id)) {
        uuid_bytes(event->deck_id, forecast->deck);
        forecast->table.deck = forecast->deck;
    }
    forecast->table.day = forecast->call->now_ms / STANDINGS_DAY_MS;
    return seat_players(forecast) && lay_cards(forecast) && fill_wishes(forecast);
}

// ---- What is shown

static bool show_sides(const struct forecast *forecast, Ai__EventForecast *reply)
{
    struct arena *arena = forecast->call->arena;
    Ai__EventChance *sides = arena_array(arena, forecast->told.count + 1, sizeof *sides);
    reply->sides = arena_array(arena, forecast->told.count + 1, sizeof *reply->sides);
    for (size_t i = 0; sides && reply->sides && i < forecast->told.count; i++) {
        const struct table_side *told = &forecast->told.sides[i];
        Ai__EventChance *side = reply->sides[reply->n_sides++] = &sides[i];
        ai__event_chance__init(side);
        side->side_id = arena_str(arena, uuid_text(told->side).text);
        side->chance = told->chance;
        side->low = told->low;
        side->high = told->high;
        side->games = told->games;
        side->deck_games = told->deck_games;
        side->side_is_prior = !told->games;
        side->deck_is_prior = !told->deck_games;
    }
    reply->players = (uint32_t)forecast->table.player_count;
    reply->newcomers = forecast->told.newcomers;
    return !arena->failed;
}

static const char *name_of(const struct forecast *forecast, const struct table_swap *swap, bool out)
{
    struct arena *arena = forecast->call->arena;
    const size_t at = out ? swap->out : swap->in;
    if (swap->of_cards) return arena_str(arena, uuid_text(forecast->table.cards[at].role).text);
    return arena_str(arena, out ? forecast->shown->event->players[at]->account_id
                                : forecast->shown->waitlist->waitlist[at]->user_id);
}

static Ai__EventSwap *show_swap(const struct forecast *forecast, const struct table_swap *swap)
{
    struct arena *arena = forecast->call->arena;
    Ai__EventSwap *shown = arena_new(arena, Ai__EventSwap);
    if (!shown) return NULL;
    ai__event_swap__init(shown);
    shown->kind = swap->of_cards ? AI__EVENT_SWAP__KIND__ROLE : AI__EVENT_SWAP__KIND__PLAYER;
    shown->out_id = name_of(forecast, swap, true);
    shown->in_id = name_of(forecast, swap, false);
    shown->chances_after = arena_copy(arena, swap->chances, forecast->told.count * sizeof *swap->chances);
    shown->n_chances_after = forecast->told.count;
    shown->games = swap->games;
    return arena->failed ? NULL : shown;
}

static bool show_swaps(const struct forecast *forecast, Ai__EventForecast *reply)
{
    struct table_swap swaps[TABLE_SWAPS];
    const size_t count = table_swaps(forecast->known, swaps);
    reply->swaps = arena_array(forecast->call->arena, TABLE_SWAPS, sizeof *reply->swaps);
    for (; reply->swaps && reply->n_swaps < count; reply->n_swaps++)
        if (!(reply->swaps[reply->n_swaps] = show_swap(forecast, &swaps[reply->n_swaps]))) return false;
    return reply->swaps;
}

static Ai__EventForecastPlayer *show_player(const struct forecast *forecast, size_t at)
{
    struct arena *arena = forecast->call->arena;
    const uint32_t number = forecast->players[at];
    bool provisional;
    Ai__EventForecastPlayer *player = arena_new(arena, Ai__EventForecastPlayer);
    if (!player) return NULL;
    ai__event_forecast_player__init(player);
    player->user_id = arena_str(arena, forecast->shown->event->players[at]->account_id);
    player->rating = shown_now(forecast->standings, number, forecast->table.day, &provisional, arena);
    player->provisional = provisional;
    player->games = number ? forecast->standings->players[number - 1].games : 0;
    return arena->failed ? NULL : player;
}

static bool show_players(const struct forecast *forecast, Ai__EventForecast *reply)
{
    const Events__Event *event = forecast->shown->event;
    if (!forecast->shown->waitlist) return true;
    reply->seated = arena_array(forecast->call->arena, event->n_players + 1, sizeof *reply->seated);
    for (size_t i = 0; reply->seated && i < event->n_players; i++) {
        if (!is_told_of(forecast, event->players[i]->account_id)) continue;
        Ai__EventForecastPlayer *player = show_player(forecast, i);
        if (!player) return false;
        reply->seated[reply->n_seated++] = player;
    }
    return reply->seated;
}

// What takes the standings. Nobody waits for what is computed from them.
static bool read_standings(struct forecast *forecast, Ai__EventForecast *reply)
{
    struct arena *arena = forecast->call->arena;
    if (!set_table(forecast)) return false;
    forecast->known = table_read(forecast->standings, &forecast->table, &forecast->wishes, arena);
    return forecast->known && show_players(forecast, reply);
}

static bool forecast_foretell(struct forecast *forecast, Ai__EventForecast *reply)
{
    const bool told = table_foretell(forecast->known, &forecast->told);
    return show_sides(forecast, reply) && (!told || show_swaps(forecast, reply));
}

bool event_forecast_fill(struct rpc_call *call, const struct event_shown *shown, Ai__EventForecast *reply,
                         struct err *err)
{
    const struct ai *ai = call->service;
    struct forecast forecast = {.call = call, .shown = shown};
    forecast.standings = board_hold(ai->board);
    const bool read = read_standings(&forecast, reply);
    board_release(ai->board);
    return (read && forecast_foretell(&forecast, reply)) || no_room(err);
}

// ---- Asking events

bool event_forecast_is_due(const Events__Event *event, struct err *err)
{
    return event->state == EVENTS__EVENT__STATE__OPEN ||
           err_fail(err, EVENT_NOT_OPEN, "the event is not open any more");
}

static bool leads_event(const Events__Event *event, const char *user_id)
{
    bool leads = strcmp(event->god_id, user_id) == 0;
    for (size_t i = 0; !leads && i < event->n_assistants; i++)
        leads = strcmp(event->assistants[i]->id, user_id) == 0;
    return leads;
}

static bool ask_waitlist(struct line *line, struct rpc_call *call, struct event_shown *shown, struct err *err)
{
    Events__ListWaitlistRequest request = EVENTS__LIST_WAITLIST_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = shown->event->id;
    request.page_size = WAITING_MOST;
    if (!line_ask(line, "events.ListWaitlist", &request.base, call->arena, &reply, err)) return false;
    shown->waitlist = (const Events__ListWaitlistReply *)reply;
    return true;
}

static bool ask_all(struct line *line, struct rpc_call *call, const char *event_id, struct event_shown *shown,
                    struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = event_id;
    if (!line_ask(line, "events.GetEvent", &request.base, call->arena, &reply, err)) return false;
    shown->event = ((const Events__EventReply *)reply)->event;
    if (!shown->event) return err_fail(err, INTERNAL_ERROR, "events shows no event");
    if (!event_forecast_is_due(shown->event, err)) return false;
    if (!line_ask(line, "events.GetEventDeck", &request.base, call->arena, &reply, err)) return false;
    shown->deck = ((const Events__EventDeckReply *)reply)->deck;
    if (!shown->deck) return err_fail(err, INTERNAL_ERROR, "events shows no deck");
    return !leads_event(shown->event, call->caller->user_id) || ask_waitlist(line, call, shown, err);
}

HANDLER(get_event_forecast, Ai__EventForecastRequest, Ai__EventForecast)
{
    struct event_shown shown = {.event = NULL};
    struct line line;
    if (!line_open(&line, call, ASK_MS, err)) return false;
    bool ok = ask_all(&line, call, request->event_id, &shown, err);
    line_close(&line);
    return ok && event_forecast_fill(call, &shown, reply, err);
}

const struct rpc_method ai_event_methods[] = {
    RPC_METHOD("ai.GetEventForecast", get_event_forecast),
    {0},
};
