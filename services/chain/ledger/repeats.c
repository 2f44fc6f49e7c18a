#include "services/chain/ledger/repeats.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000, STORED_BYTES = MERKLE_HASH_BYTES + 8 };

static const uint64_t REPEATS_MAX = UINT64_C(1) << 31;

struct repeat {
    uint64_t hash;
    struct merkle_hash id;
    uint64_t entry;
};

void ledger_repeats_init(struct ledger_repeats *repeats, const uint8_t seed[16])
{
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) {
        repeats->days[i].day = 0;
        ledger_map_init(&repeats->days[i].map, sizeof(struct repeat), sizeof(struct merkle_hash), REPEATS_MAX,
                        seed);
    }
}

void ledger_repeats_finish(struct ledger_repeats *repeats)
{
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) ledger_map_finish(&repeats->days[i].map);
    memset(repeats, 0, sizeof *repeats);
}

bool ledger_is_timely(uint64_t issued_ms, int64_t now_ms)
{
    uint64_t now = (uint64_t)now_ms;
    return issued_ms > now ? issued_ms - now <= LEDGER_EARLY_MS : now - issued_ms <= LEDGER_LATE_MS;
}

// What is left of days that are long over is as if it were not there: it goes when its place is needed.
static bool is_near(uint64_t day, uint64_t issued_ms)
{
    uint64_t of_this = issued_ms / DAY_MS;
    return day + 1 >= of_this && day <= of_this + 1;
}

uint64_t ledger_repeats_find(const struct ledger_repeats *repeats, const struct merkle_hash *id,
                             uint64_t issued_ms)
{
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) {
        const struct ledger_map *map = &repeats->days[i].map;
        bool near = map->count && is_near(repeats->days[i].day, issued_ms);
        const struct repeat *repeat = near ? ledger_map_find(map, id) : NULL;
        if (repeat) return repeat->entry;
    }
    return 0;
}

// What is timely was signed yesterday, today, or a minute into tomorrow: three days are enough for all.
static struct ledger_map *map_of_day(struct ledger_repeats *repeats, uint64_t issued_ms)
{
    struct ledger_repeat_day *day = &repeats->days[issued_ms / DAY_MS % LEDGER_REPEAT_DAYS];
    if (day->day != issued_ms / DAY_MS) {
        uint8_t seed[16];
        memcpy(seed, day->map.seed, sizeof seed);
        ledger_map_finish(&day->map);
        ledger_map_init(&day->map, sizeof(struct repeat), sizeof(struct merkle_hash), REPEATS_MAX, seed);
        day->day = issued_ms / DAY_MS;
    }
    return &day->map;
}

bool ledger_repeats_reserve(struct ledger_repeats *repeats, uint64_t issued_ms)
{
    return ledger_map_reserve(map_of_day(repeats, issued_ms), 1);
}

void ledger_repeats_put(struct ledger_repeats *repeats, const struct merkle_hash *id, uint64_t issued_ms,
                        uint64_t entry)
{
    struct repeat *repeat = ledger_map_put(map_of_day(repeats, issued_ms), id);
    repeat->entry = entry;
}

void ledger_repeats_drop(struct ledger_repeats *repeats, const struct merkle_hash *id, uint64_t issued_ms)
{
    struct ledger_map *map = map_of_day(repeats, issued_ms);
    ledger_map_remove(map, ledger_map_find(map, id));
}

// ---- Snapshots

size_t ledger_repeats_size(const struct ledger_repeats *repeats)
{
    size_t size = 0;
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) size += 16 + repeats->days[i].map.count * STORED_BYTES;
    return size;
}

void ledger_repeats_write(const struct ledger_repeats *repeats, struct fields_writer *writer)
{
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) {
        const struct ledger_map *map = &repeats->days[i].map;
        fields_put_uint(writer, repeats->days[i].day, 8);
        fields_put_uint(writer, map->count, 8);
        for (const struct repeat *repeat = NULL; (repeat = ledger_map_next(map, repeat));) {
            fields_put(writer, &repeat->id, sizeof repeat->id);
            fields_put_uint(writer, repeat->entry, 8);
        }
    }
}

static bool read_day(struct ledger_repeat_day *day, struct fields_reader *reader)
{
    day->day = fields_get_uint(reader, 8);
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / STORED_BYTES || !ledger_map_reserve(&day->map, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        struct merkle_hash id;
        fields_get(reader, &id, sizeof id);
        if (ledger_map_find(&day->map, &id)) return false;
        struct repeat *repeat = ledger_map_put(&day->map, &id);
        repeat->entry = fields_get_uint(reader, 8);
    }
    return true;
}

bool ledger_repeats_read(struct ledger_repeats *repeats, struct fields_reader *reader)
{
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++)
        if (!read_day(&repeats->days[i], reader)) return false;
    return !reader->failed;
}
