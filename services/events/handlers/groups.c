// Groups and decks.
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "services/events/catalogue/decks.h"
#include "services/events/edited.h"
#include "services/events/handlers/owned.h"
#include "services/events/handlers/titles.h"
#include "services/events/names/groups.h"
#include "services/events/tables.h"

// Of a list as it is stored, however many rows are asked for; decks are shown with names.
enum { GROUPS_BYTES = 256 << 10, DECKS_BYTES = 64 << 10 };

static const struct store_table *const groups = &events_tables[EVENTS_GROUPS];
static const struct store_table *const decks = &events_tables[EVENTS_DECKS];

static const struct quota_rule groups_of_god = {&events_tables[EVENTS_GROUPS], "by_god", QUOTA_GROUPS,
                                                CONSE__REASON__VALUE__TOO_MANY_GROUPS, "groups"},
                               decks_of_group = {&events_tables[EVENTS_DECKS], "by_group", QUOTA_DECKS,
                                                 CONSE__REASON__VALUE__TOO_MANY_DECKS, "decks in a group"};

// One write with the call's Idempotency-Key; the reply waits for it. done: also when nothing is written; or
// NULL.
static void groups_put(struct rpc_call *call, const struct store_table *table, const ProtobufCMessage *row,
                       uint64_t version, const ProtobufCMessage *reply, void (*done)(void *arg, bool durable),
                       void *arg)
{
    struct events *events = call->service;
    const struct store_write *write = rpc_seal(call, reply, done, arg);
    if (!call->arena->failed) {
        const uint64_t ticket = store_put(events->store, table, row, version, write);
        edited_tell(events->store, table, store_row_id(table, row), version + 1, ticket);
        rpc_after(call, ticket);
    } else if (done) // the call is refused then, so it must not write
        done(arg, false);
}

HANDLER(create_group, Events__CreateGroupRequest, Events__GroupReply)
{
    struct events *events = call->service;
    struct uuid id;
    Events__Group *group = arena_new(call->arena, Events__Group);
    if (!filled(group, err)) return false;
    events__group__init(group);
    if (!rpc_new_id(call, &id, err)) return false;
    group->id = arena_str(call->arena, id.text);
    group->god_id = call->caller->user_id;
    group->name = request->name;
    group->description = request->description;
    group->created_at = stamp_new(call->arena, call->now_ms);
    Game__GroupRow row = GAME__GROUP_ROW__INIT;
    row.id = group->id;
    row.group = group;
    row.god_id = group->god_id;
    row.created_ms = call->now_ms;
    row.live = true;
    atomic_uint *place;
    reply->group = titles_group(events, group, call->arena);
    if (!filled(reply->group, err)) return false;
    if (!quota_take(&events->quotas, events->store, &groups_of_god, group->god_id, &place, err)) return false;
    groups_put(call, groups, &row.base, 0, &reply->base, quota_done, place);
    return true;
}

HANDLER(update_group, Events__UpdateGroupRequest, Events__GroupReply)
{
    struct events *events = call->service;
    Game__GroupRow *row;
    uint64_t version;
    if (!group_begin(call, &row, &version, err)) return false;
    if (request->name__case) row->group->name = request->name;
    if (request->description__case) row->group->description = request->description;
    reply->group = titles_group(events, row->group, call->arena);
    if (!filled(reply->group, err)) return false;
    struct group_edit *edit = group_edit_begin(events->group_names, row->id);
    if (!edit) return err_fail(err, INTERNAL_ERROR, "out of memory");
    groups_put(call, groups, &row->base, version, &reply->base, group_edit_done, edit);
    return true;
}

HANDLER(get_group, Events__GetGroupRequest, Events__GroupReply)
{
    Game__GroupRow *row;
    uint64_t version;
    if (!group_find(call, request->group_id, &row, &version, err)) return false;
    reply->group = titles_group(call->service, row->group, call->arena);
    return filled(reply->group, err);
}

HANDLER(list_groups, Events__ListGroupsRequest, Events__ListGroupsReply)
{
    struct events *events = call->service;
    struct store_query query = {.index = request->god_id[0] ? "by_god" : "by_creation",
                                .equal_count = 1,
                                .descending = true,
                                .limit = request->page_size ? (uint32_t)request->page_size : 20,
                                .most_bytes = GROUPS_BYTES,
                                .page_token = request->page_token};
    query.equal[0].text = request->god_id[0] ? request->god_id : NULL;
    query.equal[0].number = 1;
    struct store_rows rows;
    if (!store_find(events->store, groups, &query, call->arena, &rows, err)) return false;
    reply->groups = arena_array(call->arena, rows.count + 1, sizeof *reply->groups);
    if (!filled(reply->groups, err)) return false;
    for (; reply->n_groups < rows.count; reply->n_groups++) {
        const Events__Group *group = ((Game__GroupRow *)rows.messages[reply->n_groups])->group;
        reply->groups[reply->n_groups] = group ? titles_group(events, group, call->arena) : NULL;
        if (!filled(reply->groups[reply->n_groups], err)) return false;
    }
    reply->next_page_token = rows.next_page_token;
    return true;
}

HANDLER(create_deck, Events__CreateDeckRequest, Events__DeckReply)
{
    struct events *events = call->service;
    struct uuid id;
    Game__GroupRow *group;
    uint64_t version;
    if (!group_begin(call, &group, &version, err)) return false;
    Events__Deck *deck = arena_new(call->arena, Events__Deck);
    if (!filled(deck, err)) return false;
    events__deck__init(deck);
    if (!rpc_new_id(call, &id, err)) return false;
    deck->id = arena_str(call->arena, id.text);
    deck->group_id = request->group_id;
    deck->name = request->name;
    deck->version = 1;
    deck->n_roles = request->n_roles;
    deck->roles = request->roles;
    deck->n_last_moves = request->n_last_moves;
    deck->last_moves = request->last_moves;
    if (!deck_check(call->service, deck, call->arena, err)) return false;
    Game__DeckRow row = GAME__DECK_ROW__INIT;
    row.id = deck->id;
    row.deck = deck;
    row.group_id = deck->group_id;
    reply->deck = titles_deck(events, deck, call->arena);
    if (!filled(reply->deck, err)) return false;
    atomic_uint *place;
    if (!quota_take(&events->quotas, events->store, &decks_of_group, deck->group_id, &place, err))
        return false;
    groups_put(call, decks, &row.base, 0, &reply->base, quota_done, place);
    return true;
}

HANDLER(get_deck, Events__GetDeckRequest, Events__DeckReply)
{
    Game__DeckRow *row;
    uint64_t version;
    if (!deck_begin(call, &row, &version, err)) return false;
    reply->deck = titles_deck(call->service, row->deck, call->arena);
    return filled(reply->deck, err);
}

// Fields that are not named stay unchanged.
static bool edit_deck(Events__Deck *deck, const Events__UpdateDeckRequest *request, struct err *err)
{
    if (request->without_last_moves && request->n_last_moves)
        return err_field(err, INVALID_FIELD, "without_last_moves", "last_moves are given too");
    if (request->name__case) deck->name = request->name;
    if (request->n_roles) {
        deck->n_roles = request->n_roles;
        deck->roles = request->roles;
    }
    if (request->n_last_moves || request->without_last_moves) {
        deck->n_last_moves = request->n_last_moves;
        deck->last_moves = request->last_moves;
    }
    deck->version++;
    return true;
}

HANDLER(update_deck, Events__UpdateDeckRequest, Events__DeckReply)
{
    Game__DeckRow *row;
    uint64_t version;
    if (!deck_begin(call, &row, &version, err)) return false;
    if (!edit_deck(row->deck, request, err) || !deck_check(call->service, row->deck, call->arena, err))
        return false;
    reply->deck = titles_deck(call->service, row->deck, call->arena);
    if (!filled(reply->deck, err)) return false;
    groups_put(call, decks, &row->base, version, &reply->base, NULL, NULL);
    return true;
}

HANDLER(list_decks, Events__ListDecksRequest, Events__ListDecksReply)
{
    struct events *events = call->service;
    Game__GroupRow *group;
    uint64_t version;
    if (!group_begin(call, &group, &version, err)) return false;
    const struct store_query query = {.index = "by_group",
                                      .equal = {{.text = request->group_id}},
                                      .equal_count = 1,
                                      .limit = request->page_size ? (uint32_t)request->page_size : 20,
                                      .most_bytes = DECKS_BYTES,
                                      .page_token = request->page_token};
    struct store_rows rows;
    if (!store_find(events->store, decks, &query, call->arena, &rows, err)) return false;
    reply->decks = arena_array(call->arena, rows.count + 1, sizeof *reply->decks);
    if (!filled(reply->decks, err)) return false;
    for (; reply->n_decks < rows.count; reply->n_decks++) {
        const Events__Deck *deck = ((Game__DeckRow *)rows.messages[reply->n_decks])->deck;
        reply->decks[reply->n_decks] = deck ? titles_deck(events, deck, call->arena) : NULL;
        if (!filled(reply->decks[reply->n_decks], err)) return false;
    }
    reply->next_page_token = rows.next_page_token;
    return true;
}

const struct rpc_method group_methods[] = {
    RPC_METHOD("events.CreateGroup", create_group),
    RPC_METHOD("events.ListGroups", list_groups),
    RPC_METHOD("events.GetGroup", get_group),
    RPC_METHOD("events.UpdateGroup", update_group),
    RPC_METHOD("events.CreateDeck", create_deck),
    RPC_METHOD("events.ListDecks", list_decks),
    RPC_METHOD("events.GetDeck", get_deck),
    RPC_METHOD("events.UpdateDeck", update_deck),
    {0},
};
