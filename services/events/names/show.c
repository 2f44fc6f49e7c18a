// Giving a game's people their present names, no two alike.
#include "services/events/names/show.h"

#include <stdio.h>
#include <string.h>

// The seated people, which are shown together and so compared.
struct table {
    bool is_set;
    struct look looks[GAME_MAX_SEATS];
    const struct bearer *bearers[GAME_MAX_SEATS]; // NULL: of an unknown name
};

// Looked at once for each name that a person has.
static struct look look_at(struct person *person, const struct bearer *bearer)
{
    uint64_t change = bearer ? bearer->change : 0;
    if (person->look.large && person->looked == change) return person->look;
    person->look = look_of(bearer ? bearer->name : person->username);
    person->looked = change;
    return person->look;
}

static const struct bearer *person_bearer(const struct names *names, const struct person *person)
{
    const char *account = person_account(person);
    return *account ? names_bearer(names, account) : NULL;
}

static void table_set(struct table *table, const struct names *names, struct game *game)
{
    table->is_set = true;
    for (size_t seat = 0; seat < GAME_MAX_SEATS; seat++) {
        if (!game->seats[seat]) continue;
        struct person *person = &game->people[game->seats[seat] - 1];
        const struct bearer *bearer = person_bearer(names, person);
        table->looks[seat] = look_at(person, bearer);
        table->bearers[seat] = bearer;
    }
}

// Whether the person must be shown unlike the other: a guest unlike earlier guests and everybody else, a
// person whose name is unknown unlike earlier ones and those whose name is known, and these unlike earlier
// ones that have no mark.
static bool gives_way(const struct game *game, size_t i, size_t other, const struct bearer *of)
{
    const struct person *person = &game->people[i];
    if (person->guest) return !game->people[other].guest || other < i;
    if (game->people[other].guest) return false;
    return person->is_known ? of && !of->outdone && other < i : of || other < i;
}

static bool is_alike(const struct names *names, struct game *game, size_t i, const struct look *look,
                     struct table *table)
{
    if (!table->is_set) table_set(table, names, game);
    for (size_t seat = 0; seat < GAME_MAX_SEATS; seat++) {
        size_t other = game->seats[seat];
        if (!other-- || other == i || !gives_way(game, i, other, table->bearers[seat])) continue;
        if (look_alike(&table->looks[seat], look)) return true;
    }
    return false;
}

static bool is_another(const struct names *names, const struct person *person, const struct bearer *bearer)
{
    if (bearer) return bearer->outdone;
    return !person->guest && names_holder(names, person->username);
}

static void present_name(const struct names *names, struct game *game, size_t i, struct table *table,
                         char shown[PERSON_NAME])
{
    struct person *person = &game->people[i];
    const struct bearer *bearer = person_bearer(names, person);
    const struct look look = look_at(person, bearer);
    person->is_known = bearer;
    bool marked = is_another(names, person, bearer) || is_alike(names, game, i, &look, table);
    snprintf(shown, PERSON_NAME, "%s%s%s", bearer ? bearer->name : person->username, marked ? "~" : "",
             marked ? person->user_id.text + UUID_LEN - PERSON_MARK : "");
}

static bool take_seats(struct game *game)
{
    bool moved = memcmp(game->names.seats, game->seats, sizeof game->seats) != 0;
    memcpy(game->names.seats, game->seats, sizeof game->seats);
    return moved;
}

// From a person on, and those before that may have come to be alike.
static bool show_people(const struct names *names, struct game *game, size_t from)
{
    bool is_new = false, moved = take_seats(game);
    struct table table = {.is_set = false};
    for (size_t i = 0; i < game->people_count; i++) {
        const struct person *person = &game->people[i];
        char shown[PERSON_NAME];
        if (i < from && person->is_known && !(moved && person->seat)) continue;
        present_name(names, game, i, &table, shown);
        if (strcmp(shown, person->shown) == 0) continue;
        strcpy(game->people[i].shown, shown);
        is_new = true;
    }
    return is_new;
}

static void name_alone(const struct names *names, const char *user_id, char name[PERSON_NAME])
{
    const struct bearer *bearer = names_bearer(names, user_id);
    bool marked = bearer && bearer->outdone;
    snprintf(name, PERSON_NAME, "%s%s%s", bearer ? bearer->name : "", marked ? "~" : "",
             marked ? user_id + UUID_LEN - PERSON_MARK : "");
}

void names_of(struct names *names, const char *user_id, char name[PERSON_NAME])
{
    names_hold(names);
    name_alone(names, user_id, name);
    names_release(names);
}

static bool show_god(const struct names *names, struct game *game)
{
    struct names_shown *shown = &game->names;
    char name[PERSON_NAME];
    name_alone(names, game->god_id.text, name);
    bool is_new = strcmp(name, shown->god) != 0;
    shown->god_id = game->god_id;
    strcpy(shown->god, name);
    return is_new;
}

static bool show_assistants(const struct names *names, struct game *game)
{
    bool is_new = false;
    for (size_t i = 0; i < game->assistants_count; i++) {
        struct assistant *assistant = &game->assistants[i];
        char name[PERSON_NAME];
        name_alone(names, assistant->user_id.text, name);
        is_new |= strcmp(name, assistant->shown) != 0;
        strcpy(assistant->shown, name);
    }
    return is_new;
}

void names_show(struct names *names, struct game *game)
{
    struct names_shown *shown = &game->names;
    bool same = shown->looked == names_changes(names);
    bool nobody_came = shown->people == game->people_count; // to the waitlist one comes unseen by the public
    if (same && nobody_came && shown->entries == game->log.public_count) return;
    names_hold(names);
    same = shown->looked == names_changes(names);
    shown->looked = names_changes(names);
    shown->entries = game->log.public_count;
    bool leads_is_new = show_god(names, game);
    leads_is_new |= show_assistants(names, game);
    if (show_people(names, game, same ? shown->people : 0) ||
        leads_is_new) // the same two numbers: the same names
        shown->version = shown->looked << 32 | (uint32_t)shown->entries;
    shown->people = game->people_count;
    names_release(names);
}
