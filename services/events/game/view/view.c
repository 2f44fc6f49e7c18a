#include "services/events/game/view/view.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"

struct viewer view_as(const struct game *game, const char *user_id, bool dev)
{
    int person = game_person(game, user_id);
    bool all = game_over(game);
    bool leads = !game_takes_part(game, person) && (dev || strcmp(game->god_id.text, user_id) == 0);
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

enum {
    GOD_STATUSES = 1 << EVENTS__STATUS__VALUE__PRO_KILLED_9_PHASES |
                   1 << EVENTS__STATUS__VALUE__ROLE_CHANGED | 1 << EVENTS__STATUS__VALUE__SIDE_CHANGED,
    OWN_STATUSES = 1 << EVENTS__STATUS__VALUE__DISABLED_3_PHASES | 1 << EVENTS__STATUS__VALUE__DISABLED |
                   1 << EVENTS__STATUS__VALUE__CHAINED,
};

static unsigned visible_statuses(const struct statuses *statuses, const struct viewer *viewer, int person)
{
    if (viewer->god) return statuses->on;
    unsigned open = statuses->on & ~(unsigned)(GOD_STATUSES | OWN_STATUSES);
    return viewer->person == person ? open | (statuses->on & OWN_STATUSES) | statuses->told : open;
}

static bool fill_statuses(Events__Player *player, const struct statuses *statuses, unsigned visible,
                          struct arena *arena)
{
    player->statuses = arena_array(arena, GAME_STATUSES, sizeof *player->statuses);
    if (!player->statuses) return false;
    for (int i = 1; i < GAME_STATUSES; i++) {
        if (!(visible >> i & 1)) continue;
        Events__Status *status = arena_new(arena, Events__Status);
        if (!status) return false;
        events__status__init(status);
        status->status = (Events__Status__Value)i;
        status->until_phase = statuses->until[i];
        player->statuses[player->n_statuses++] = status;
    }
    return true;
}

static struct player_then now_of(const struct game *game, int person)
{
    const struct person *p = &game->people[person];
    return (struct player_then){(uint16_t)person, p->role, p->told_role, p->side, p->told_side, p->statuses};
}

// The role and the side are the true ones for the god, the told ones for the player themselves.
static Events__Player *player_at(const struct game *game, const struct viewer *viewer,
                                 const struct player_then *then, struct arena *arena)
{
    const struct person *person = &game->people[then->person];
    Events__Player *player = arena_new(arena, Events__Player);
    if (!player) return NULL;
    events__player__init(player);
    bool own = viewer->person == then->person;
    const struct role_facts *role = game_role(game, viewer->god ? then->role : own ? then->told_role : 0);
    struct person at = {.statuses = then->statuses};
    player->user_id = arena_str(arena, person->user_id.text);
    player->username = arena_str(arena, person_name(person));
    player->guest = person->guest;
    player->seat = person->seat;
    player->alive = person_alive(&at);
    player->role_id = role ? arena_str(arena, role->id.text) : "";
    player->side_id = arena_str(arena, game_side_id(game, viewer->god ? then->side
                                                          : own       ? then->told_side
                                                                      : 0));
    player->score = viewer->god ? person->score : 0;
    return fill_statuses(player, &then->statuses, visible_statuses(&then->statuses, viewer, then->person),
                         arena)
               ? player
               : NULL;
}

Events__Player *view_player(const struct game *game, const struct viewer *viewer, int person,
                            struct arena *arena)
{
    struct player_then now = now_of(game, person);
    return player_at(game, viewer, &now, arena);
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

static Events__Price *free_price(struct arena *arena)
{
    Events__Price *price = arena_new(arena, Events__Price);
    if (!price) return NULL;
    events__price__init(price);
    price->currency = EVENTS__PRICE__CURRENCY__FREE;
    return price;
}

static void fill_terms(Events__Event *event, const struct game *game, struct arena *arena)
{
    const struct terms *terms = &game->terms;
    event->title = arena_str(arena, terms->title);
    event->starts_at = wall_time(terms, arena);
    event->expires_at = stamp_new(arena, terms->expires_ms);
    event->min_players = terms->min_players;
    event->max_players = terms->max_players;
    event->price = free_price(arena);
    event->waitlist = terms->waitlist;
    event->secret_ballot = terms->secret_ballot;
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

Events__Event *view_event(const struct game *game, const struct viewer *viewer, const char *user_id,
                          struct arena *arena)
{
    Events__Event *event = view_summary(game, arena);
    if (!event || !fill_players(event, game, viewer, arena)) return NULL;
    event->content = arena_str(arena, game->terms.content);
    event->act = view_act(game, viewer);
    event->my_vote = game_vote(game, user_id);
    if (game->phases_count) event->phase = view_phase(game, (int32_t)game->phases_count, arena);
    return event;
}

Events__Reservation *view_reservation(const struct game *game, const char *user_id, struct arena *arena)
{
    int person = game_person(game, user_id);
    Events__Reservation *reservation = arena_new(arena, Events__Reservation);
    if (!reservation || person == GAME_NO_ONE) return NULL;
    events__reservation__init(reservation);
    int seat = game->people[person].seat;
    reservation->user_id = arena_str(arena, user_id);
    reservation->state =
        seat ? EVENTS__RESERVATION__STATE__CONFIRMED : EVENTS__RESERVATION__STATE__WAITLISTED;
    reservation->position = seat ? seat : game_waiting_place(game, person);
    return reservation;
}

Events__Phase *view_phase(const struct game *game, int32_t number, struct arena *arena)
{
    const struct phase *phase = &game->phases[number - 1];
    Events__Phase *shown = arena_new(arena, Events__Phase);
    if (!shown) return NULL;
    events__phase__init(shown);
    shown->number = number;
    shown->day = phase->day;
    shown->kind = phase->kind;
    shown->state = phase->state;
    shown->opened_at = stamp_new(arena, phase->opened_ms);
    if (phase->timer.closes_ms) shown->closes_at = stamp_new(arena, phase->timer.closes_ms);
    if (phase->timer.remaining_ms) shown->remaining = duration_new(arena, phase->timer.remaining_ms);
    return shown;
}

static bool fill_poll_ids(Events__PhaseReport *report, const struct game *game, int32_t number,
                          struct arena *arena)
{
    size_t count = 0;
    for (size_t i = 0; i < game->polls_count; i++) count += game->polls[i].phase == number;
    report->poll_ids = arena_array(arena, count + 1, sizeof *report->poll_ids);
    for (size_t i = 0; report->poll_ids && i < game->polls_count; i++)
        if (game->polls[i].phase == number)
            report->poll_ids[report->n_poll_ids++] = arena_str(arena, game->polls[i].id.text);
    return report->poll_ids;
}

static Events__PhaseReport *phase_report(const struct game *game, const struct viewer *viewer, int32_t number,
                                         struct arena *arena)
{
    const struct phase *phase = &game->phases[number - 1];
    Events__PhaseReport *report = arena_new(arena, Events__PhaseReport);
    if (!report) return NULL;
    events__phase_report__init(report);
    report->phase = view_phase(game, number, arena);
    report->players = arena_array(arena, phase->players_count + 1, sizeof *report->players);
    if (!report->players || !fill_poll_ids(report, game, number, arena)) return NULL;
    for (size_t i = 0; i < phase->players_count; i++) {
        Events__Player *player = player_at(game, viewer, &phase->players[i], arena);
        if (!player) return NULL;
        report->players[report->n_players++] = player;
    }
    return report;
}

bool view_phases(const struct game *game, const struct viewer *viewer, struct view_page *page,
                 Events__ListPhasesReply *reply, struct arena *arena)
{
    int32_t closed = game_closed_phases(game), number = page->first;
    size_t bytes = 0;
    reply->phases = arena_array(arena, page->most + 1, sizeof *reply->phases);
    if (!reply->phases) return false;
    for (; number <= closed && reply->n_phases < page->most && bytes < page->most_bytes; number++) {
        Events__PhaseReport *report = phase_report(game, viewer, number, arena);
        if (!report) return false;
        bytes += events__phase_report__get_packed_size(report);
        reply->phases[reply->n_phases++] = report;
    }
    page->next = number <= closed ? number : 0;
    return true;
}
