// The viewers of an event, and what they see of it as a whole.
#include "services/events/game/view/view.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/game/join.h"
#include "services/events/game/undo.h"

struct viewer view_as(const struct game *game, const char *user_id, bool dev)
{
    int person = game_person(game, user_id);
    bool all = game_over(game);
    bool leads = !game_takes_part(game, person) && (dev || strcmp(game->god_id.text, user_id) == 0 ||
                                                    game_assistant(game, user_id) != GAME_NO_ONE);
    return (struct viewer){.god = all || leads, .person = person, .all = all};
}

struct viewer view_as_god(const struct game *game)
{
    return (struct viewer){.god = true, .person = GAME_NO_ONE, .all = game_over(game)};
}

struct viewer view_as_public(const struct game *game)
{
    return (struct viewer){.god = game_over(game), .person = GAME_NO_ONE, .all = game_over(game)};
}

static Events__WallTime *wall_time(const struct terms *terms, struct arena *arena)
{
    Events__WallTime *time = arena_new(arena, Events__WallTime);
    if (!time) return NULL;
    events__wall_time__init(time);
    time->local = arena_str(arena, terms->local);
    time->zone = arena_str(arena, terms->zone);
    time->utc = stamp_new(arena, terms->starts_ms);
    return time;
}

static void fill_terms(Events__Event *event, const struct game *game, struct arena *arena)
{
    const struct terms *terms = &game->terms;
    event->title = arena_str(arena, terms->title);
    event->starts_at = wall_time(terms, arena);
    event->expires_at = stamp_new(arena, terms->expires_ms);
    event->min_players = terms->min_players;
    event->max_players = terms->max_players;
    event->price = price_message(&terms->price, arena);
    if (terms->price.currency) event->payment_terms = seat_terms_message(&terms->payment, arena);
    event->payable = game_is_payable(game);
    event->cluster_address = arena_str(arena, game->cluster_address);
    event->waitlist = terms->waitlist;
    event->secret_ballot = terms->secret_ballot;
    event->reveal_on_death = terms->reveal_on_death;
    event->chat = terms->chat;
    event->table_at_night = terms->table_at_night;
    event->side_by_day = terms->side_by_day;
    event->history = terms->history;
    event->beacon = terms->beacon;
    if (terms->spectator_delay_ms) event->spectator_delay = duration_new(arena, terms->spectator_delay_ms);
}

static bool fill_winners(Events__Event *event, const struct game *game, struct arena *arena)
{
    event->winning_side_ids = arena_array(arena, game->winners_count + 1, sizeof *event->winning_side_ids);
    if (!event->winning_side_ids) return false;
    for (size_t i = 0; i < game->winners_count; i++)
        event->winning_side_ids[event->n_winning_side_ids++] = arena_str(arena, game->winners[i].text);
    return true;
}

Events__Event *view_summary(const struct game *game, struct arena *arena)
{
    Events__Event *event = arena_new(arena, Events__Event);
    if (!event) return NULL;
    events__event__init(event);
    event->id = arena_str(arena, game->id.text);
    event->group_id = arena_str(arena, game->group_id.text);
    event->god_id = arena_str(arena, game->god_id.text);
    event->deck_id = arena_str(arena, game->deck_id.text);
    event->deck_version = game->deck_version;
    if (game->image_type[0]) event->image_url = arena_printf(arena, "/events/%s/image", game->id.text);
    event->state = game->state;
    event->seats_taken = game->seats_taken;
    event->waitlisted = (int32_t)game->waiting_count;
    event->upvotes = game->upvotes;
    event->downvotes = game->downvotes;
    event->join_code = arena_str(arena, join_code_of(game->id.text).text);
    event->created_at = stamp_new(arena, game->created_ms);
    fill_terms(event, game, arena);
    return fill_winners(event, game, arena) ? event : NULL;
}

static bool fill_players(Events__Event *event, const struct game *game, const struct viewer *viewer,
                         struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    event->players = arena_array(arena, count + 1, sizeof *event->players);
    if (!event->players) return false;
    for (size_t i = 0; i < count; i++) {
        event->players[i] = view_player(game, viewer, roster[i], arena);
        if (!event->players[i]) return false;
    }
    event->n_players = count;
    return true;
}

uint64_t view_act(const struct game *game, const struct viewer *viewer)
{
    return viewer->god ? game->act : 0;
}

static uint64_t undo_seq(const struct game *game, const struct viewer *viewer)
{
    const struct undo *newest = undo_newest(game);
    return viewer->god && newest ? newest->seq : 0;
}

Events__Person *view_person(const char *user_id, const char *username, struct arena *arena)
{
    Events__Person *person = arena_new(arena, Events__Person);
    if (!person) return NULL;
    events__person__init(person);
    person->id = arena_str(arena, user_id);
    person->username = arena_str(arena, username);
    return person;
}

static Events__Person *view_god(const struct game *game, struct arena *arena)
{
    bool known = strcmp(game->names.god_id.text, game->god_id.text) == 0;
    return view_person(game->god_id.text, known ? game->names.god : "", arena);
}

static bool fill_assistants(Events__Event *event, const struct game *game, struct arena *arena)
{
    event->assistants = arena_array(arena, game->assistants_count + 1, sizeof *event->assistants);
    for (size_t i = 0; event->assistants && i < game->assistants_count; i++) {
        const struct assistant *assistant = &game->assistants[i];
        Events__Person *person = view_person(
            assistant->user_id.text, assistant->shown[0] ? assistant->shown : assistant->username, arena);
        if (!person) return false;
        event->assistants[event->n_assistants++] = person;
    }
    return event->assistants;
}

Events__Event *view_event(const struct game *game, const struct viewer *viewer, const char *user_id,
                          struct arena *arena)
{
    Events__Event *event = view_summary(game, arena);
    if (!event || !fill_players(event, game, viewer, arena)) return NULL;
    event->content = arena_str(arena, game->terms.content);
    event->act = view_act(game, viewer);
    event->locking = game->locking && !game_over(game);
    event->end_taken_back = game->end_taken_back;
    event->beacon_awaited = game_awaits_beacon(game);
    event->undo_seq = undo_seq(game, viewer);
    event->my_vote = game_vote(game, user_id);
    event->god = view_god(game, arena);
    if (!event->god || !fill_assistants(event, game, arena)) return NULL;
    if (game_open_poll(game)) event->poll_id = arena_str(arena, game_open_poll(game)->id.text);
    if (game->phases_count) event->phase = view_phase(game, (int32_t)game->phases_count, arena);
    if (timer_is_set(&game->clock.timer)) event->clock = view_clock(game, arena);
    if (timer_is_set(&game->ready_check.timer) && !game_over(game))
        event->ready_check = view_ready_check(game, arena);
    return event;
}

static void fill_hold(Events__Reservation *reservation, const struct hold *hold, struct arena *arena)
{
    reservation->payment_id = arena_str(arena, hold->id.text);
    if (hold->ends_by)
        reservation->state = EVENTS__RESERVATION__STATE__ENDING;
    else if (hold->state == HOLD_HELD)
        reservation->state = EVENTS__RESERVATION__STATE__PENDING;
    if (hold->state == HOLD_HELD && hold->ends_ms)
        reservation->hold_expires_at = stamp_new(arena, hold->ends_ms);
}

Events__Reservation *view_reservation(const struct game *game, const char *user_id, struct arena *arena)
{
    int person = game_person(game, user_id);
    Events__Reservation *reservation = arena_new(arena, Events__Reservation);
    if (!reservation || !game_takes_part(game, person)) return NULL;
    events__reservation__init(reservation);
    int seat = game->people[person].seat;
    reservation->user_id = arena_str(arena, user_id);
    reservation->username = arena_str(arena, person_name(&game->people[person]));
    reservation->state =
        seat ? EVENTS__RESERVATION__STATE__CONFIRMED : EVENTS__RESERVATION__STATE__WAITLISTED;
    reservation->position = seat ? seat : game_waiting_place(game, person);
    const struct hold *hold = game_hold_of(game, person);
    if (hold) fill_hold(reservation, hold, arena);
    return reservation;
}

static Events__Waiting *view_waiting(const struct game *game, int32_t position, struct arena *arena)
{
    const struct person *person = &game->people[game->waiting[position - 1]];
    Events__Waiting *waiting = arena_new(arena, Events__Waiting);
    if (!waiting) return NULL;
    events__waiting__init(waiting);
    waiting->user_id = arena_str(arena, person->user_id.text);
    waiting->username = arena_str(arena, person_name(person));
    waiting->position = position;
    waiting->since = stamp_new(arena, person->waiting_since_ms);
    return waiting;
}

bool view_waitlist(const struct game *game, struct view_page *page, Events__ListWaitlistReply *reply,
                   struct arena *arena)
{
    int32_t count = (int32_t)game->waiting_count, position = page->first;
    reply->waitlist = arena_array(arena, page->most + 1, sizeof *reply->waitlist);
    for (; reply->waitlist && position <= count && reply->n_waitlist < page->most; position++) {
        reply->waitlist[reply->n_waitlist] = view_waiting(game, position, arena);
        if (!reply->waitlist[reply->n_waitlist++]) return false;
    }
    page->next = position <= count ? position : 0;
    return reply->waitlist;
}
