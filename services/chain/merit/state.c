// What is remembered of rewards as bytes, for the ledger's snapshots.
#include "services/chain/merit/parts.h"

enum {
    HEAD_BYTES = 6 * 8,
    GAME_BYTES = MERIT_ID_BYTES + 8,
    GUEST_BYTES = 2 * MERIT_ID_BYTES + 8,
    COUNT_BYTES = 4 + 1 + 4,
    COINS_BYTES = MERIT_ID_BYTES + 8 + 6 * 4 + MERIT_MARKS * 8
};

size_t merit_size(const struct merit *merit)
{
    return HEAD_BYTES + 3 * 8 + merit->coins.count * COINS_BYTES + merit->games.count * GAME_BYTES +
           merit->guests.count * GUEST_BYTES + merit->counts.count * COUNT_BYTES;
}

// ---- Writing

static void write_coins(const struct merit *merit, struct fields_writer *writer)
{
    fields_put_uint(writer, merit->coins.count, 8);
    for (const struct merit_coins *coins = NULL; (coins = ledger_map_next(&merit->coins, coins));) {
        fields_put(writer, coins->key, sizeof coins->key);
        fields_put_uint(writer, (uint64_t)coins->until_ms, 8);
        fields_put_uint(writer, coins->account, 4);
        fields_put_uint(writer, coins->coins, 4);
        fields_put_uint(writer, coins->class, 4);
        fields_put_uint(writer, coins->percent, 4);
        fields_put_uint(writer, coins->formula, 4);
        fields_put_uint(writer, coins->model, 4);
        fields_put(writer, coins->marks, sizeof coins->marks);
    }
}

void merit_write(const struct merit *merit, struct fields_writer *writer)
{
    fields_put_uint(writer, merit->followed_generation, 8);
    fields_put_uint(writer, merit->followed_seq, 8);
    fields_put_uint(writer, (uint64_t)merit->day, 8);
    fields_put_uint(writer, merit->coins_generation, 8);
    fields_put_uint(writer, merit->coins_seq, 8);
    fields_put_uint(writer, merit->games.count, 8);
    for (const struct merit_game *game = NULL; (game = ledger_map_next(&merit->games, game));) {
        fields_put(writer, game->id, sizeof game->id);
        fields_put_uint(writer, (uint64_t)game->until_ms, 8);
    }
    fields_put_uint(writer, merit->guests.count, 8);
    for (const struct merit_guest *guest = NULL; (guest = ledger_map_next(&merit->guests, guest));) {
        fields_put(writer, guest->seat, sizeof guest->seat);
        fields_put(writer, guest->event, sizeof guest->event);
        fields_put_uint(writer, (uint64_t)guest->until_ms, 8);
    }
    fields_put_uint(writer, merit->counts.count, 8);
    for (const struct merit_counted *of = NULL; (of = ledger_map_next(&merit->counts, of));) {
        fields_put_uint(writer, of->key.account, 4);
        fields_put_uint(writer, of->key.part, 1);
        fields_put_uint(writer, of->games, 4);
    }
    write_coins(merit, writer);
}

// ---- Reading

static bool read_games(struct merit *merit, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / GAME_BYTES || !merit_reserve(merit, count, 0, 0)) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t id[MERIT_ID_BYTES];
        fields_get(reader, id, sizeof id);
        if (merit_knows(merit, id)) return false;
        merit_add_game(merit, id, (int64_t)fields_get_uint(reader, 8));
    }
    return true;
}

static bool read_guests(struct merit *merit, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / GUEST_BYTES || !merit_reserve(merit, 0, count, 0)) return false;
    for (uint64_t i = 0; i < count; i++) {
        struct merit_guest guest;
        fields_get(reader, guest.seat, sizeof guest.seat);
        fields_get(reader, guest.event, sizeof guest.event);
        guest.until_ms = (int64_t)fields_get_uint(reader, 8);
        if (merit_guest(merit, guest.seat)) return false;
        merit_hold(merit, &guest);
    }
    return true;
}

static bool read_counts(struct merit *merit, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / COUNT_BYTES || !merit_reserve(merit, 0, 0, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        struct merit_key key;
        key.account = (uint32_t)fields_get_uint(reader, 4);
        key.part = (uint32_t)fields_get_uint(reader, 1);
        if (merit_count(merit, key.account, (enum merit_part)key.part, merit->day)) return false;
        merit_add_count(merit, &key, merit->day, fields_get_uint(reader, 4));
    }
    return true;
}

static bool read_coins(struct merit *merit, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / COINS_BYTES || !merit_reserve_coins(merit, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t key[MERIT_ID_BYTES];
        fields_get(reader, key, sizeof key);
        if (merit_coins(merit, key)) return false;
        struct merit_coins *coins = merit_put_coins(merit, key, (int64_t)fields_get_uint(reader, 8));
        coins->account = (uint32_t)fields_get_uint(reader, 4);
        coins->coins = (uint32_t)fields_get_uint(reader, 4);
        coins->class = (uint32_t)fields_get_uint(reader, 4);
        coins->percent = (uint32_t)fields_get_uint(reader, 4);
        coins->formula = (uint32_t)fields_get_uint(reader, 4);
        coins->model = (uint32_t)fields_get_uint(reader, 4);
        fields_get(reader, coins->marks, sizeof coins->marks);
    }
    return true;
}

bool merit_read(struct merit *merit, struct fields_reader *reader)
{
    merit->followed_generation = fields_get_uint(reader, 8);
    merit->followed_seq = fields_get_uint(reader, 8);
    merit->day = (int64_t)fields_get_uint(reader, 8);
    merit->coins_generation = fields_get_uint(reader, 8);
    merit->coins_seq = fields_get_uint(reader, 8);
    return read_games(merit, reader) && read_guests(merit, reader) && read_counts(merit, reader) &&
           read_coins(merit, reader) && !reader->failed;
}
