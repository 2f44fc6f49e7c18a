#include "services/events/handlers/titles.h"

#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/names/groups.h"
#include "services/events/names/names.h"
#include "services/events/tables.h"

enum { PLAYER_TITLES = 4 };

struct title_list {
    struct title_place *places;
    size_t count;
};

static void title_add(struct title_list *list, enum events_table table, const char *id, Events__Title **title)
{
    if (id[0]) list->places[list->count++] = (struct title_place){table, id, title};
}

static void title_add_players(struct title_list *list, Events__Player **players, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Events__Player *player = players[i];
        title_add(list, EVENTS_ROLES, player->role_id, &player->role);
        title_add(list, EVENTS_SIDES, player->side_id, &player->side);
        title_add(list, EVENTS_ROLES, player->told_role_id, &player->told_role);
        title_add(list, EVENTS_SIDES, player->told_side_id, &player->told_side);
    }
}

static bool titles_players(struct events *events, Events__Player **players, size_t count, struct arena *arena)
{
    struct title_list list = {.places = arena_array(arena, PLAYER_TITLES * count + 1, sizeof *list.places)};
    if (!list.places) return false;
    title_add_players(&list, players, count);
    return list.count == 0 || catalogue_titles(events->catalogue, list.places, list.count, arena);
}

struct titles_version titles_version(const struct events *events)
{
    return (struct titles_version){catalogue_version(events->catalogue),
                                   group_names_version(events->group_names)};
}

static bool titles_winners(struct events *events, Events__Event *event, struct arena *arena)
{
    size_t count = event->n_winning_side_ids;
    if (count == 0) return true;
    struct title_list list = {.places = arena_array(arena, count, sizeof *list.places)};
    event->winning_sides = arena_array(arena, count, sizeof *event->winning_sides);
    if (!list.places || !event->winning_sides) return false;
    for (size_t i = 0; i < count; i++)
        title_add(&list, EVENTS_SIDES, event->winning_side_ids[i], &event->winning_sides[i]);
    event->n_winning_sides = count;
    return catalogue_titles(events->catalogue, list.places, count, arena);
}

// A group whose row can't be read has no name, and the event is shown all the same.
static bool titles_group_of(struct events *events, Events__Event *event, struct arena *arena)
{
    event->group = arena_new(arena, Events__GroupName);
    if (!event->group) return false;
    events__group_name__init(event->group);
    event->group->id = event->group_id;
    if (!group_names_fill(events->group_names, event->group, arena)) event->group->name = "";
    return true;
}

bool titles_event(struct events *events, Events__Event *event, struct arena *arena)
{
    return titles_group_of(events, event, arena) && titles_winners(events, event, arena) &&
           titles_players(events, event->players, event->n_players, arena);
}

bool titles_player(struct events *events, Events__Player *player, struct arena *arena)
{
    return titles_players(events, &player, 1, arena);
}

static Events__Person *titles_person(struct events *events, const char *user_id, struct arena *arena)
{
    char name[PERSON_NAME];
    Events__Person *person = arena_new(arena, Events__Person);
    if (!person) return NULL;
    events__person__init(person);
    names_of(events->names, user_id, name);
    person->id = user_id;
    person->username = arena_str(arena, name);
    return person;
}

bool titles_summary(struct events *events, Events__Event *event, struct arena *arena)
{
    event->god = titles_person(events, event->god_id, arena);
    return event->god && titles_event(events, event, arena);
}

static bool titles_report(void *arg, Events__PhaseReport *report, struct arena *arena)
{
    return titles_players(arg, report->players, report->n_players, arena);
}

struct view_dress titles_dress(struct events *events)
{
    return (struct view_dress){titles_report, events, catalogue_version(events->catalogue)};
}

Events__Group *titles_group(struct events *events, const Events__Group *group, struct arena *arena)
{
    Events__Group *shown = arena_copy(arena, group, sizeof *group);
    if (!shown) return NULL;
    shown->god = titles_person(events, group->god_id, arena);
    return shown->god ? shown : NULL;
}

static Events__DeckCard *titles_card(struct events *events, const Events__DeckCard *card, struct arena *arena)
{
    Events__DeckCard *shown = arena_copy(arena, card, sizeof *card);
    if (!shown) return NULL;
    const Events__Role *role =
        (Events__Role *)catalogue_find(events->catalogue, EVENTS_ROLES, card->role_id, arena);
    if (role) shown->name = role->name;
    if (role) shown->name_fa = role->name_fa;
    if (role && !card->side_id[0]) shown->side_id = role->side_id;
    const struct title_place side = {EVENTS_SIDES, shown->side_id, &shown->side};
    return !side.id[0] || catalogue_titles(events->catalogue, &side, 1, arena) ? shown : NULL;
}

static Events__DeckMove *titles_move(struct events *events, const Events__DeckMove *move, struct arena *arena)
{
    Events__DeckMove *shown = arena_copy(arena, move, sizeof *move);
    if (!shown) return NULL;
    const Events__LastMove *card =
        (Events__LastMove *)catalogue_find(events->catalogue, EVENTS_LAST_MOVES, move->last_move_id, arena);
    if (!card) return shown;
    shown->number = card->number;
    shown->name = card->name;
    shown->name_fa = card->name_fa;
    return shown;
}

Events__Deck *titles_deck(struct events *events, const Events__Deck *deck, struct arena *arena)
{
    Events__Deck *shown = arena_copy(arena, deck, sizeof *deck);
    if (!shown) return NULL;
    shown->roles = arena_array(arena, deck->n_roles + 1, sizeof *shown->roles);
    shown->last_moves = arena_array(arena, deck->n_last_moves + 1, sizeof *shown->last_moves);
    if (!shown->roles || !shown->last_moves) return NULL;
    for (size_t i = 0; i < deck->n_roles; i++)
        if (!(shown->roles[i] = titles_card(events, deck->roles[i], arena))) return NULL;
    for (size_t i = 0; i < deck->n_last_moves; i++)
        if (!(shown->last_moves[i] = titles_move(events, deck->last_moves[i], arena))) return NULL;
    return shown;
}
