#include "services/chain/merit/merit.h"

#include <string.h>

#include "services/chain/merit/parts.h"

static const uint64_t GAMES_MAX = UINT64_C(1) << 28;

void merit_init(struct merit *merit, const uint8_t seed[16])
{
    *merit = (struct merit){.day = 0};
    ledger_map_init(&merit->games, sizeof(struct merit_game), MERIT_ID_BYTES, GAMES_MAX, seed);
    ledger_map_init(&merit->guests, sizeof(struct merit_guest), MERIT_ID_BYTES, GAMES_MAX, seed);
    ledger_map_init(&merit->coins, sizeof(struct merit_coins), MERIT_ID_BYTES, GAMES_MAX, seed);
    ledger_map_init(&merit->counts, sizeof(struct merit_counted), sizeof(struct merit_key), GAMES_MAX, seed);
}

void merit_finish(struct merit *merit)
{
    ledger_map_finish(&merit->games);
    ledger_map_finish(&merit->guests);
    ledger_map_finish(&merit->counts);
    ledger_map_finish(&merit->coins);
    *merit = (struct merit){.day = 0};
}

bool merit_reserve(struct merit *merit, size_t games, size_t guests, size_t counts)
{
    return ledger_map_reserve(&merit->games, games) && ledger_map_reserve(&merit->guests, guests) &&
           ledger_map_reserve(&merit->counts, counts);
}

// ---- Games

static struct merit_game *find_game(const struct merit *merit, const uint8_t event[MERIT_ID_BYTES])
{
    return merit->games.count ? ledger_map_find(&merit->games, event) : NULL;
}

bool merit_knows(const struct merit *merit, const uint8_t event[MERIT_ID_BYTES])
{
    return find_game(merit, event);
}

void merit_add_game(struct merit *merit, const uint8_t event[MERIT_ID_BYTES], int64_t until_ms)
{
    struct merit_game *game = ledger_map_put(&merit->games, event);
    game->until_ms = until_ms;
}

// ---- Guests

const struct merit_guest *merit_guest(const struct merit *merit, const uint8_t seat[MERIT_ID_BYTES])
{
    return merit->guests.count ? ledger_map_find(&merit->guests, seat) : NULL;
}

void merit_hold(struct merit *merit, const struct merit_guest *guest)
{
    struct merit_guest *held = ledger_map_put(&merit->guests, guest->seat);
    memcpy(held->event, guest->event, sizeof held->event);
    held->until_ms = guest->until_ms;
}

void merit_drop(struct merit *merit, const struct merit_guest *guest)
{
    ledger_map_remove(&merit->guests, ledger_map_find(&merit->guests, guest->seat));
}

// ---- Time

static bool game_is_over(const void *entry, int64_t now_ms)
{
    return ((const struct merit_game *)entry)->until_ms <= now_ms;
}

static bool coins_are_over(const void *entry, int64_t now_ms)
{
    return ((const struct merit_coins *)entry)->until_ms <= now_ms;
}

static bool guest_is_over(const void *entry, int64_t now_ms)
{
    return ((const struct merit_guest *)entry)->until_ms <= now_ms;
}

// What is removed has others move up, perhaps past the place that is looked at.
static bool remove_some(struct ledger_map *map, bool (*is_over)(const void *entry, int64_t now_ms),
                        int64_t now_ms)
{
    const uint64_t before = map->count;
    for (void *last = NULL, *entry; (entry = ledger_map_next(map, last));) {
        if (is_over(entry, now_ms))
            ledger_map_remove(map, entry);
        else
            last = entry;
    }
    return map->count < before;
}

void merit_forget(struct merit *merit, int64_t now_ms)
{
    while (remove_some(&merit->games, game_is_over, now_ms)) continue;
    while (remove_some(&merit->guests, guest_is_over, now_ms)) continue;
    while (remove_some(&merit->coins, coins_are_over, now_ms)) continue;
}

// ---- Days

uint32_t merit_count(const struct merit *merit, uint32_t account, enum merit_part part, int64_t day)
{
    const struct merit_key key = {account, part};
    if (day > merit->day || !merit->counts.count) return 0;
    const struct merit_counted *counted = ledger_map_find(&merit->counts, &key);
    return counted ? (uint32_t)counted->games : 0;
}

// The memory stays: there is room for what was reserved.
static void begin_day(struct merit *merit, int64_t day)
{
    struct ledger_map *counts = &merit->counts;
    if (day <= merit->day) return;
    if (counts->size) memset(counts->entries, 0, counts->size * counts->entry_bytes);
    counts->count = 0;
    merit->day = day;
}

void merit_add_count(struct merit *merit, const struct merit_key *key, int64_t day, uint64_t games)
{
    begin_day(merit, day);
    struct merit_counted *counted = merit->counts.count ? ledger_map_find(&merit->counts, key) : NULL;
    if (!counted) counted = ledger_map_put(&merit->counts, key);
    counted->games += games;
}
