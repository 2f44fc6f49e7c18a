#include "services/ai/behaviour/behaviour_game.h"

#include <string.h>

static const struct behaviour_id no_id;

bool behaviour_is_out(uint8_t status)
{
    return status == BEHAVIOUR_KICKED || status == BEHAVIOUR_DEAD || status == BEHAVIOUR_EXITED ||
           status == BEHAVIOUR_DEVOTED;
}

uint8_t behaviour_node(uint8_t part, uint8_t status) { return (uint8_t)(part << 4 | status); }

static bool node_exists(uint8_t node)
{
    return node >> 4 <= BEHAVIOUR_DEALT && (node & 15) < BEHAVIOUR_STATUSES;
}

static bool game_is_sane(const struct behaviour_game *game)
{
    if (game->step_count > BEHAVIOUR_MAX_STEPS || game->chain_count > BEHAVIOUR_MAX_CHAINS) return false;
    for (uint32_t i = 0; i < game->step_count; i++)
        if (game->steps[i].part >= BEHAVIOUR_DEALT || game->steps[i].status >= BEHAVIOUR_STATUSES)
            return false;
    return game->first_use_day == 0 || game->first_use_part < BEHAVIOUR_DEALT;
}

// Inserts in order; a game has few different keys.
static struct behaviour_entry *entry_for(struct behaviour_tally *tally, const struct behaviour_key *key)
{
    uint32_t at = tally->count;
    while (at > 0 && memcmp(&tally->entries[at - 1].key, key, sizeof *key) > 0) at--;
    if (at > 0 && memcmp(&tally->entries[at - 1].key, key, sizeof *key) == 0) return &tally->entries[at - 1];
    memmove(&tally->entries[at + 1], &tally->entries[at], (tally->count++ - at) * sizeof tally->entries[0]);
    tally->entries[at] = (struct behaviour_entry){.key = *key};
    return &tally->entries[at];
}

static void count_three(struct behaviour_tally *tally, struct behaviour_key key, uint32_t a, uint32_t b,
                        uint32_t c)
{
    struct behaviour_entry *entry = entry_for(tally, &key);
    entry->counts[0] += a;
    entry->counts[1] += b;
    entry->counts[2] += c;
}

static void count_one(struct behaviour_tally *tally, struct behaviour_key key)
{
    count_three(tally, key, 1, 0, 0);
}

static void tally_moves(struct behaviour_tally *tally, const struct behaviour_game *game)
{
    struct behaviour_key key = {BEHAVIOUR_MOVE, game->role, game->side, 0, 0};
    uint8_t node = behaviour_node(BEHAVIOUR_DEALT, BEHAVIOUR_DEFAULT);
    bool out = false;
    for (uint32_t i = 0; i < game->step_count; i++) {
        const struct behaviour_step *step = &game->steps[i];
        key.x = node;
        key.y = node = behaviour_node(step->part, step->status);
        bool still_out = out && behaviour_is_out(step->status);
        if (!still_out) count_one(tally, key);
        out = behaviour_is_out(step->status);
        key.role = step->role;
        key.side = step->side;
    }
}

// The step at which the player left for good, or NULL for a player that was in to the end.
static const struct behaviour_step *find_end(const struct behaviour_game *game)
{
    const struct behaviour_step *end = NULL;
    for (uint32_t i = game->step_count; i > 0 && behaviour_is_out(game->steps[i - 1].status); i--)
        end = &game->steps[i - 1];
    return end;
}

static void tally_end(struct behaviour_tally *tally, const struct behaviour_game *game,
                      const struct behaviour_step *end)
{
    if (end)
        count_one(tally,
                  (struct behaviour_key){BEHAVIOUR_END, game->role, game->side, end->part, end->status});
    if (game->uses_left > 0)
        count_three(tally, (struct behaviour_key){BEHAVIOUR_LEFT_OVER, game->role, game->side, 0, 0}, 1,
                    game->uses_left, 0);
}

static void tally_result(struct behaviour_tally *tally, const struct behaviour_game *game, bool survived)
{
    uint32_t day = game->first_use_day < BEHAVIOUR_LAST_DAY ? game->first_use_day : BEHAVIOUR_LAST_DAY;
    uint8_t part = day > 0 ? game->first_use_part : 0;
    count_three(tally, (struct behaviour_key){BEHAVIOUR_RESULT, game->role, game->side, 0, 0}, 1, game->won,
                survived);
    count_three(tally,
                (struct behaviour_key){BEHAVIOUR_FIRST_USE, game->role, game->side, (uint8_t)day, part}, 1,
                game->won, survived);
}

bool behaviour_tally_game(struct behaviour_tally *tally, const struct behaviour_game *game)
{
    if (!game_is_sane(game)) return false;
    const struct behaviour_step *end = find_end(game);
    tally->count = 0;
    tally_moves(tally, game);
    tally_end(tally, game, end);
    tally_result(tally, game, end == NULL);
    for (uint32_t i = 0; i < game->chain_count; i++)
        count_one(tally, (struct behaviour_key){BEHAVIOUR_CHAIN, game->chains[i], no_id, 0, 0});
    return true;
}

static bool second_and_third_are_within(const struct behaviour_entry *entry)
{
    return entry->counts[1] <= entry->counts[0] && entry->counts[2] <= entry->counts[0];
}

static bool only_first_counts(const struct behaviour_entry *entry)
{
    return entry->counts[1] == 0 && entry->counts[2] == 0;
}

bool behaviour_entry_check(const struct behaviour_entry *entry)
{
    const struct behaviour_key *key = &entry->key;
    if (entry->counts[0] == 0) return false;
    switch (key->kind) {
    case BEHAVIOUR_RESULT:
        return key->x == 0 && key->y == 0 && second_and_third_are_within(entry);
    case BEHAVIOUR_MOVE:
        return node_exists(key->x) && node_exists(key->y) && only_first_counts(entry);
    case BEHAVIOUR_END:
        return key->x < BEHAVIOUR_DEALT && behaviour_is_out(key->y) && only_first_counts(entry);
    case BEHAVIOUR_LEFT_OVER:
        return key->x == 0 && key->y == 0 && entry->counts[1] >= entry->counts[0] && entry->counts[2] == 0;
    case BEHAVIOUR_FIRST_USE:
        return key->x <= BEHAVIOUR_LAST_DAY && key->y < BEHAVIOUR_DEALT && (key->x > 0 || key->y == 0) &&
               second_and_third_are_within(entry);
    case BEHAVIOUR_CHAIN:
        return key->x == 0 && key->y == 0 && memcmp(&key->side, &no_id, sizeof no_id) == 0 &&
               only_first_counts(entry);
    default:
        return false;
    }
}
