#include "services/events/names/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/schema/passport.h"
#include "lib/base/text.h"
#include "services/events/tables.h"

enum { PAGE = 1000, ARENA = 8 << 20, FRESH_MS = 2000, NAME_CHARS = 32 };

// Of one user.
struct bearer {
    struct uuid user_id;
    char name[NAME_CHARS + 1];
    bool outdone; // another user had this name later; this user's new name is still to come
    bool deleted; // the account: games that are over show the name, and nothing else finds it
    uint32_t level;
    uint64_t generation;        // of auth's store when it said so
    int64_t suspended_until_ms; // 0: not suspended; INT64_MAX: without end
    // The look of the name; 0 until somebody has looked.
    atomic_uint_least64_t large, small;
};

// ---- In memory

// Hashed, since a map's keys are as long as ids, and so that nobody can choose where they fall.
static struct uuid name_key(const struct names *names, const char *name)
{
    struct uuid key = {{0}};
    char folded[NAME_CHARS + 1];
    uint8_t hash[UUID_LEN / 2];
    text_lower(folded, sizeof folded, name);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)folded, strlen(folded), names->key,
                       sizeof names->key);
    hex_encode(key.text, hash, sizeof hash);
    return key;
}

static struct bearer *bearer_find(const struct names *names, const char *user_id)
{
    const uint32_t *place = idmap_find(&names->by_user, user_id);
    return place ? &names->bearers[*place] : NULL;
}

static struct bearer *holder_find(const struct names *names, const char *name)
{
    const struct uuid key = name_key(names, name);
    const uint32_t *place = idmap_find(&names->by_name, key.text);
    return place && *place ? &names->bearers[*place - 1] : NULL;
}

static struct bearer *bearer_add(struct names *names, const char *user_id)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        struct bearer *more = realloc(names->bearers, room * sizeof *more);
        if (!more) return NULL;
        names->bearers = more;
        names->room = room;
    }
    uint32_t *place = idmap_add(&names->by_user, user_id);
    if (!place) return NULL;
    *place = (uint32_t)names->count;
    struct bearer *bearer = &names->bearers[names->count++];
    *bearer = (struct bearer){.level = 0};
    snprintf(bearer->user_id.text, sizeof bearer->user_id.text, "%s", user_id);
    return bearer;
}

static bool bearer_rename(struct names *names, struct bearer *bearer, const char *name)
{
    const struct uuid key = name_key(names, name);
    uint32_t *place = idmap_add(&names->by_name, key.text);
    if (!place) return false;
    if (holder_find(names, bearer->name) == bearer) {
        const struct uuid before = name_key(names, bearer->name);
        *idmap_find(&names->by_name, before.text) = 0;
    }
    uint32_t own = (uint32_t)(bearer - names->bearers) + 1;
    if (*place && *place != own) names->bearers[*place - 1].outdone = true;
    *place = own;
    bearer->outdone = false;
    atomic_store(&bearer->large, 0);
    atomic_store(&bearer->small, 0);
    snprintf(bearer->name, sizeof bearer->name, "%s", name);
    return true;
}

static int64_t suspension_end(const Game__NameRow *row)
{
    if (!row->suspended) return 0;
    return row->suspended_until_ms ? row->suspended_until_ms : INT64_MAX;
}

bool names_set(struct names *names, const Game__NameRow *row)
{
    struct bearer *bearer = bearer_find(names, row->user_id);
    if (!bearer) bearer = bearer_add(names, row->user_id);
    if (!bearer) return false;
    bearer->level = row->level;
    bearer->deleted = row->deleted;
    bearer->generation = row->generation;
    bearer->suspended_until_ms = suspension_end(row);
    if (strcmp(bearer->name, row->username) == 0 && !bearer->outdone) return true;
    atomic_fetch_add(&names->version, 1);
    return bearer_rename(names, bearer, row->username);
}

// ---- The table

bool names_row_is_good(const Game__NameRow *row)
{
    return uuid_check(row->user_id) && *row->username && strlen(row->username) <= NAME_CHARS;
}

static bool load_page(struct names *names, char token[512], struct arena *arena, struct err *err)
{
    const struct store_query query = {.limit = PAGE, .page_token = token};
    struct store_rows rows;
    if (!store_find(names->store, &events_tables[EVENTS_NAMES], &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Game__NameRow *row = (const Game__NameRow *)rows.messages[i];
        if (!names_row_is_good(row)) return err_fail(err, STORE_CORRUPT, "a row of names is none");
        if (!names_set(names, row)) return err_fail(err, INTERNAL_ERROR, "no memory for names");
    }
    snprintf(token, 512, "%s", rows.next_page_token);
    return true;
}

static bool load_place(struct names *names, struct arena *arena, struct err *err)
{
    Game__ConsumedRow *row;
    uint64_t version;
    if (!store_get(names->store, &events_tables[EVENTS_CONSUMED], NAMES_STREAM, arena,
                   (ProtobufCMessage **)&row, &version, err))
        return false;
    if (row) names->place = (struct bus_place){row->generation, row->seq};
    return true;
}

static bool load_all(struct names *names, struct err *err)
{
    struct arena arena;
    char token[512] = "";
    arena_init(&arena, ARENA);
    bool ok = load_place(names, &arena, err);
    do {
        arena_reset(&arena);
        ok = ok && load_page(names, token, &arena, err);
    } while (ok && *token);
    arena_finish(&arena);
    return ok;
}

bool names_open(struct names **out, struct store *store, struct err *err)
{
    struct names *names = calloc(1, sizeof *names);
    if (!names) return err_fail(err, INTERNAL_ERROR, "out of memory");
    names->store = store;
    atomic_init(&names->version, 1);
    pthread_rwlock_init(&names->lock, NULL);
    randombytes_buf(names->key, sizeof names->key);
    if (load_all(names, err)) return *out = names, true;
    names_close(names);
    return false;
}

void names_close(struct names *names)
{
    if (!names) return;
    pthread_rwlock_destroy(&names->lock);
    idmap_finish(&names->by_user);
    idmap_finish(&names->by_name);
    free(names->bearers);
    free(names);
}

// ---- Showing

// The seated people, which are shown together and so compared.
struct table {
    bool is_set;
    struct look looks[GAME_MAX_SEATS];
    const struct bearer *bearers[GAME_MAX_SEATS]; // NULL: of an unknown name
};

// Many threads may look at the same time, and see the same.
static struct look bearer_look(struct bearer *bearer)
{
    struct look look = {atomic_load(&bearer->large), atomic_load(&bearer->small)};
    if (look.large && look.small) return look;
    look = look_of(bearer->name);
    atomic_store(&bearer->large, look.large);
    atomic_store(&bearer->small, look.small);
    return look;
}

static struct look look_at(struct person *person, struct bearer *bearer)
{
    if (bearer) return bearer_look(bearer);
    if (!person->look.large) person->look = look_of(person->username);
    return person->look;
}

static struct bearer *person_bearer(const struct names *names, const struct person *person)
{
    const char *account = person_account(person);
    return *account ? bearer_find(names, account) : NULL;
}

static void table_set(struct table *table, const struct names *names, struct game *game)
{
    table->is_set = true;
    for (size_t seat = 0; seat < GAME_MAX_SEATS; seat++) {
        if (!game->seats[seat]) continue;
        struct person *person = &game->people[game->seats[seat] - 1];
        struct bearer *bearer = person_bearer(names, person);
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
    return !person->guest && holder_find(names, person->username);
}

static void present_name(const struct names *names, struct game *game, size_t i, struct table *table,
                         char shown[PERSON_NAME])
{
    struct person *person = &game->people[i];
    struct bearer *bearer = person_bearer(names, person);
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
    const struct bearer *bearer = bearer_find(names, user_id);
    bool marked = bearer && bearer->outdone;
    snprintf(name, PERSON_NAME, "%s%s%s", bearer ? bearer->name : "", marked ? "~" : "",
             marked ? user_id + UUID_LEN - PERSON_MARK : "");
}

void names_of(struct names *names, const char *user_id, char name[PERSON_NAME])
{
    pthread_rwlock_rdlock(&names->lock);
    name_alone(names, user_id, name);
    pthread_rwlock_unlock(&names->lock);
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
    bool same = shown->looked == atomic_load(&names->version);
    bool nobody_came = shown->people == game->people_count; // to the waitlist one comes unseen by the public
    if (same && nobody_came && shown->entries == game->log.public_count) return;
    pthread_rwlock_rdlock(&names->lock);
    same = shown->looked == atomic_load(&names->version);
    shown->looked = atomic_load(&names->version);
    shown->entries = game->log.public_count;
    bool leads_is_new = show_god(names, game);
    leads_is_new |= show_assistants(names, game);
    if (show_people(names, game, same ? shown->people : 0) ||
        leads_is_new) // the same two numbers: the same names
        shown->version = shown->looked << 32 | (uint32_t)shown->entries;
    shown->people = game->people_count;
    pthread_rwlock_unlock(&names->lock);
}

static bool is_fresh(const struct names *names)
{
    return names->consumer && bus_consumer_age_ms(names->consumer) <= FRESH_MS;
}

// A user that another content of auth's store had, and this one does not, is nobody.
static bool is_current(const struct names *names, const struct bearer *bearer, bool fresh)
{
    return bearer && (!fresh || bearer->generation == names->place.generation);
}

static bool names_tell(struct names *names, const char *user_id, const char *username, struct name_told *told)
{
    bool fresh = is_fresh(names);
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = user_id ? bearer_find(names, user_id) : holder_find(names, username);
    bool known = is_current(names, bearer, fresh) && !bearer->deleted;
    if (known) {
        told->user_id = bearer->user_id;
        told->level = bearer->level;
        told->suspended_until_ms = bearer->suspended_until_ms;
        snprintf(told->username, sizeof told->username, "%s", bearer->name);
    }
    pthread_rwlock_unlock(&names->lock);
    return known;
}

bool names_get(struct names *names, const char *user_id, struct name_told *told)
{
    return names_tell(names, user_id, NULL, told);
}

bool names_find(struct names *names, const char *username, struct name_told *told)
{
    return strlen(username) <= NAME_CHARS && names_tell(names, NULL, username, told);
}

enum names_standing names_standing(struct names *names, const char *user_id, int64_t now_ms)
{
    bool fresh = is_fresh(names);
    pthread_rwlock_rdlock(&names->lock);
    const struct bearer *bearer = bearer_find(names, user_id);
    bool known = is_current(names, bearer, fresh);
    bool may_lead = known && !bearer->deleted && bearer->suspended_until_ms <= now_ms;
    uint32_t level = may_lead ? bearer->level : 0;
    pthread_rwlock_unlock(&names->lock);
    if (!known) return fresh ? NAMES_NO_GOD : NAMES_UNKNOWN;
    return level && level <= LEVEL_GOD ? NAMES_GOD : NAMES_NO_GOD;
}
