// Events: opening, reading, editing, and the steps of their life.
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/decks.h"
#include "services/events/chat/rooms.h"
#include "services/events/handlers/explore.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/join.h"
#include "services/events/handlers/owned.h"
#include "services/events/handlers/packed.h"
#include "services/events/handlers/prices.h"
#include "services/events/handlers/titles.h"
#include "services/events/live/rows.h"
#include "services/events/live/secrets.h"
#include "services/events/money/tell.h"
#include "services/events/topics/places.h"
#include "services/events/names/show.h"
#include "services/events/game/zone.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum { EXPIRES_AFTER_S = 48 * 3600, EVENT_FIELD = 1 };

// Older programs read terms that do not say what is so by default.
static Events__History__Value said_history(Events__History__Value history)
{
    return history == EVENTS__HISTORY__VALUE__ALL ? EVENTS__HISTORY__VALUE__HISTORY_UNSPECIFIED : history;
}

static bool fill_terms(Game__Terms *terms, const Events__CreateEventRequest *request, struct err *err)
{
    terms->title = request->title;
    terms->content = request->content;
    terms->local = request->starts_at->local;
    terms->zone = request->starts_at->zone;
    terms->min_players = request->min_players ? request->min_players : 1;
    terms->max_players = request->max_players;
    terms->waitlist = request->waitlist;
    terms->secret_ballot = request->secret_ballot;
    terms->spectator_delay_ms = duration_ms(request->spectator_delay);
    terms->reveal_on_death = request->reveal_on_death;
    terms->without_chat = request->chat__case && !request->chat;
    terms->table_at_night = request->table_at_night;
    terms->side_by_day = request->side_by_day;
    terms->history = said_history(request->history);
    terms->beacon = request->beacon;
    if (!zone_to_utc(terms->local, terms->zone, &terms->starts_ms, err)) return false;
    terms->expires_ms = request->expires_at ? stamp_ms(request->expires_at)
                                            : terms->starts_ms + EXPIRES_AFTER_S * INT64_C(1000);
    return true;
}

// Whether an earlier try, perhaps of another process, has made the event; the command is looked up once more
// then.
static bool check_not_made(struct rpc_call *call, const char *id, struct err *err)
{
    const struct events *events = call->service;
    struct store_entries entries;
    if (!call->tries) return true;
    if (!store_read(events->store, events_stream(id).text, 1, 1, call->arena, &entries, err)) return false;
    if (!entries.count && !entries.ended) return true;
    return call->tries < 2 ? err_fail(err, CONFLICT, "the event was made meanwhile") : rpc_key_is_spent(err);
}

// Two events that people play now never have the same code. Each try of a command takes the same id, wherever
// it runs: the append tells which was first.
static bool choose_id(struct rpc_call *call, Game__Opened *opened, struct err *err)
{
    struct uuid id;
    bool taken = true, given = false;
    for (uint32_t n = 0; taken; n++) {
        given = rpc_command_gives(call, n, &id);
        if (!given) id = uuid_new(call->now_ms);
        opened->event_id = arena_str(call->arena, id.text);
        if (!filled(opened->event_id, err)) return false;
        if (!join_code_is_taken(call->service, opened->event_id, call->arena, &taken, err)) return false;
    }
    return !given || check_not_made(call, opened->event_id, err);
}

static bool fill_opened(struct rpc_call *call, const Events__CreateEventRequest *request,
                        Game__Opened *opened, struct err *err)
{
    Game__DeckRow *deck;
    uint64_t version;
    // Somebody else's deck gives the same answer as no deck, to the letter.
    if (!deck_find(call->service, request->deck_id, call->arena, &deck, &version, err)) return false;
    if (strcmp(deck->group_id, request->group_id) != 0)
        return err_fail(err, NOT_FOUND, "there is no such deck");
    opened->group_id = request->group_id;
    opened->god_id = call->caller->user_id;
    opened->rules_version = GAME_RULES;
    return choose_id(call, opened, err) && deck_fill(call->service, deck->deck, call->arena, opened, err) &&
           fill_terms(opened->terms, request, err) &&
           (!request->beacon || beacon_is_taken(call->service, call->arena, err)) &&
           price_fill(call->service, opened->terms, request->price, request->payment_terms, call->arena,
                      err) &&
           rules_terms(opened->terms, call->now_ms, err);
}

Events__Event *events_show(struct command *command, const struct viewer *viewer, const char *user_id)
{
    struct arena *arena = command->call->arena;
    const struct game *now = &command->aggregate->game;
    Events__Event *event = view_event(command->game, viewer, user_id, arena);
    if (!event || !titles_event(command->events, event, arena)) return NULL;
    if (!game_takes_part(now, game_person(now, user_id))) return event;
    event->my_reservation = view_reservation(now, user_id, arena);
    return event->my_reservation ? event : NULL;
}

// The reply is what the caller may see after their command.
static bool fill_event(struct command *command, Events__EventReply *reply, struct err *err)
{
    const char *user_id = command->call->caller->user_id;
    struct viewer viewer = command_viewer(command);
    reply->event = command->entries.failed ? NULL : events_show(command, &viewer, user_id);
    return filled(reply->event, err);
}

bool events_reply(struct command *command, Events__EventReply *reply, struct err *err)
{
    names_show(command->events->names, command->game); // the command may have brought somebody
    return fill_event(command, reply, err) && command_commit(command, &reply->base, err);
}

static const struct quota_rule events_of_opener = {&events_tables[EVENTS_EVENTS], "by_opener", QUOTA_EVENTS,
                                                   CONSE__REASON__VALUE__TOO_MANY_EVENTS,
                                                   "unfinished events opened by one god"};

static bool take_place(struct command *command, const char *opener_id, struct err *err)
{
    struct events *events = command->events;
    atomic_uint *place;
    if (!quota_take(&events->quotas, events->store, &events_of_opener, opener_id, &place, err)) return false;
    atomic_store(&command->aggregate->rows.quota_place, place);
    return true;
}

HANDLER(create_event, Events__CreateEventRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    Game__Opened opened = GAME__OPENED__INIT;
    Game__Terms terms = GAME__TERMS__INIT;
    opened.terms = &terms;
    Game__GroupRow *group;
    uint64_t version;
    if (!group_begin(call, &group, &version, err)) return false;
    if (!fill_opened(call, request, &opened, err)) return false;
    if (!command_begin_new(&command, opened.event_id, err)) return false;
    if (!take_place(&command, opened.god_id, err)) return false;
    return secrets_create(&command, &opened, err) &&
           rules_open(command.game, &command.entries, &opened, err) && events_reply(&command, reply, err);
}

static bool is_shown(const struct command *command, const struct titles_version *titles)
{
    const struct aggregate *aggregate = command->aggregate;
    const struct game *game = command->game;
    return aggregate->shown.bytes && aggregate->shown.seq == game->chain.seq &&
           aggregate->shown.names == game->names.version && aggregate->shown.catalogue == titles->catalogue &&
           aggregate->shown.groups == titles->groups;
}

// The event as the public sees it, packed once per version of the event and of the names in it; valid until
// the command ends. Without its group's name it is packed again for each.
static bool show_public(struct command *command, ProtobufCBinaryData *shown)
{
    struct aggregate *aggregate = command->aggregate;
    const struct game *game = command->game;
    const struct titles_version titles = titles_version(command->events);
    if (!is_shown(command, &titles)) {
        struct viewer everyone = view_as_public(game);
        Events__Event *event = events_show(command, &everyone, "");
        size_t len = event ? events__event__get_packed_size(event) : 0;
        uint8_t *bytes = event ? realloc(aggregate->shown.bytes, len) : NULL;
        if (!bytes) return false;
        events__event__pack(event, bytes);
        aggregate->shown.bytes = bytes;
        aggregate->shown.len = len;
        aggregate->shown.seq = game->chain.seq;
        aggregate->shown.names = game->names.version;
        aggregate->shown.catalogue = titles.catalogue;
        aggregate->shown.groups = event->group->name[0] ? titles.groups : 0;
    }
    *shown = (ProtobufCBinaryData){aggregate->shown.len, aggregate->shown.bytes};
    return true;
}

static bool sees_only_public(const struct command *command)
{
    return !command->viewer.god && command->viewer.person == GAME_NO_ONE &&
           !idmap_find(&command->game->votes, command->call->caller->user_id);
}

HANDLER(get_event, Events__EventRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    ProtobufCBinaryData shown;
    if (!command_begin(&command, err) || !command_look(&command, err)) return false;
    place_tell(&command);
    if (!sees_only_public(&command)) return fill_event(&command, reply, err);
    return (show_public(&command, &shown) && packed_add(&reply->base, EVENT_FIELD, shown, call->arena)) ||
           filled(NULL, err);
}

HANDLER(list_events, Events__ListEventsRequest, Events__ListEventsReply)
{
    if (!explore(call->service, request, reply, call->arena, err)) return false;
    for (size_t i = 0; i < reply->n_events; i++)
        if (!titles_summary(call->service, reply->events[i], call->arena)) return filled(NULL, err);
    return true;
}

static Game__Terms terms_of(const struct terms *terms)
{
    Game__Terms now = GAME__TERMS__INIT;
    now.title = terms->title;
    now.content = terms->content;
    now.local = terms->local;
    now.zone = terms->zone;
    now.starts_ms = terms->starts_ms;
    now.expires_ms = terms->expires_ms;
    now.min_players = terms->min_players;
    now.max_players = terms->max_players;
    now.waitlist = terms->waitlist;
    now.secret_ballot = terms->secret_ballot;
    now.spectator_delay_ms = terms->spectator_delay_ms;
    now.reveal_on_death = terms->reveal_on_death;
    now.without_chat = !terms->chat;
    now.table_at_night = terms->table_at_night;
    now.side_by_day = terms->side_by_day;
    now.history = said_history(terms->history);
    now.beacon = terms->beacon;
    return now;
}

// A new start moves the expiry with it, unless that is given too.
static bool edit_times(Game__Terms *terms, const Events__UpdateEventRequest *request, struct err *err)
{
    if (request->starts_at) {
        int64_t life_ms = terms->expires_ms - terms->starts_ms;
        terms->local = request->starts_at->local;
        terms->zone = request->starts_at->zone;
        if (!zone_to_utc(terms->local, terms->zone, &terms->starts_ms, err)) return false;
        terms->expires_ms = terms->starts_ms + life_ms;
    }
    if (request->expires_at) terms->expires_ms = stamp_ms(request->expires_at);
    return true;
}

static void edit_talk(Game__Terms *terms, const Events__UpdateEventRequest *request)
{
    if (request->chat__case) terms->without_chat = !request->chat;
    if (request->table_at_night__case) terms->table_at_night = request->table_at_night;
    if (request->side_by_day__case) terms->side_by_day = request->side_by_day;
    if (request->history__case) terms->history = said_history(request->history);
}

// The terms are copied, because the entry that changes them is folded over what they point to.
static Game__Terms events_copied(Game__Terms terms, struct arena *arena)
{
    terms.title = arena_str(arena, terms.title);
    terms.content = arena_str(arena, terms.content);
    terms.local = arena_str(arena, terms.local);
    terms.zone = arena_str(arena, terms.zone);
    return terms;
}

static bool edit_beacon(const struct command *command, Game__Terms *terms,
                        const Events__UpdateEventRequest *request, struct err *err)
{
    if (!request->beacon__case) return true;
    terms->beacon = request->beacon;
    return !terms->beacon || command->game->terms.beacon ||
           beacon_is_taken(command->events, command->call->arena, err);
}

HANDLER(update_event, Events__UpdateEventRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    Game__Terms terms = events_copied(terms_of(&command.game->terms), call->arena);
    if (request->title__case) terms.title = request->title;
    if (request->content__case) terms.content = request->content;
    if (request->min_players__case) terms.min_players = request->min_players;
    if (request->max_players__case) terms.max_players = request->max_players;
    if (request->waitlist__case) terms.waitlist = request->waitlist;
    if (request->secret_ballot__case) terms.secret_ballot = request->secret_ballot;
    if (request->reveal_on_death__case) terms.reveal_on_death = request->reveal_on_death;
    if (request->spectator_delay) terms.spectator_delay_ms = duration_ms(request->spectator_delay);
    edit_talk(&terms, request);
    return edit_times(&terms, request, err) && edit_beacon(&command, &terms, request, err) &&
           price_edit(&command, &terms, request, err) &&
           rules_edit(command.game, &command.entries, &terms, err) && events_reply(&command, reply, err);
}

// Of an event that had payments; the projector says so on the bus.
static void tell_deleted(struct command *command)
{
    const char *event_id = command->game->id.text;
    rpc_wait_for(command->call,
                 money_tell_deleted(command->events, event_id, command->aggregate->live.ticket));
    command->events->hooks->behind(command->events, event_id, false);
}

HANDLER(delete_event, Events__EventRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !rules_deletable(command.game, err)) return false;
    struct store_write write = *rpc_seal(call, &reply->base, live_written, &command.aggregate->live);
    if (call->arena->failed) return filled(NULL, err);
    live_delete(&command.aggregate->live, command.events->store, events_stream(request->event_id).text,
                command.game->chain.seq, write);
    if (command.game->holds_count || game_is_on_cluster(command.game)) tell_deleted(&command);
    rows_remove(command.aggregate);
    if (!rooms_remove(command.events, request->event_id, command.aggregate->live.ticket, call->arena, err))
        log_err(LOG_WARN, "rooms of a deleted event are removed later", err);
    rpc_after(call, command.aggregate->live.ticket);
    rpc_wait_for(call, command.aggregate->rows.ticket);
    return true;
}

HANDLER(cancel_event, Events__EventRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    if (!command_begin(&command, err)) return false;
    if (caller_is_dev(call) && command.game->state == EVENTS__EVENT__STATE__DONE)
        return rules_take_back_end(command.game, &command.entries, err) && events_reply(&command, reply, err);
    return command_secrets(&command, &secrets, err) &&
           rules_cancel(command.game, &command.entries, secrets, err) && events_reply(&command, reply, err);
}

HANDLER(get_calendar, Events__EventRequest, Events__File)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    char *text = calendar_write(command.game, "-//Conse//Events//EN", call->arena);
    reply->content_type = "text/calendar; charset=utf-8";
    reply->body = (ProtobufCBinaryData){text ? strlen(text) : 0, (uint8_t *)text};
    return filled(text, err);
}

static bool check_sides(struct command *command, const Events__FinishRequest *request, struct err *err)
{
    for (size_t i = 0; i < request->n_winning_side_ids; i++) {
        if (!catalogue_find(command->events->catalogue, EVENTS_SIDES, request->winning_side_ids[i],
                            command->call->arena))
            return err_field(err, INVALID_FIELD, "winning_side_ids", "there is no such side");
        for (size_t j = 0; j < i; j++)
            if (strcmp(request->winning_side_ids[i], request->winning_side_ids[j]) == 0)
                return err_field(err, INVALID_FIELD, "winning_side_ids", "a side is named twice");
    }
    return true;
}

HANDLER(finish_event, Events__FinishRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    if (!command_begin(&command, err) || !check_sides(&command, request, err)) return false;
    if (!command_secrets(&command, &secrets, err)) return false;
    if (!rules_finish(command.game, &command.entries, secrets, request->winning_side_ids,
                      request->n_winning_side_ids, err))
        return false;
    struct viewer everyone = view_as_public(command.game);
    reply->event = command.entries.failed ? NULL : events_show(&command, &everyone, call->caller->user_id);
    return filled(reply->event, err) && command_commit(&command, &reply->base, err);
}

const struct rpc_method event_methods[] = {
    RPC_METHOD("events.CreateEvent", create_event),
    RPC_METHOD("events.GetEvent", get_event),
    RPC_METHOD("events.ListEvents", list_events),
    RPC_METHOD("events.UpdateEvent", update_event),
    RPC_METHOD("events.DeleteEvent", delete_event),
    RPC_METHOD("events.CancelEvent", cancel_event),
    RPC_METHOD("events.GetCalendar", get_calendar),
    RPC_METHOD("events.FinishEvent", finish_event),
    {0},
};
