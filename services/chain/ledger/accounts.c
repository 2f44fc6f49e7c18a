#include "services/chain/ledger/accounts.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, FIRST_INDEX = 256, INDEXED_AT_ONCE = 32 };

static const uint64_t MORE_MAX = UINT64_C(1) << 32;

struct more_key {
    uint8_t account[4], asset[4];
};

struct more {
    uint64_t hash;
    struct more_key key;
    int64_t amount; // never 0: such entries are removed
};

// ---- Accounts

static const char TAG[] = "conse/a1";
enum { TAG_BYTES = sizeof TAG - 1 };

const struct ledger_account LEDGER_ISSUANCE;

struct ledger_account ledger_account_of(const uint8_t id[LEDGER_ACCOUNT_ID_BYTES])
{
    static const char domain[] = "conse/ledger/account/1";
    struct ledger_account account;
    uint8_t text[sizeof domain - 1 + LEDGER_ACCOUNT_ID_BYTES], hash[crypto_hash_sha256_BYTES];
    memcpy(text, domain, sizeof domain - 1);
    memcpy(text + sizeof domain - 1, id, LEDGER_ACCOUNT_ID_BYTES);
    crypto_hash_sha256(hash, text, sizeof text);
    memcpy(account.bytes, TAG, TAG_BYTES);
    memcpy(account.bytes + TAG_BYTES, hash, LEDGER_ACCOUNT_BYTES - TAG_BYTES);
    return account;
}

bool ledger_account_equal(const struct ledger_account *a, const struct ledger_account *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool ledger_account_is_kept(const struct ledger_account *account)
{
    return memcmp(account->bytes, TAG, TAG_BYTES) == 0 || ledger_account_equal(account, &LEDGER_ISSUANCE);
}

// ---- Life

bool ledger_accounts_init(struct ledger_accounts *accounts, const uint8_t seed[16])
{
    *accounts = (struct ledger_accounts){.index_size = FIRST_INDEX};
    memcpy(accounts->seed, seed, sizeof accounts->seed);
    ledger_map_init(&accounts->more, sizeof(struct more), sizeof(struct more_key), MORE_MAX, seed);
    accounts->index = calloc(FIRST_INDEX, sizeof *accounts->index);
    accounts->by_bytes = calloc(FIRST_INDEX, sizeof *accounts->by_bytes);
    static const struct ledger_owner nobody;
    return accounts->index && accounts->by_bytes &&
           ledger_accounts_add(accounts, &nobody, &LEDGER_ISSUANCE) == 0;
}

void ledger_accounts_finish(struct ledger_accounts *accounts)
{
    ledger_map_finish(&accounts->more);
    free(accounts->holdings);
    free(accounts->index);
    free(accounts->by_bytes);
    *accounts = (struct ledger_accounts){.count = 0};
}

size_t ledger_accounts_bytes(const struct ledger_accounts *accounts)
{
    return accounts->room * sizeof *accounts->holdings + accounts->index_size * 2 * sizeof *accounts->index +
           accounts->more.size * sizeof(struct more);
}

// ---- Numbers

bool ledger_owner_equal(const struct ledger_owner *a, const struct ledger_owner *b)
{
    return a->kind == b->kind && memcmp(a->id, b->id, sizeof a->id) == 0;
}

struct ledger_owner ledger_owner_of(const struct ledger_accounts *accounts, uint32_t number)
{
    const struct ledger_holding *holding = &accounts->holdings[number];
    struct ledger_owner owner = {.kind = holding->owner_kind};
    if (owner.kind == LEDGER_KEY)
        memcpy(owner.id, holding->account.bytes, sizeof owner.id);
    else
        memcpy(owner.id, holding->owner_id, sizeof holding->owner_id);
    return owner;
}

static bool is_owned_by(const struct ledger_holding *holding, const struct ledger_owner *owner)
{
    const uint8_t *id = owner->kind == LEDGER_KEY ? holding->account.bytes : holding->owner_id;
    size_t len = owner->kind == LEDGER_KEY ? sizeof owner->id : sizeof holding->owner_id;
    return holding->owner_kind == owner->kind && memcmp(id, owner->id, len) == 0;
}

// Where one is looked for first, in an index.
static uint32_t first_place(const struct ledger_accounts *accounts, const void *of, size_t len)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, of, len, accounts->seed);
    return (uint32_t)hash & (accounts->index_size - 1);
}

static uint32_t owner_first(const struct ledger_accounts *accounts, const struct ledger_owner *owner)
{
    return first_place(accounts, owner, sizeof *owner);
}

static uint32_t bytes_first(const struct ledger_accounts *accounts, const struct ledger_account *account)
{
    return first_place(accounts, account, sizeof *account);
}

// Where the owner is in the index, or would be. What was disowned is passed over until the index grows.
static uint32_t seek_owner(const struct ledger_accounts *accounts, const struct ledger_owner *owner,
                           uint32_t place)
{
    const uint32_t mask = accounts->index_size - 1;
    for (uint32_t at; (at = accounts->index[place]); place = (place + 1) & mask)
        if (is_owned_by(&accounts->holdings[at - 1], owner)) break;
    return place;
}

static uint32_t seek_bytes(const struct ledger_accounts *accounts, const struct ledger_account *account,
                           uint32_t place)
{
    const uint32_t mask = accounts->index_size - 1;
    for (uint32_t at; (at = accounts->by_bytes[place]); place = (place + 1) & mask)
        if (ledger_account_equal(&accounts->holdings[at - 1].account, account)) break;
    return place;
}

uint32_t ledger_accounts_find_bytes(const struct ledger_accounts *accounts,
                                    const struct ledger_account *account)
{
    uint32_t at = accounts->by_bytes[seek_bytes(accounts, account, bytes_first(accounts, account))];
    return at ? at - 1 : (uint32_t)LEDGER_NO_ACCOUNT;
}

uint32_t ledger_accounts_find(const struct ledger_accounts *accounts, const struct ledger_owner *owner)
{
    bool owns = owner->kind != LEDGER_NOBODY;
    uint32_t at = owns ? accounts->index[seek_owner(accounts, owner, owner_first(accounts, owner))] : 0;
    return at ? at - 1 : (uint32_t)LEDGER_NO_ACCOUNT;
}

void ledger_accounts_disown(struct ledger_accounts *accounts, uint32_t number)
{
    struct ledger_holding *holding = &accounts->holdings[number];
    holding->owner_kind = LEDGER_NOBODY;
    memset(holding->owner_id, 0, sizeof holding->owner_id);
}

// One that goes into the indexes, and where it is looked for first.
struct indexed {
    struct ledger_owner owner;
    uint32_t owner_place, bytes_place;
};

static void find_first(const struct ledger_accounts *accounts, uint32_t number, struct indexed *one)
{
    one->owner = ledger_owner_of(accounts, number);
    one->owner_place = owner_first(accounts, &one->owner);
    one->bytes_place = bytes_first(accounts, &accounts->holdings[number].account);
    __builtin_prefetch(&accounts->index[one->owner_place]);
    __builtin_prefetch(&accounts->by_bytes[one->bytes_place]);
}

static void fetch_there(const struct ledger_accounts *accounts, const struct indexed *one)
{
    const uint32_t owned = accounts->index[one->owner_place], known = accounts->by_bytes[one->bytes_place];
    if (owned) __builtin_prefetch(&accounts->holdings[owned - 1]);
    if (known) __builtin_prefetch(&accounts->holdings[known - 1]);
}

// False: its owner has an account.
static bool put_indexed(struct ledger_accounts *accounts, uint32_t number, const struct indexed *one)
{
    const struct ledger_account *account = &accounts->holdings[number].account;
    const uint32_t place = seek_owner(accounts, &one->owner, one->owner_place);
    const bool owns = one->owner.kind != LEDGER_NOBODY;
    if (owns && accounts->index[place]) return false;
    if (owns) accounts->index[place] = number + 1;
    accounts->by_bytes[seek_bytes(accounts, account, one->bytes_place)] = number + 1;
    return true;
}

static bool index_put(struct ledger_accounts *accounts, uint32_t number)
{
    struct indexed one;
    find_first(accounts, number, &one);
    return put_indexed(accounts, number, &one);
}

// Many go in some at a time, so that their places are fetched into the processor's cache at once.
static bool index_put_from(struct ledger_accounts *accounts, uint32_t from)
{
    struct indexed some[INDEXED_AT_ONCE];
    bool ok = true;
    for (uint32_t count; ok && from < accounts->count; from += count) {
        const uint32_t left = accounts->count - from;
        count = left < INDEXED_AT_ONCE ? left : (uint32_t)INDEXED_AT_ONCE;
        for (uint32_t i = 0; i < count; i++) find_first(accounts, from + i, &some[i]);
        for (uint32_t i = 0; i < count; i++) fetch_there(accounts, &some[i]);
        for (uint32_t i = 0; ok && i < count; i++) ok = put_indexed(accounts, from + i, &some[i]);
    }
    return ok;
}

static bool resize_index(struct ledger_accounts *accounts, uint32_t size)
{
    uint32_t *index = accounts->index, *by_bytes = accounts->by_bytes, before = accounts->index_size;
    accounts->index = calloc(size, sizeof *index);
    accounts->by_bytes = calloc(size, sizeof *by_bytes);
    accounts->index_size = size;
    bool ok = accounts->index && accounts->by_bytes && index_put_from(accounts, 0);
    free(ok ? index : accounts->index);
    free(ok ? by_bytes : accounts->by_bytes);
    if (!ok) {
        accounts->index = index;
        accounts->by_bytes = by_bytes;
        accounts->index_size = before;
    }
    return ok;
}

static bool grow_index(struct ledger_accounts *accounts)
{
    return accounts->count < accounts->index_size / 2 || resize_index(accounts, accounts->index_size * 2);
}

static bool resize_holdings(struct ledger_accounts *accounts, uint32_t room)
{
    struct ledger_holding *holdings = realloc(accounts->holdings, room * sizeof *holdings);
    if (!holdings) return false;
    accounts->holdings = holdings;
    accounts->room = room;
    return true;
}

// By half, so that what is unused is a third at most.
static bool grow_holdings(struct ledger_accounts *accounts)
{
    uint32_t room = accounts->room ? accounts->room + accounts->room / 2 : FIRST_ROOM;
    if (accounts->count < accounts->room) return true;
    return accounts->count < LEDGER_ACCOUNTS_MAX && resize_holdings(accounts, room);
}

// For as many as are to come, so that none of them is moved.
static bool reserve_accounts(struct ledger_accounts *accounts, uint64_t count)
{
    uint32_t size = accounts->index_size;
    if (count > LEDGER_ACCOUNTS_MAX) return false;
    while (count >= size / 2) size *= 2;
    return (count <= accounts->room || resize_holdings(accounts, (uint32_t)count)) &&
           (size == accounts->index_size || resize_index(accounts, size));
}

uint32_t ledger_accounts_add(struct ledger_accounts *accounts, const struct ledger_owner *owner,
                             const struct ledger_account *account)
{
    if (!grow_holdings(accounts) || !grow_index(accounts)) return LEDGER_NO_ACCOUNT;
    uint32_t number = accounts->count++;
    struct ledger_holding *holding = &accounts->holdings[number];
    *holding = (struct ledger_holding){.account = *account, .owner_kind = owner->kind};
    memcpy(holding->owner_id, owner->id, sizeof holding->owner_id);
    index_put(accounts, number);
    return number;
}

// The last to come into an index can leave it: nobody was sent on by it.
void ledger_accounts_drop_newest(struct ledger_accounts *accounts)
{
    struct indexed newest;
    find_first(accounts, accounts->count - 1, &newest);
    const struct ledger_account *account = &accounts->holdings[accounts->count - 1].account;
    accounts->by_bytes[seek_bytes(accounts, account, newest.bytes_place)] = 0;
    if (newest.owner.kind != LEDGER_NOBODY)
        accounts->index[seek_owner(accounts, &newest.owner, newest.owner_place)] = 0;
    accounts->count--;
}

// ---- Balances

static struct more_key key_of(uint32_t number, uint32_t asset)
{
    struct more_key key;
    for (int i = 0; i < 4; i++) {
        key.account[i] = (uint8_t)(number >> 8 * i);
        key.asset[i] = (uint8_t)(asset >> 8 * i);
    }
    return key;
}

static struct more *find_more(const struct ledger_accounts *accounts, uint32_t number, uint32_t asset)
{
    const struct more_key key = key_of(number, asset);
    return accounts->more.count ? ledger_map_find(&accounts->more, &key) : NULL;
}

// The place that holds the asset; LEDGER_INLINE_ASSETS: none does. Asset 0 is where nothing is.
static int place_of(const struct ledger_holding *holding, uint32_t asset)
{
    int place = 0;
    while (place < LEDGER_INLINE_ASSETS && holding->assets[place] != asset) place++;
    return place;
}

int64_t ledger_balance(const struct ledger_accounts *accounts, uint32_t number, uint32_t asset)
{
    const struct ledger_holding *holding = &accounts->holdings[number];
    int place = place_of(holding, asset);
    if (place < LEDGER_INLINE_ASSETS) return holding->amounts[place];
    const struct more *more = find_more(accounts, number, asset);
    return more ? more->amount : 0;
}

static void add_to_more(struct ledger_accounts *accounts, uint32_t number, uint32_t asset, int64_t amount)
{
    struct more *more = find_more(accounts, number, asset);
    const struct more_key key = key_of(number, asset);
    if (!more) more = ledger_map_put(&accounts->more, &key);
    more->amount += amount;
    if (!more->amount) ledger_map_remove(&accounts->more, more);
}

// There is room in the map, and the sum is in its bounds.
static void add_amount(struct ledger_accounts *accounts, uint32_t number, uint32_t asset, int64_t amount)
{
    struct ledger_holding *holding = &accounts->holdings[number];
    int place = place_of(holding, asset);
    if (place == LEDGER_INLINE_ASSETS && !find_more(accounts, number, asset)) place = place_of(holding, 0);
    if (place == LEDGER_INLINE_ASSETS) {
        add_to_more(accounts, number, asset, amount);
        return;
    }
    holding->amounts[place] += amount;
    holding->assets[place] = holding->amounts[place] ? asset : 0;
}

// ---- Postings

static int compare_postings(const void *left, const void *right)
{
    const struct ledger_posting *a = left, *b = right;
    int by_account = (a->account > b->account) - (a->account < b->account);
    return by_account ? by_account : (a->asset > b->asset) - (a->asset < b->asset);
}

size_t ledger_net(struct ledger_posting *postings, size_t count)
{
    size_t left = 0;
    qsort(postings, count, sizeof *postings, compare_postings);
    for (size_t i = 0, next; i < count; i = next) {
        struct ledger_posting sum = postings[i];
        for (next = i + 1; next < count && compare_postings(&sum, &postings[next]) == 0; next++)
            sum.amount += postings[next].amount;
        if (sum.amount) postings[left++] = sum;
    }
    return left;
}

// 512 amounts of 63 bits fit 128.
struct asset_sums {
    uint32_t assets[LEDGER_ASSETS_MAX];
    __int128 sums[LEDGER_ASSETS_MAX];
    size_t count;
};

static bool add_to_sum(struct asset_sums *sums, const struct ledger_posting *posting)
{
    size_t i = 0;
    while (i < sums->count && sums->assets[i] != posting->asset) i++;
    if (i == LEDGER_ASSETS_MAX) return false;
    if (i == sums->count) sums->assets[sums->count++] = posting->asset;
    sums->sums[i] += posting->amount;
    return true;
}

static enum ledger_status check_sums(const struct ledger_posting *postings, size_t count)
{
    struct asset_sums sums = {.count = 0};
    for (size_t i = 0; i < count; i++)
        if (!add_to_sum(&sums, &postings[i])) return LEDGER_FULL;
    for (size_t i = 0; i < sums.count; i++)
        if (sums.sums[i]) return LEDGER_UNBALANCED;
    return LEDGER_OK;
}

static enum ledger_status check_posting(const struct ledger_accounts *accounts,
                                        const struct ledger_posting *posting)
{
    if (!posting->asset || !posting->amount || posting->amount == INT64_MIN ||
        posting->account >= accounts->count)
        return LEDGER_MALFORMED;
    int64_t balance = ledger_balance(accounts, posting->account, posting->asset);
    if (__builtin_add_overflow(balance, posting->amount, &balance) || balance == INT64_MIN)
        return LEDGER_OVERFLOW;
    return balance < 0 && posting->account != 0 ? LEDGER_INSUFFICIENT : LEDGER_OK;
}

enum ledger_status ledger_check(struct ledger_accounts *accounts, const struct ledger_posting *postings,
                                size_t count)
{
    if (count > LEDGER_POSTINGS_MAX) return LEDGER_FULL;
    for (size_t i = 0; i < count; i++) {
        if (i && compare_postings(&postings[i - 1], &postings[i]) >= 0) return LEDGER_MALFORMED;
        enum ledger_status status = check_posting(accounts, &postings[i]);
        if (status != LEDGER_OK) return status;
    }
    enum ledger_status status = check_sums(postings, count);
    if (status != LEDGER_OK) return status;
    return ledger_map_reserve(&accounts->more, count) ? LEDGER_OK : LEDGER_FULL;
}

void ledger_apply(struct ledger_accounts *accounts, const struct ledger_posting *postings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_amount(accounts, postings[i].account, postings[i].asset, postings[i].amount);
}

// ---- Snapshots

enum { HOLDING_BYTES = LEDGER_ACCOUNT_BYTES + 16 + 1 + 8 + 8 + LEDGER_INLINE_ASSETS * 12, MORE_BYTES = 16 };

size_t ledger_accounts_size(const struct ledger_accounts *accounts)
{
    return 16 + (size_t)accounts->count * HOLDING_BYTES + accounts->more.count * MORE_BYTES;
}

static void write_more(const struct ledger_accounts *accounts, struct fields_writer *writer)
{
    for (const struct more *more = NULL; (more = ledger_map_next(&accounts->more, more));) {
        fields_put(writer, &more->key, sizeof more->key);
        fields_put_uint(writer, (uint64_t)more->amount, 8);
    }
}

void ledger_accounts_write(const struct ledger_accounts *accounts, struct fields_writer *writer)
{
    fields_put_uint(writer, accounts->count, 8);
    fields_put_uint(writer, accounts->more.count, 8);
    for (uint32_t i = 0; i < accounts->count; i++) {
        const struct ledger_holding *holding = &accounts->holdings[i];
        fields_put(writer, &holding->account, sizeof holding->account);
        fields_put(writer, holding->owner_id, sizeof holding->owner_id);
        fields_put_uint(writer, holding->owner_kind, 1);
        fields_put_uint(writer, holding->opened, 8);
        fields_put_uint(writer, holding->touched, 8);
        for (int place = 0; place < LEDGER_INLINE_ASSETS; place++) {
            fields_put_uint(writer, holding->assets[place], 4);
            fields_put_uint(writer, (uint64_t)holding->amounts[place], 8);
        }
    }
    write_more(accounts, writer);
}

static void read_holding(struct ledger_holding *holding, struct fields_reader *reader)
{
    *holding = (struct ledger_holding){.opened = 0};
    fields_get(reader, &holding->account, sizeof holding->account);
    fields_get(reader, holding->owner_id, sizeof holding->owner_id);
    holding->owner_kind = (uint8_t)fields_get_uint(reader, 1);
    holding->opened = fields_get_uint(reader, 8);
    holding->touched = fields_get_uint(reader, 8);
    for (int place = 0; place < LEDGER_INLINE_ASSETS; place++) {
        holding->assets[place] = (uint32_t)fields_get_uint(reader, 4);
        holding->amounts[place] = (int64_t)fields_get_uint(reader, 8);
    }
}

// The first is there already. False: two have the same owner.
static bool read_holdings(struct ledger_accounts *accounts, uint32_t count, struct fields_reader *reader)
{
    const struct ledger_holding first = accounts->holdings[0];
    for (uint32_t i = 0; i < count; i++) read_holding(&accounts->holdings[i], reader);
    accounts->holdings[0].account = first.account;
    accounts->holdings[0].owner_kind = first.owner_kind;
    memcpy(accounts->holdings[0].owner_id, first.owner_id, sizeof first.owner_id);
    accounts->count = count;
    return !reader->failed && index_put_from(accounts, 1);
}

static bool read_more(struct ledger_accounts *accounts, uint64_t count, struct fields_reader *reader)
{
    if (count > reader->left / MORE_BYTES || !ledger_map_reserve(&accounts->more, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        struct more_key key;
        fields_get(reader, &key, sizeof key);
        int64_t amount = (int64_t)fields_get_uint(reader, 8);
        if (reader->failed || ledger_map_find(&accounts->more, &key)) return false;
        struct more *more = ledger_map_put(&accounts->more, &key);
        more->amount = amount;
    }
    return true;
}

bool ledger_accounts_read(struct ledger_accounts *accounts, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8), more = fields_get_uint(reader, 8);
    if (!count || count > reader->left / HOLDING_BYTES || !reserve_accounts(accounts, count)) return false;
    return read_holdings(accounts, (uint32_t)count, reader) && read_more(accounts, more, reader);
}

const char *ledger_status_name(enum ledger_status status)
{
    static const char *const names[] = {
        "OK",          "MALFORMED",  "UNBALANCED",  "INSUFFICIENT", "OVERFLOW",   "FULL",
        "BLOCK_EMPTY", "BLOCK_FULL", "BLOCK_PLACE", "BLOCK_TIME",   "BLOCK_ROOT", "BLOCK_FORGED",
    };
    return names[status];
}
