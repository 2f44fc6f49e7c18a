#include "services/events/chat/rights.h"

#include <string.h>

#include "services/events/game/status.h"

// What a viewer is to a room.
enum {
    IS_ANYBODY = 1, // has an account
    IS_LEADER = 2,  // leads the event, and does not take part
    IS_GOD = 4,     // is its god, and does not take part
    IS_LIVING = 8,  // has a seat, and their part is not over
    IS_DEAD = 16,   // has a seat, and their part is over; who was kicked is not among the dead
    IS_SILENCED = 32,
    IS_MEMBER = 64,  // was told a role that meets, and the room's side
    IS_PARTNER = 128 // is the player with whom the god talks in this room
};

// How far the event is.
enum {
    AT_OPEN = 1,
    AT_LOCKED = 2,
    AT_REVEALED = 4,
    AT_DAY = 8,    // in the running game, whatever is no night
    AT_NIGHT = 16, // also while it is paused
    AT_END = 32,
    AT_PAST = 64, // a day after the end
    ALWAYS = 127,
    AT_GAME = AT_DAY | AT_NIGHT,
    AFTER = AT_END | AT_PAST,
};

// The terms that a row asks for.
enum { ANY_TERMS, WITH_TABLE_AT_NIGHT, WITH_SIDE_BY_DAY };

enum deed { READS, WRITES };

struct row {
    enum room_kind kind;
    enum deed deed;
    unsigned who, but_not; // all of who, and nothing of but_not
    unsigned when;
    unsigned terms;
};

// One fitting row gives the right.
static const struct row rows[] = {
    {ROOM_TABLE, READS, IS_ANYBODY, 0, ALWAYS, ANY_TERMS},
    {ROOM_TABLE, WRITES, IS_LEADER, 0, ALWAYS & ~AFTER, ANY_TERMS},
    {ROOM_TABLE, WRITES, IS_LIVING, IS_SILENCED, ALWAYS & ~AFTER & ~AT_NIGHT, ANY_TERMS},
    {ROOM_TABLE, WRITES, IS_LIVING, IS_SILENCED, AT_NIGHT, WITH_TABLE_AT_NIGHT},

    {ROOM_SIDE, READS, IS_LEADER, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_SIDE, READS, IS_MEMBER, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_SIDE, READS, IS_ANYBODY, 0, AFTER, ANY_TERMS},
    {ROOM_SIDE, WRITES, IS_LEADER, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_SIDE, WRITES, IS_MEMBER | IS_LIVING, 0, AT_NIGHT, ANY_TERMS},
    {ROOM_SIDE, WRITES, IS_MEMBER | IS_LIVING, 0, AT_REVEALED | AT_DAY, WITH_SIDE_BY_DAY},

    {ROOM_DEAD, READS, IS_LEADER, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_DEAD, READS, IS_DEAD, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_DEAD, READS, IS_ANYBODY, 0, AFTER, ANY_TERMS},
    {ROOM_DEAD, WRITES, IS_LEADER, 0, AT_REVEALED | AT_GAME, ANY_TERMS},
    {ROOM_DEAD, WRITES, IS_DEAD, 0, AT_REVEALED | AT_GAME, ANY_TERMS},

    {ROOM_GOD, READS, IS_GOD, 0, ALWAYS & ~AT_OPEN, ANY_TERMS},
    {ROOM_GOD, READS, IS_PARTNER, 0, ALWAYS & ~AT_OPEN, ANY_TERMS},
    {ROOM_GOD, WRITES, IS_GOD, 0, ALWAYS & ~AT_OPEN & ~AT_PAST, ANY_TERMS},
    {ROOM_GOD, WRITES, IS_PARTNER, 0, ALWAYS & ~AT_OPEN & ~AT_PAST, ANY_TERMS},
};

// ---- The room

static bool side_meets(const struct game *game, const char *side_id)
{
    for (size_t i = 0; i < game->roles_count; i++)
        if (game->roles[i].meets && strcmp(game->roles[i].side_id.text, side_id) == 0) return true;
    return false;
}

static bool is_dead(const struct person *person)
{
    return person->seat && !person_alive(person) && !person_has(person, EVENTS__STATUS__VALUE__KICKED);
}

static bool anybody_died(const struct game *game)
{
    for (size_t i = 0; i < GAME_MAX_SEATS; i++)
        if (game->seats[i] && is_dead(&game->people[game->seats[i] - 1])) return true;
    return false;
}

static bool is_seated(const struct game *game, const char *user_id)
{
    int person = game_person(game, user_id);
    return person != GAME_NO_ONE && game->people[person].seat &&
           strcmp(game->people[person].user_id.text, user_id) == 0;
}

static bool room_exists(const struct game *game, const struct room *room)
{
    if (!game->terms.chat || strcmp(room->event_id.text, game->id.text) != 0) return false;
    switch (room->kind) {
    case ROOM_TABLE:
        return game->people_count > 0;
    case ROOM_SIDE:
        return game->dealt && side_meets(game, room->whose.text);
    case ROOM_DEAD:
        return game->dealt && anybody_died(game);
    default:
        return is_seated(game, room->whose.text);
    }
}

// ---- The viewer

static unsigned facts_of_player(const struct game *game, const struct person *person, const struct room *room)
{
    const struct role_facts *role = game_role(game, person->told_role);
    unsigned is = person_alive(person) ? IS_LIVING : is_dead(person) ? IS_DEAD : 0;
    if (person_silenced(person)) is |= IS_SILENCED;
    if (role && role->meets && strcmp(game_side_id(game, person->told_side), room->whose.text) == 0)
        is |= IS_MEMBER;
    return strcmp(person->user_id.text, room->whose.text) == 0 ? is | IS_PARTNER : is;
}

static unsigned facts_of(const struct game *game, const struct room_viewer *viewer, const struct room *room,
                         int person)
{
    if (!*viewer->user_id) return 0;
    if (person != GAME_NO_ONE && game->people[person].seat)
        return IS_ANYBODY | facts_of_player(game, &game->people[person], room);
    if (game_takes_part(game, person)) return IS_ANYBODY;
    bool god = viewer->god && strcmp(game->god_id.text, viewer->user_id) == 0;
    bool leads = god || viewer->dev || game_assistant(game, viewer->user_id) != GAME_NO_ONE;
    return IS_ANYBODY | (leads ? IS_LEADER : 0) | (god ? IS_GOD : 0);
}

// ---- The time

static unsigned time_of(const struct game *game, int64_t now_ms)
{
    const struct phase *phase = game_open_phase(game);
    switch (game->state) {
    case EVENTS__EVENT__STATE__OPEN:
        return AT_OPEN;
    case EVENTS__EVENT__STATE__LOCKED:
        return AT_LOCKED;
    case EVENTS__EVENT__STATE__REVEALED:
        return AT_REVEALED;
    case EVENTS__EVENT__STATE__RUNNING:
        return phase && phase->kind == EVENTS__PHASE__KIND__NIGHT ? AT_NIGHT : AT_DAY;
    default:
        return now_ms < game->ended_ms + ROOM_GOD_CLOSES_MS ? AT_END : AT_PAST;
    }
}

// What the members of the table, of a side and of the dead read of what was said before, as of a time.
static int64_t history_of(const struct game *game, int64_t at_ms)
{
    size_t at = game->phases_count;
    while (at && game->phases[at - 1].opened_ms > at_ms) at--;
    if (game->terms.history == EVENTS__HISTORY__VALUE__ALL || at == 0) return 0;
    int32_t day = game->phases[at - 1].day;
    bool phase_alone = game->terms.history == EVENTS__HISTORY__VALUE__NONE;
    while (!phase_alone && at > 1 && game->phases[at - 2].day == day) at--;
    return game->phases[at - 1].opened_ms;
}

// ---- The right

static bool fits_terms(const struct terms *terms, unsigned wanted)
{
    return wanted == ANY_TERMS ||
           (wanted == WITH_TABLE_AT_NIGHT ? terms->table_at_night : terms->side_by_day);
}

static bool has_right(const struct game *game, enum room_kind kind, enum deed deed, unsigned is, unsigned at)
{
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++)
        if (row->kind == kind && row->deed == deed && (is & row->who) == row->who && !(is & row->but_not) &&
            (at & row->when) && fits_terms(&game->terms, row->terms))
            return true;
    return false;
}

// Of a reader that may not write: because of who they are, or because nobody of their kind may now.
static Conse__Reason__Value why_not(const struct game *game, enum room_kind kind, unsigned is, unsigned at)
{
    if (at & AFTER) return game_over(game) ? CONSE__REASON__VALUE__EVENT_OVER : 0;
    if (kind == ROOM_TABLE && !(is & IS_LIVING)) return CONSE__REASON__VALUE__NOT_A_LIVING_PLAYER;
    if (kind == ROOM_SIDE && !(is & IS_LIVING)) return CONSE__REASON__VALUE__NOT_A_LIVING_PLAYER;
    if (kind == ROOM_TABLE && (is & IS_SILENCED)) return CONSE__REASON__VALUE__SILENCED;
    return CONSE__REASON__VALUE__ROOM_CLOSED;
}

struct room_right room_right(const struct game *game, const struct room_viewer *viewer,
                             const struct room *room, int64_t now_ms)
{
    struct room_right right = {.person = game_person(game, viewer->user_id)};
    unsigned is = facts_of(game, viewer, room, right.person), at = time_of(game, now_ms);
    bool seated = right.person != GAME_NO_ONE && game->people[right.person].seat;
    right.exists = room_exists(game, room);
    right.read = right.exists && has_right(game, room->kind, READS, is, at);
    right.write = right.read && has_right(game, room->kind, WRITES, is, at);
    right.moderates = right.read && (is & IS_LEADER);
    right.quiet = right.read && (is & IS_LIVING) && at == AT_NIGHT;
    if (right.read && !right.write) right.why = why_not(game, room->kind, is, at);
    if (!right.read || (at & AFTER) || right.moderates) return right;
    if (!seated && (at & AT_GAME)) right.behind_ms = game->terms.spectator_delay_ms;
    if (room->kind != ROOM_GOD)
        right.since_ms = history_of(game, right.behind_ms ? now_ms - right.behind_ms : INT64_MAX);
    return right;
}

bool room_refuse(const struct room_right *right, struct err *err)
{
    switch ((int)right->why) {
    case CONSE__REASON__VALUE__EVENT_OVER:
        return err_fail(err, EVENT_OVER, "the event is over, and its rooms are read only");
    case CONSE__REASON__VALUE__NOT_A_LIVING_PLAYER:
        return err_fail(err, NOT_A_LIVING_PLAYER, "only living players write in this room");
    case CONSE__REASON__VALUE__SILENCED:
        return err_fail(err, SILENCED, "who is silenced does not write at the table");
    default:
        return err_fail(err, ROOM_CLOSED, "nobody writes in this room at this time");
    }
}

// ---- All of them

static size_t add_if_read(const struct game *game, const struct room_viewer *viewer, int64_t now_ms,
                          struct room room, struct room *rooms, size_t count)
{
    if (count < ROOMS_MOST && room_right(game, viewer, &room, now_ms).read) rooms[count++] = room;
    return count;
}

size_t rooms_of(const struct game *game, const struct room_viewer *viewer, int64_t now_ms,
                struct room rooms[ROOMS_MOST])
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t seats = game_roster(game, roster), count = 0;
    struct room room = {.kind = ROOM_TABLE, .event_id = game->id};
    count = add_if_read(game, viewer, now_ms, room, rooms, count);
    for (size_t i = 0; i < game->sides_count; i++) {
        room = (struct room){ROOM_SIDE, game->id, game->sides[i]};
        count = add_if_read(game, viewer, now_ms, room, rooms, count);
    }
    room = (struct room){.kind = ROOM_DEAD, .event_id = game->id};
    count = add_if_read(game, viewer, now_ms, room, rooms, count);
    for (size_t i = 0; i < seats; i++) {
        room = (struct room){ROOM_GOD, game->id, game->people[roster[i]].user_id};
        count = add_if_read(game, viewer, now_ms, room, rooms, count);
    }
    return count;
}
