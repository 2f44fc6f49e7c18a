#include "services/ai/handlers/suggestions.h"

#include <string.h>

#include "chain.pb-c.h"
#include "lib/base/stamp.h"
#include "lib/names/names.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/matching/suggest.h"
#include "services/ai/pool/seek.h"
#include "services/ai/suggestions/hidden.h"

enum { OPEN_MOST = 100, PAST_MOST = 200, SUGGESTIONS_MOST = 20, PEOPLE_MOST = 256 };

// What is known of the caller and the events, which are those that anybody sees.
struct looking {
    struct rpc_call *call;
    const struct outside *outside;
    struct event_list open, past; // past: that the caller played, over
    struct hidden hidden;
    const Auth__FindBlocksReply *blocks;
    struct suggest_player player;
    bool balance_known;
    const Events__Event **events; // that may be suggested, with what is scored of each
    struct suggest_event *scored;
    uint32_t count;
};

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static const char *own_id(const struct looking *looking) { return looking->call->caller->user_id; }

// ---- Asking

static bool ask_open(struct looking *looking, struct err *err)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    Google__Protobuf__Timestamp after = stamp_of(looking->call->now_ms + SEEK_LEAD_MS);
    request.status = EVENTS__EVENT__STATE__OPEN;
    request.starts_after = &after;
    return outside_events_of(looking->outside, &request, OPEN_MOST, looking->call->arena, &looking->open,
                             err);
}

static bool ask_past(struct looking *looking, struct err *err)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    request.status = EVENTS__EVENT__STATE__DONE;
    request.player_id = own_id(looking);
    return outside_events_of(looking->outside, &request, PAST_MOST, looking->call->arena, &looking->past,
                             err);
}

static bool is_named(const char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0) return true;
    return false;
}

static bool ask_blocks(struct looking *looking, struct err *err)
{
    const char *user_ids[PEOPLE_MOST];
    size_t count = 0;
    user_ids[count++] = own_id(looking);
    for (size_t i = 0; i < looking->open.count && count < PEOPLE_MOST; i++)
        if (!is_named(user_ids, count, looking->open.all[i]->god_id))
            user_ids[count++] = looking->open.all[i]->god_id;
    return outside_blocks(looking->outside, user_ids, count, looking->call->arena, &looking->blocks, err);
}

// While chain is away nobody knows what the caller has; then no price is light.
static void ask_balance(struct looking *looking)
{
    Chain__WalletRequest request = CHAIN__WALLET_REQUEST__INIT;
    const struct outside_question question = {
        .method = "chain.GetWallet", .caller = looking->call->caller, .request = &request.base};
    ProtobufCMessage *reply;
    struct err err = {0};
    if (!looking->outside->ask(looking->outside->arg, &question, looking->call->arena, &reply, &err)) return;
    const Chain__Wallet *wallet = (const Chain__Wallet *)reply;
    looking->balance_known = true;
    for (size_t i = 0; i < wallet->n_balances; i++)
        if (wallet->balances[i]->kind == LEDGER__ASSET__KIND__CONSE && wallet->balances[i]->amount > 0)
            looking->player.balance = (uint64_t)wallet->balances[i]->amount;
}

// ---- Which events

static bool is_blocked(const struct looking *looking, const char *user_id)
{
    const char *own = own_id(looking);
    for (size_t i = 0; i < looking->blocks->n_pairs; i++) {
        const Auth__FindBlocksReply__Pair *pair = looking->blocks->pairs[i];
        if ((strcmp(pair->user_id, own) == 0 && strcmp(pair->blocked_id, user_id) == 0) ||
            (strcmp(pair->user_id, user_id) == 0 && strcmp(pair->blocked_id, own) == 0))
            return true;
    }
    return false;
}

static bool may_suggest(const struct looking *looking, const Events__Event *event)
{
    return event->payable && !event->locking && event->max_players > event->seats_taken &&
           strcmp(event->god_id, own_id(looking)) != 0 && !is_blocked(looking, event->god_id) &&
           !is_named(looking->hidden.event_ids, looking->hidden.count, event->id);
}

// False: the caller sits there already.
static bool rate_seated(const struct looking *looking, const Events__Event *whole,
                        struct suggest_event *scored)
{
    const struct rpc_call *call = looking->call;
    double sum = 0;
    uint32_t count = 0;
    for (size_t i = 0; i < whole->n_players; i++) {
        const Events__Player *player = whole->players[i];
        if (strcmp(player->account_id, own_id(looking)) == 0) return false;
        if (!*player->account_id) continue;
        sum += seek_rating(call->service, player->account_id, call->now_ms).mu;
        count++;
    }
    scored->seated = count > 0;
    scored->mean_mu = count ? sum / count : rating_defaults.prior.mu;
    return true;
}

static void count_past(const struct looking *looking, const Events__Event *event,
                       struct suggest_event *scored)
{
    for (size_t i = 0; i < looking->past.count; i++) {
        const Events__Event *past = looking->past.all[i];
        scored->with_god += strcmp(past->god_id, event->god_id) == 0;
        scored->in_group += strcmp(past->group_id, event->group_id) == 0;
        scored->with_deck += strcmp(past->deck_id, event->deck_id) == 0;
    }
}

static uint32_t number_god(const struct looking *looking, const Events__Event *event)
{
    uint32_t number = 0;
    while (number < looking->count && strcmp(looking->events[number]->god_id, event->god_id) != 0) number++;
    return number;
}

static struct suggest_event describe_event(const struct looking *looking, const Events__Event *event)
{
    const Events__Price *price = event->price;
    struct suggest_event scored = {
        .god = number_god(looking, event),
        .seats_free = (uint32_t)(event->max_players - event->seats_taken),
        .price = price && price->currency != EVENTS__PRICE__CURRENCY__FREE ? price->amount : 0,
        .foreign = price && (price->currency != EVENTS__PRICE__CURRENCY__CONSE || !looking->balance_known),
        .starts_at_ms = event->starts_at ? (uint64_t)stamp_ms(event->starts_at->utc) : 0};
    count_past(looking, event, &scored);
    return scored;
}

// One that is gone meanwhile is left out.
static bool add_event(struct looking *looking, const Events__Event *event, struct err *err)
{
    const Events__Event *whole;
    if (!may_suggest(looking, event)) return true;
    if (!outside_event(looking->outside, event->id, looking->call->arena, &whole, err))
        return err_is(err, NOT_FOUND);
    if (!may_suggest(looking, whole)) return true;
    struct suggest_event scored = describe_event(looking, whole);
    if (!rate_seated(looking, whole, &scored)) return true;
    looking->events[looking->count] = event; // which names its god and group
    looking->scored[looking->count++] = scored;
    return true;
}

static bool find_events(struct looking *looking, struct err *err)
{
    struct arena *arena = looking->call->arena;
    const struct ai *ai = looking->call->service;
    if (!ask_open(looking, err) || !ask_past(looking, err) || !ask_blocks(looking, err) ||
        !hidden_find(ai->store, own_id(looking), arena, &looking->hidden, err))
        return false;
    ask_balance(looking);
    looking->player.rating = seek_belief(looking->call->service, own_id(looking), looking->call->now_ms);
    looking->events = arena_array(arena, looking->open.count + 1, sizeof *looking->events);
    looking->scored = arena_array(arena, looking->open.count + 1, sizeof *looking->scored);
    if (!looking->events || !looking->scored) return no_room(err);
    for (size_t i = 0; i < looking->open.count; i++)
        if (!add_event(looking, looking->open.all[i], err)) return false;
    return true;
}

// ---- What is shown

static Ai__Suggestion *show_suggestion(const struct looking *looking, const struct suggestion *suggestion)
{
    struct arena *arena = looking->call->arena;
    const Events__Event *event = looking->events[suggestion->event];
    const struct suggest_names names = {event->god ? event->god->username : "",
                                        event->group ? event->group->name : ""};
    char why[SUGGEST_TEXT_BYTES], why_fa[SUGGEST_TEXT_BYTES];
    Ai__Suggestion *shown = arena_new(arena, Ai__Suggestion);
    Ai__SuggestionParts *parts = arena_new(arena, Ai__SuggestionParts);
    if (!shown || !parts) return NULL;
    ai__suggestion__init(shown);
    ai__suggestion_parts__init(parts);
    suggest_text(suggestion, &looking->scored[suggestion->event], &names, why);
    suggest_text_fa(suggestion, &looking->scored[suggestion->event], &names, why_fa);
    parts->closeness = suggestion->closeness;
    parts->acquaintance = suggestion->acquaintance;
    parts->deck = suggestion->deck;
    parts->price = suggestion->price;
    shown->event_id = event->id;
    shown->score = suggestion->score;
    shown->parts = parts;
    shown->why = arena_str(arena, why);
    shown->why_fa = arena_str(arena, why_fa);
    return shown->why && shown->why_fa ? shown : NULL;
}

bool suggestions_fill(struct rpc_call *call, const struct outside *outside, Ai__ListSuggestionsReply *reply,
                      struct err *err)
{
    struct looking looking = {.call = call, .outside = outside};
    struct suggestion best[SUGGESTIONS_MOST];
    if (!find_events(&looking, err)) return false;
    const uint32_t count =
        suggest_events(&looking.player, looking.scored, looking.count, best, SUGGESTIONS_MOST);
    reply->suggestions = arena_array(call->arena, count + 1, sizeof *reply->suggestions);
    if (!reply->suggestions) return no_room(err);
    for (uint32_t i = 0; i < count; i++) {
        Ai__Suggestion *shown = show_suggestion(&looking, &best[i]);
        if (!shown) return no_room(err);
        reply->suggestions[reply->n_suggestions++] = shown;
    }
    return true;
}

HANDLER(list_suggestions, Ai__ListSuggestionsRequest, Ai__ListSuggestionsReply)
{
    const struct ai *ai = call->service;
    struct lines *lines;
    reply->turned_off = names_opted_out(ai->names, call->caller->user_id, NAMES_NO_SUGGESTIONS);
    if (reply->turned_off) return true;
    bool ok = lines_open(&lines, ai, err);
    if (ok) {
        const struct outside outside = lines_outside(lines);
        ok = suggestions_fill(call, &outside, reply, err);
    }
    lines_close(lines);
    return ok;
}

HANDLER(hide_suggestion, Ai__HideSuggestionRequest, Google__Protobuf__Empty)
{
    const struct ai *ai = call->service;
    if (!hidden_trim(ai->store, call->caller->user_id, call->arena, err)) return false;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return no_room(err);
    rpc_after(call, hidden_put(ai->store, call->caller->user_id, request->event_id, call->now_ms, write));
    return true;
}

const struct rpc_method ai_suggestion_methods[] = {
    RPC_METHOD("ai.ListSuggestions", list_suggestions),
    RPC_METHOD("ai.HideSuggestion", hide_suggestion),
    {0},
};
