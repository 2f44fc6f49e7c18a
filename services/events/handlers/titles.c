#include "services/events/handlers/titles.h"

#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/names/groups.h"
#include "services/events/names/show.h"
#include "services/events/tables.h"

enum { PLAYER_TITLES = 4 };

struct title_list {
    struct title_place *places;
    size_t count;
};

static void title_add(struct title_list *list, enum events_table table, const char *id, Events__Title **title)
{
    if (id[0]) list->places[list->count++] = (struct title_place){.table = table, .id = id, .title = title};
}

// What was told is named where it is not what is true.
static void title_add_told(struct title_list *list, Events__Player *player)
{
    if (strcmp(player->told_role_id, player->role_id) != 0)
        title_add(list, EVENTS_ROLES, player->told_role_id, &player->told_role);
    if (strcmp(player->told_side_id, player->side_id) != 0)
        title_add(list, EVENTS_SIDES, player->told_side_id, &player->told_side);
}

static void title_add_players(struct title_list *list, Events__Player **players, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Events__Player *player = players[i];
        title_add(list, EVENTS_ROLES, player->role_id, &player->role);
        title_add(list, EVENTS_SIDES, player->side_id, &player->side);
        title_add_told(list, player);
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
    return !arena->failed;
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
    names_of(events->names, user_id, name);
    return view_person(user_id, name, arena);
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

// The view of an event's deck has made them, with the sides of its roles then.
static bool cards_make(Events__Deck *deck, struct arena *arena)
{
    if (deck->n_cards) return true;
    deck->cards = arena_array(arena, deck->n_roles + 1, sizeof *deck->cards);
    for (; deck->cards && deck->n_cards < deck->n_roles; deck->n_cards++) {
        Events__DeckCard *card = deck->cards[deck->n_cards] = arena_new(arena, Events__DeckCard);
        if (!card) return false;
        events__deck_card__init(card);
        card->role_id = deck->roles[deck->n_cards]->role_id;
        card->copies = deck->roles[deck->n_cards]->copies;
    }
    return deck->cards;
}

static bool cards_name(struct events *events, Events__Deck *deck, struct arena *arena)
{
    struct title_place *places = arena_array(arena, deck->n_cards + 1, sizeof *places);
    Events__Title **titles = arena_array(arena, deck->n_cards + 1, sizeof *titles);
    if (!places || !titles) return false;
    for (size_t i = 0; i < deck->n_cards; i++) {
        Events__DeckCard *card = deck->cards[i];
        const char **side_id = card->side_id[0] ? NULL : &card->side_id;
        places[i] = (struct title_place){EVENTS_ROLES, card->role_id, &titles[i], side_id, NULL};
    }
    if (!catalogue_titles(events->catalogue, places, deck->n_cards, arena)) return false;
    struct title_list sides = {.places = places};
    for (size_t i = 0; i < deck->n_cards; i++) {
        deck->cards[i]->name = titles[i]->name;
        deck->cards[i]->name_fa = titles[i]->name_fa;
        title_add(&sides, EVENTS_SIDES, deck->cards[i]->side_id, &deck->cards[i]->side);
    }
    return catalogue_titles(events->catalogue, sides.places, sides.count, arena);
}

static bool moves_make(Events__Deck *deck, struct arena *arena)
{
    deck->moves = arena_array(arena, deck->n_last_moves + 1, sizeof *deck->moves);
    for (; deck->moves && deck->n_moves < deck->n_last_moves; deck->n_moves++) {
        Events__DeckMove *move = deck->moves[deck->n_moves] = arena_new(arena, Events__DeckMove);
        if (!move) return false;
        events__deck_move__init(move);
        move->last_move_id = deck->last_moves[deck->n_moves]->last_move_id;
        move->copies = deck->last_moves[deck->n_moves]->copies;
    }
    return deck->moves;
}

static bool moves_name(struct events *events, Events__Deck *deck, struct arena *arena)
{
    struct title_place *places = arena_array(arena, deck->n_moves + 1, sizeof *places);
    Events__Title **titles = arena_array(arena, deck->n_moves + 1, sizeof *titles);
    if (!places || !titles) return false;
    for (size_t i = 0; i < deck->n_moves; i++)
        places[i] = (struct title_place){EVENTS_LAST_MOVES, deck->moves[i]->last_move_id, &titles[i], NULL,
                                         &deck->moves[i]->number};
    if (!catalogue_titles(events->catalogue, places, deck->n_moves, arena)) return false;
    for (size_t i = 0; i < deck->n_moves; i++) {
        deck->moves[i]->name = titles[i]->name;
        deck->moves[i]->name_fa = titles[i]->name_fa;
    }
    return true;
}

Events__Deck *titles_deck(struct events *events, const Events__Deck *deck, struct arena *arena)
{
    Events__Deck *shown = arena_copy(arena, deck, sizeof *deck);
    bool ok = shown && cards_make(shown, arena) && cards_name(events, shown, arena) &&
              moves_make(shown, arena) && moves_name(events, shown, arena);
    return ok ? shown : NULL;
}
