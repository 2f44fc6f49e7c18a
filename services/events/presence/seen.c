#include "services/events/presence/seen.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/names/show.h"
#include "services/events/topics/places.h"

// ---- Classes

static struct room room_of_side(const struct game *game, size_t side)
{
    return (struct room){ROOM_SIDE, game->id, game->sides[side]};
}

static bool is_member(const struct game *game, const char *user_id, size_t side, int64_t now_ms)
{
    const struct room_viewer viewer = {.user_id = user_id};
    const struct room room = room_of_side(game, side);
    struct room_right right = room_right(game, &viewer, &room, now_ms);
    return right.read && right.person != GAME_NO_ONE && game->people[right.person].seat;
}

struct seer seer_of(struct aggregate *aggregate, const char *user_id, uint32_t level, int64_t now_ms)
{
    const struct game *game = &aggregate->game;
    struct watcher watcher = watcher_of(aggregate, user_id, level);
    if (watcher.class.leads) return (struct seer){.class = SEEN_LEADER};
    if (game_over(game)) return (struct seer){.class = SEEN_TABLE};
    if (watcher.class.late) return (struct seer){.class = SEEN_LATE};
    for (size_t i = 0; i < game->sides_count; i++)
        if (is_member(game, user_id, i, now_ms)) return (struct seer){SEEN_SIDE, game->sides[i]};
    return (struct seer){.class = SEEN_TABLE};
}

// ---- States

static Events__Presence__State state_in(Events__Present *const *people, size_t count, const char *user_id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(people[i]->user_id, user_id) == 0) return people[i]->state;
    return EVENTS__PRESENCE__STATE__GONE;
}

static Events__Presence__State state_now(const struct seen *seen, const char *user_id)
{
    return state_in(seen->known->people, seen->known->n_people, user_id);
}

// As who does not lead sees it.
static Events__Presence__State state_shown(const struct seen *seen, const char *user_id)
{
    const Events__FollowPresenceRequest *known = seen->known;
    if (!seen->night_ms) return state_now(seen, user_id);
    if (known->night_ms == seen->night_ms) return state_in(known->frozen, known->n_frozen, user_id);
    return seen->night_age_ms < NIGHT_BEGINS_MS ? state_now(seen, user_id)
                                                : EVENTS__PRESENCE__STATE__STATE_UNSPECIFIED;
}

typedef Events__Presence__State state_of(const struct seen *seen, const char *user_id);

// ---- Lists

static Events__Person *show_somebody(const struct seen *seen, const char *user_id)
{
    char name[PERSON_NAME];
    int person = game_person(seen->game, user_id);
    if (person != GAME_NO_ONE) {
        const struct person *player = &seen->game->people[person];
        return view_person(player->user_id.text, person_name(player), seen->arena);
    }
    names_of(seen->events->names, user_id, name);
    return view_person(user_id, name, seen->arena);
}

// user_id: of an account, or of a guest without one; gateways know accounts.
static bool add_presence(const struct seen *seen, state_of *state, const char *user_id,
                         Events__Presence **list, size_t *count)
{
    Events__Presence *presence = arena_new(seen->arena, Events__Presence);
    if (!presence) return false;
    events__presence__init(presence);
    presence->user = show_somebody(seen, user_id);
    presence->state = state(seen, user_id);
    list[(*count)++] = presence;
    return presence->user;
}

static bool leads_event(const struct game *game, const char *user_id)
{
    return strcmp(game->god_id.text, user_id) == 0 || game_assistant(game, user_id) != GAME_NO_ONE;
}

static bool add_people(const struct seen *seen, state_of *state, Events__EventPresence *shown)
{
    const struct game *game = seen->game;
    uint16_t roster[GAME_MAX_SEATS];
    size_t seats = game_roster(game, roster), most = seats + 1 + game->assistants_count;
    shown->people = arena_array(seen->arena, most + 1, sizeof *shown->people);
    if (!shown->people) return false;
    for (size_t i = 0; i < seats; i++)
        if (!add_presence(seen, state, person_owner(&game->people[roster[i]]), shown->people,
                          &shown->n_people))
            return false;
    if (!add_presence(seen, state, game->god_id.text, shown->people, &shown->n_people)) return false;
    for (size_t i = 0; i < game->assistants_count; i++)
        if (!add_presence(seen, state, game->assistants[i].user_id.text, shown->people, &shown->n_people))
            return false;
    return true;
}

static bool add_side(const struct seen *seen, const struct uuid *side, Events__EventPresence *shown)
{
    const struct game *game = seen->game;
    uint16_t roster[GAME_MAX_SEATS];
    size_t seats = game_roster(game, roster), place = 0;
    while (strcmp(game->sides[place].text, side->text) != 0) place++;
    const struct room room = room_of_side(game, place);
    shown->side_room_id = arena_str(seen->arena, room_id(&room).text);
    shown->side = arena_array(seen->arena, seats + 1, sizeof *shown->side);
    if (!shown->side_room_id || !shown->side) return false;
    for (size_t i = 0; i < seats; i++) {
        const char *user_id = person_owner(&game->people[roster[i]]);
        if (is_member(game, user_id, place, seen->now_ms) &&
            !add_presence(seen, state_now, user_id, shown->side, &shown->n_side))
            return false;
    }
    return true;
}

static bool add_others(const struct seen *seen, Events__EventPresence *shown)
{
    const Events__FollowPresenceRequest *known = seen->known;
    shown->others = arena_array(seen->arena, SEEN_OTHERS, sizeof *shown->others);
    if (!shown->others) return false;
    for (size_t i = 0; i < known->n_people && shown->n_others < SEEN_OTHERS; i++) {
        const char *user_id = known->people[i]->user_id;
        int person = game_person(seen->game, user_id);
        bool seated = person != GAME_NO_ONE && seen->game->people[person].seat;
        if (seated || leads_event(seen->game, user_id)) continue;
        if (!add_presence(seen, state_now, user_id, shown->others, &shown->n_others)) return false;
    }
    return true;
}

Events__EventPresence *seen_show(const struct seen *seen, const struct seer *seer)
{
    Events__EventPresence *shown = arena_new(seen->arena, Events__EventPresence);
    bool leads = seer->class == SEEN_LEADER;
    if (!shown) return NULL;
    events__event_presence__init(shown);
    if (seer->class == SEEN_LATE) return shown;
    if (!leads && seen->night_ms) shown->as_of = stamp_new(seen->arena, (int64_t)seen->night_ms);
    bool ok = add_people(seen, leads ? state_now : state_shown, shown) &&
              (seer->class != SEEN_SIDE || add_side(seen, &seer->side, shown)) &&
              (!leads || add_others(seen, shown));
    return ok && !seen->arena->failed ? shown : NULL;
}
