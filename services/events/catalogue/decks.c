#include "services/events/catalogue/decks.h"

#include <stdlib.h>
#include <string.h>

#include "lib/replica/replica.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/tables.h"

bool deck_find(struct events *events, const char *deck_id, struct arena *arena, Game__DeckRow **row,
               uint64_t *version, struct err *err)
{
    const struct store_table *table = &events_tables[EVENTS_DECKS];
    if (!store_get(events->store, table, deck_id, arena, (ProtobufCMessage **)row, version, err))
        return false;
    if (!*row || !(*row)->deck) return err_fail(err, NOT_FOUND, "there is no such deck");
    const Events__Deck *deck = (*row)->deck;
    return (deck->n_roles <= GAME_MAX_ROLES && deck->n_last_moves <= GAME_MAX_ROLES) ||
           err_fail(err, STORE_CORRUPT, "deck %s has more cards than there are", deck_id);
}

static bool check_role(struct events *events, const Events__Deck *deck, size_t i, struct arena *arena,
                       struct err *err)
{
    const Events__DeckRole *wanted = deck->roles[i];
    const Events__Role *role =
        (Events__Role *)catalogue_find(events->catalogue, EVENTS_ROLES, wanted->role_id, arena);
    if (!role || role->disabled)
        return err_field(err, DECK_INVALID, "roles", "roles[%zu] is not a role, or a disabled one", i);
    if (wanted->copies > role->copies)
        return err_field(err, DECK_INVALID, "roles", "the catalogue has %d cards of %s", role->copies,
                         role->slug);
    for (size_t j = 0; j < i; j++)
        if (strcmp(deck->roles[j]->role_id, wanted->role_id) == 0)
            return err_field(err, DECK_INVALID, "roles", "%s is named twice", role->slug);
    return true;
}

// The catalogue has one card of each last move.
static bool check_last_move(struct events *events, const Events__Deck *deck, size_t i, struct arena *arena,
                            struct err *err)
{
    const Events__DeckLastMove *wanted = deck->last_moves[i];
    const Events__LastMove *move =
        (Events__LastMove *)catalogue_find(events->catalogue, EVENTS_LAST_MOVES, wanted->last_move_id, arena);
    if (!move || move->disabled)
        return err_field(err, DECK_INVALID, "last_moves", "last_moves[%zu] is not a card, or a disabled one",
                         i);
    if (wanted->copies > 1)
        return err_field(err, DECK_INVALID, "last_moves", "the catalogue has one card of number %d",
                         move->number);
    for (size_t j = 0; j < i; j++)
        if (strcmp(deck->last_moves[j]->last_move_id, wanted->last_move_id) == 0)
            return err_field(err, DECK_INVALID, "last_moves", "card %d is named twice", move->number);
    return true;
}

bool deck_check(struct events *events, const Events__Deck *deck, struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < deck->n_roles; i++)
        if (!check_role(events, deck, i, arena, err)) return false;
    for (size_t i = 0; i < deck->n_last_moves; i++)
        if (!check_last_move(events, deck, i, arena, err)) return false;
    return true;
}

// As long as a program lives that would not read it, a new game has no rooms of sides.
static bool side_meets(struct events *events, const char *side_id, struct arena *arena)
{
    const Events__Side *side =
        (Events__Side *)catalogue_find(events->catalogue, EVENTS_SIDES, side_id, arena);
    return side && side->meets__case && side->meets && replica_all_know(events->replica, MEETS_SINCE);
}

bool role_facts_find(struct events *events, const char *role_id, struct arena *arena, Game__RoleFacts **facts,
                     struct err *err)
{
    const Events__Role *role =
        (Events__Role *)catalogue_find(events->catalogue, EVENTS_ROLES, role_id, arena);
    if (!role) return err_field(err, INVALID_FIELD, "role_id", "there is no such role");
    *facts = arena_new(arena, Game__RoleFacts);
    if (!*facts) return err_fail(err, CALL_TOO_LARGE, "the deck needs more memory than a call may use");
    game__role_facts__init(*facts);
    (*facts)->role_id = role->id;
    (*facts)->side_id = role->side_id;
    (*facts)->abilities = role->abilities;
    (*facts)->copies = 0;
    (*facts)->meets = role->meets && side_meets(events, role->side_id, arena);
    return true;
}

static int by_role_id(const void *a, const void *b)
{
    return strcmp((*(Game__RoleFacts *const *)a)->role_id, (*(Game__RoleFacts *const *)b)->role_id);
}

static bool hash_deck(Game__Opened *opened, struct arena *arena)
{
    struct deal_role roles[GAME_MAX_ROLES];
    for (size_t i = 0; i < opened->n_roles; i++)
        roles[i] = (struct deal_role){opened->roles[i]->role_id, (uint32_t)opened->roles[i]->copies};
    opened->deck_hash = (ProtobufCBinaryData){DEAL_HASH, arena_alloc(arena, DEAL_HASH)};
    if (opened->deck_hash.data) deal_deck_hash(opened->deck_hash.data, roles, opened->n_roles);
    return opened->deck_hash.data;
}

bool deck_fill(struct events *events, const Events__Deck *deck, struct arena *arena, Game__Opened *opened,
               struct err *err)
{
    if (!deck_check(events, deck, arena, err)) return false;
    opened->roles = arena_array(arena, deck->n_roles + 1, sizeof *opened->roles);
    for (size_t i = 0; opened->roles && i < deck->n_roles; i++) {
        if (!role_facts_find(events, deck->roles[i]->role_id, arena, &opened->roles[i], err)) return false;
        opened->roles[i]->copies = deck->roles[i]->copies;
        opened->n_roles++;
    }
    if (opened->roles) qsort(opened->roles, opened->n_roles, sizeof *opened->roles, by_role_id);
    opened->deck_id = deck->id;
    opened->deck_name = deck->name;
    opened->deck_version = deck->version;
    opened->last_moves = deck->last_moves;
    opened->n_last_moves = deck->n_last_moves;
    return (opened->roles && hash_deck(opened, arena)) ||
           err_fail(err, CALL_TOO_LARGE, "the deck needs more memory than a call may use");
}
