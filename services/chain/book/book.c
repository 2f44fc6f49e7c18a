#include "services/chain/book/book.h"
#include "services/chain/book/parts.h"

#include <sodium.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static const uint64_t SPENDERS_MAX = UINT64_C(1) << 31;

struct spender {
    uint64_t hash;
    uint8_t account[4];
    uint8_t unused[4];
    int64_t amount;
};

bool book_init(struct book *book)
{
    uint8_t seed[16];
    randombytes_buf(seed, sizeof seed);
    ledger_map_init(&book->spent.map, sizeof(struct spender), sizeof(uint32_t), SPENDERS_MAX, seed);
    ledger_repeats_init(&book->repeats, seed);
    exchange_init(&book->exchange, seed);
    till_init(&book->till, seed);
    outbox_init(&book->outbox, seed);
    merit_init(&book->merit, seed);
    lists_init(&book->lists, seed);
    withdrawals_init(&book->withdrawals, seed);
    book->assets_count = BOOK_FIRST_CARD;
    memset(book->assets, 0, sizeof book->assets);
    book->assets[BOOK_CONSE].kind = LEDGER__ASSET__KIND__CONSE;
    book->assets[BOOK_LAMPORTS].kind = LEDGER__ASSET__KIND__LAMPORTS;
    book->made = ledger_accounts_init(&book->accounts, seed);
    return book->made;
}

void book_finish(struct book *book)
{
    if (book->made) ledger_accounts_finish(&book->accounts);
    ledger_repeats_finish(&book->repeats);
    ledger_map_finish(&book->spent.map);
    exchange_finish(&book->exchange);
    till_finish(&book->till);
    outbox_finish(&book->outbox);
    merit_finish(&book->merit);
    lists_finish(&book->lists);
    withdrawals_finish(&book->withdrawals);
    book_undo_finish(&book->undo);
    memset(&book->spent, 0, sizeof book->spent);
    memset(book->newest_id, 0, sizeof book->newest_id);
    book->made = book->erased = false;
    book->seq = book->open_first = book->committed_seq = book->snapshot_seq = 0;
    book->newest_ms = book->open_ms = 0;
    book->generation = 0;
    book->successor_key = 0;
}

// ---- Reading

struct ledger_owner book_user(const char *user_id)
{
    struct ledger_owner owner = {.kind = LEDGER_USER};
    uuid_bytes(user_id, owner.id);
    return owner;
}

uint32_t book_asset_find(const struct book *book, Ledger__Asset__Kind kind, const char *role_id)
{
    for (uint32_t i = 1; i < book->assets_count; i++)
        if (book->assets[i].kind == kind && strcmp(book->assets[i].role_id, role_id) == 0) return i;
    return 0;
}

// ---- Time

int64_t book_time(struct book *book, int64_t clock_ms, int64_t mono_ms, int64_t ahead_ms)
{
    struct book_pace *pace = &book->pace;
    if (pace->newest_ms != book->newest_ms) *pace = (struct book_pace){book->newest_ms, mono_ms};
    if (ahead_ms) clock_ms -= ahead_ms;
    int64_t paced_ms = pace->newest_ms + mono_ms - pace->mono_ms;
    int64_t least_ms = ahead_ms && book->seq ? paced_ms : book->newest_ms;
    return clock_ms > least_ms ? clock_ms : least_ms;
}

// ---- Who leaves

void book_let_go(struct book *book, const struct ledger_owner *user)
{
    struct book_leaving *leaving = &book->leaving;
    if (book_is_leaving(book, user)) return;
    memcpy(leaving->ids[leaving->count++ % BOOK_LEAVING_MOST], user->id, sizeof *leaving->ids);
}

bool book_is_leaving(const struct book *book, const struct ledger_owner *user)
{
    const struct book_leaving *leaving = &book->leaving;
    bool found = false;
    for (size_t i = 0; !found && i < leaving->count && i < BOOK_LEAVING_MOST; i++)
        found = user->kind == LEDGER_USER && memcmp(leaving->ids[i], user->id, sizeof *leaving->ids) == 0;
    return found;
}

// ---- What was spent today

static void account_key(uint32_t account, uint8_t key[4])
{
    for (int i = 0; i < 4; i++) key[i] = (uint8_t)(account >> 8 * i);
}

int64_t book_spent_today(const struct book *book, uint32_t account, int64_t now_ms)
{
    uint8_t key[4];
    account_key(account, key);
    bool today = book->spent.day >= now_ms / DAY_MS;
    const struct spender *spender =
        today && book->spent.map.count ? ledger_map_find(&book->spent.map, key) : NULL;
    return spender ? spender->amount : 0;
}

// Best effort: who can't be remembered for want of memory has spent nothing.
void book_spend(struct book *book, uint32_t account, int64_t amount, int64_t now_ms)
{
    struct ledger_map *map = &book->spent.map;
    uint8_t key[4];
    account_key(account, key);
    if (now_ms / DAY_MS > book->spent.day) {
        struct ledger_map empty = {
            .entry_bytes = map->entry_bytes, .key_bytes = map->key_bytes, .max = map->max};
        memcpy(empty.seed, map->seed, sizeof empty.seed);
        ledger_map_finish(map);
        *map = empty;
        book->spent.day = now_ms / DAY_MS;
    }
    struct spender *spender = map->count ? ledger_map_find(map, key) : NULL;
    if (!spender && ledger_map_reserve(map, 1)) spender = ledger_map_put(map, key);
    if (spender) spender->amount += amount;
}

enum { SPENDER_BYTES = 4 + 8 };

size_t book_spent_size(const struct book *book) { return 16 + book->spent.map.count * SPENDER_BYTES; }

void book_spent_write(const struct book *book, struct fields_writer *writer)
{
    const struct ledger_map *map = &book->spent.map;
    fields_put_uint(writer, (uint64_t)book->spent.day, 8);
    fields_put_uint(writer, map->count, 8);
    for (const struct spender *spender = NULL; (spender = ledger_map_next(map, spender));) {
        fields_put(writer, spender->account, sizeof spender->account);
        fields_put_uint(writer, (uint64_t)spender->amount, 8);
    }
}

bool book_spent_read(struct book *book, struct fields_reader *reader)
{
    struct ledger_map *map = &book->spent.map;
    book->spent.day = (int64_t)fields_get_uint(reader, 8);
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / SPENDER_BYTES || !ledger_map_reserve(map, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t key[4];
        fields_get(reader, key, sizeof key);
        if (ledger_map_find(map, key)) return false;
        struct spender *spender = ledger_map_put(map, key);
        spender->amount = (int64_t)fields_get_uint(reader, 8);
    }
    return !reader->failed;
}
