#include "services/chain/exchange/mints.h"

#include <string.h>

#include "services/chain/exchange/parts.h"

static const uint64_t MOST = UINT64_C(1) << 28;

struct card_key {
    uint32_t asset, card;
};
struct address_place {
    uint64_t hash;
    uint8_t address[MINT_KEY_BYTES];
    struct card_key card;
};
struct sent_place {
    uint64_t hash;
    uint32_t account;
    struct card_key card;
};

void mints_init(struct card_mints *mints, const uint8_t seed[16])
{
    ledger_map_init(&mints->all, sizeof(struct card_mint), sizeof(struct card_key), MOST, seed);
    ledger_map_init(&mints->addresses, sizeof(struct address_place), MINT_KEY_BYTES, MOST, seed);
    ledger_map_init(&mints->sent, sizeof(struct sent_place), sizeof(uint32_t), MOST, seed);
}

void mints_finish(struct card_mints *mints)
{
    ledger_map_finish(&mints->all);
    ledger_map_finish(&mints->addresses);
    ledger_map_finish(&mints->sent);
}

// ---- Finding

static struct card_mint *find_card(const struct card_mints *mints, const struct card_key *key)
{
    return mints->all.count ? ledger_map_find(&mints->all, key) : NULL;
}

const struct card_mint *mints_find(const struct card_mints *mints, uint32_t asset, uint32_t card)
{
    const struct card_key key = {asset, card};
    return find_card(mints, &key);
}

const struct card_mint *mints_at(const struct card_mints *mints, const uint8_t address[MINT_KEY_BYTES])
{
    const struct address_place *place =
        mints->addresses.count ? ledger_map_find(&mints->addresses, address) : NULL;
    return place ? find_card(mints, &place->card) : NULL;
}

static struct sent_place *find_sent(const struct card_mints *mints, uint32_t account)
{
    return mints->sent.count ? ledger_map_find(&mints->sent, &account) : NULL;
}

const struct card_mint *mints_sent(const struct card_mints *mints, uint32_t account)
{
    const struct sent_place *place = find_sent(mints, account);
    return place ? find_card(mints, &place->card) : NULL;
}

const struct card_mint *mints_next(const struct card_mints *mints, const struct card_mint *mint)
{
    return ledger_map_next(&mints->all, mint);
}

const struct card_mint *mints_next_sent(const struct card_mints *mints, const struct card_mint *mint)
{
    const struct sent_place *place =
        ledger_map_next(&mints->sent, mint ? find_sent(mints, mint->account) : NULL);
    return place ? find_card(mints, &place->card) : NULL;
}

bool mints_is_away(const struct card_mint *mint)
{
    return mint->state == MINT_SENT || mint->state == MINT_THERE || mint->state == MINT_BURNED;
}

// Bytes that are dead made no mint at their address.
uint32_t mints_next_number(const struct card_mints *mints, uint32_t asset, uint32_t card)
{
    const struct card_mint *mint = mints_find(mints, asset, card);
    if (!mint) return 1;
    return mint->state == MINT_BACK ? mint->number + 1 : mint->number;
}

struct ledger_owner mints_fund(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_MINTED}};
}

// ---- Whether an entry may follow

// Which of an account's hands the card leaves, and into which it comes; 0: none.
struct card_move {
    uint32_t from, to;
};

static struct card_move move_of(const Ledger__CardMinted *minted, uint32_t fund)
{
    if (minted->state == MINT_SENT || minted->found) return (struct card_move){minted->account, fund};
    if (minted->state == MINT_DEAD || minted->state == MINT_BACK)
        return (struct card_move){fund, minted->account};
    return (struct card_move){0, 0};
}

static bool moves_card(const Ledger__Entry *entry, const struct card_move *move)
{
    const uint32_t asset = entry->card_minted->asset;
    struct ledger_posting moved[] = {{move->from, asset, -1}, {move->to, asset, 1}};
    return exchange_moves_only(entry, moved, move->from ? ledger_net(moved, 2) : 0);
}

static const char *check_leaves(const struct exchange *exchange, const Ledger__CardMinted *minted)
{
    const struct card_mints *mints = &exchange->mints;
    const struct exchange_role *role = exchange_role(exchange, minted->asset);
    const struct card_queue *own = exchange_holder(exchange, minted->account, minted->asset);
    if (!own || !cards_has(&role->cards, own, minted->card)) return "its account does not have the card";
    if (minted->number != mints_next_number(mints, minted->asset, minted->card))
        return "it is not the card's next mint";
    return mints_at(mints, minted->mint.data) ? "another card is there" : NULL;
}

static const char *check_sent(const struct exchange *exchange, const Ledger__CardMinted *minted)
{
    const struct card_mints *mints = &exchange->mints;
    const struct card_mint *before = mints_find(mints, minted->asset, minted->card);
    if (mints_sent(mints, minted->account)) return "its account has one on its way";
    if (before && minted->last_valid_height <= before->last_valid_height)
        return "the one before it may still land";
    return check_leaves(exchange, minted);
}

static const char *check_found(const struct exchange *exchange, const Ledger__CardMinted *minted)
{
    return minted->state == MINT_THERE ? check_leaves(exchange, minted) : "it was found in another state";
}

// Who judged an older mint of the card by the cluster judged another one.
static const char *check_next(const struct card_mints *mints, const Ledger__CardMinted *minted)
{
    static const enum mint_state before[MINT_STATES] = {[MINT_THERE] = MINT_SENT,
                                                        [MINT_DEAD] = MINT_SENT,
                                                        [MINT_BURNED] = MINT_THERE,
                                                        [MINT_BACK] = MINT_BURNED};
    const struct card_mint *mint = mints_find(mints, minted->asset, minted->card);
    if (!mint || mint->state != before[minted->state]) return "it does not follow";
    if (minted->number != mint->number || minted->last_valid_height != mint->last_valid_height ||
        memcmp(minted->mint.data, mint->address, MINT_KEY_BYTES) != 0)
        return "it is of another mint";
    bool same = minted->state == MINT_BACK || minted->account == mint->account;
    bool wallet =
        minted->state == MINT_BURNED || memcmp(minted->wallet.data, mint->wallet, MINT_KEY_BYTES) == 0;
    return same && wallet ? NULL : "it is somebody else's";
}

static const char *check_state(const struct exchange *exchange, const Ledger__CardMinted *minted)
{
    if (minted->found) return check_found(exchange, minted);
    return minted->state == MINT_SENT ? check_sent(exchange, minted) : check_next(&exchange->mints, minted);
}

static bool has_form(const struct exchange *exchange, const struct ledger_accounts *accounts,
                     const Ledger__CardMinted *minted)
{
    const struct exchange_role *role = exchange_role(exchange, minted->asset);
    return role && minted->card && minted->card <= role->cards.count && minted->number &&
           minted->state >= MINT_SENT && minted->state < MINT_STATES && minted->account &&
           minted->account < accounts->count && minted->last_valid_height &&
           minted->mint.len == MINT_KEY_BYTES && minted->wallet.len == MINT_KEY_BYTES;
}

static bool has_memory(struct exchange *exchange)
{
    struct card_mints *mints = &exchange->mints;
    return ledger_map_reserve(&mints->all, 1) && ledger_map_reserve(&mints->addresses, 1) &&
           ledger_map_reserve(&mints->sent, 1) && ledger_map_reserve(&exchange->holders, 1);
}

const char *mints_check(struct exchange *exchange, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry)
{
    const Ledger__CardMinted *minted = entry->card_minted;
    const struct ledger_owner owner = mints_fund();
    const uint32_t fund = ledger_accounts_find(accounts, &owner);
    if (!has_form(exchange, accounts, minted)) return "it mints no card";
    if (fund == LEDGER_NO_ACCOUNT || fund == minted->account) return "there is no fund for it";
    const char *wrong = check_state(exchange, minted);
    const struct card_move move = move_of(minted, fund);
    if (wrong) return wrong;
    if (!moves_card(entry, &move)) return "it moves another thing than the card";
    return has_memory(exchange) ? NULL : "there is no memory for a mint";
}

// ---- Making it the newest

static void keep_place(struct card_mints *mints, const struct card_mint *mint)
{
    const struct card_key key = {mint->asset, mint->card};
    struct address_place *place = ledger_map_put(&mints->addresses, mint->address);
    place->card = key;
    if (mint->state != MINT_SENT) return;
    struct sent_place *sent = ledger_map_put(&mints->sent, &mint->account);
    sent->card = key;
}

static void drop_place(struct card_mints *mints, const struct card_mint *mint)
{
    ledger_map_remove(&mints->addresses, ledger_map_find(&mints->addresses, mint->address));
}

static void count_state(struct card_mints *mints, const struct card_mint *mint, bool more)
{
    const uint32_t by = more ? 1 : UINT32_MAX; // which takes one away
    if (mint->state == MINT_THERE) mints->there += by;
    if (mint->state == MINT_BURNED) mints->burned += by;
}

static void go_out(struct exchange *exchange, struct card_mint *mint)
{
    exchange_take(exchange, mint->account, mint->asset, mint->card);
    keep_place(&exchange->mints, mint);
}

static void come_home(struct exchange *exchange, const struct card_mint *mint)
{
    exchange_hand(exchange, mint->account, mint->asset, mint->card);
    drop_place(&exchange->mints, mint);
    exchange->mints.back += mint->state == MINT_BACK;
}

void mints_apply(struct exchange *exchange, const Ledger__CardMinted *minted)
{
    struct card_mints *mints = &exchange->mints;
    const struct card_key key = {minted->asset, minted->card};
    struct card_mint *mint = find_card(mints, &key);
    if (!mint) mint = ledger_map_put(&mints->all, &key);
    if (mint->state == MINT_SENT) ledger_map_remove(&mints->sent, find_sent(mints, mint->account));
    count_state(mints, mint, false);
    mint->number = minted->number;
    mint->account = minted->account;
    mint->last_valid_height = minted->last_valid_height;
    mint->state = (enum mint_state)minted->state;
    memcpy(mint->address, minted->mint.data, sizeof mint->address);
    memcpy(mint->wallet, minted->wallet.data, sizeof mint->wallet);
    count_state(mints, mint, true);
    if (mint->state == MINT_SENT || minted->found) go_out(exchange, mint);
    if (mint->state == MINT_DEAD || mint->state == MINT_BACK) come_home(exchange, mint);
}

// ---- Snapshots

enum { MINT_BYTES = 4 + 4 + 4 + 4 + 8 + 1 + 2 * MINT_KEY_BYTES };

size_t mints_size(const struct card_mints *mints) { return 4 + 8 + mints->all.count * MINT_BYTES; }

void mints_write(const struct card_mints *mints, struct fields_writer *writer)
{
    fields_put_uint(writer, mints->back, 4);
    fields_put_uint(writer, mints->all.count, 8);
    for (const struct card_mint *mint = NULL; (mint = mints_next(mints, mint));) {
        fields_put_uint(writer, mint->asset, 4);
        fields_put_uint(writer, mint->card, 4);
        fields_put_uint(writer, mint->number, 4);
        fields_put_uint(writer, mint->account, 4);
        fields_put_uint(writer, mint->last_valid_height, 8);
        fields_put_uint(writer, mint->state, 1);
        fields_put(writer, mint->address, sizeof mint->address);
        fields_put(writer, mint->wallet, sizeof mint->wallet);
    }
}

static bool read_mint(struct exchange *exchange, struct fields_reader *reader)
{
    struct card_mints *mints = &exchange->mints;
    struct card_key key = {(uint32_t)fields_get_uint(reader, 4), 0};
    struct card_mint read = {.asset = key.asset};
    read.card = key.card = (uint32_t)fields_get_uint(reader, 4);
    read.number = (uint32_t)fields_get_uint(reader, 4);
    read.account = (uint32_t)fields_get_uint(reader, 4);
    read.last_valid_height = fields_get_uint(reader, 8);
    read.state = (enum mint_state)fields_get_uint(reader, 1);
    fields_get(reader, read.address, sizeof read.address);
    fields_get(reader, read.wallet, sizeof read.wallet);
    const struct exchange_role *role = exchange_role(exchange, key.asset);
    if (reader->failed || !role || !key.card || key.card > role->cards.count || read.state < MINT_SENT ||
        read.state >= MINT_STATES || find_card(mints, &key) || mints_at(mints, read.address) ||
        (read.state == MINT_SENT && mints_sent(mints, read.account)))
        return false;
    struct card_mint *mint = ledger_map_put(&mints->all, &key);
    read.hash = mint->hash;
    *mint = read;
    count_state(mints, mint, true);
    if (mints_is_away(mint)) keep_place(mints, mint);
    return true;
}

bool mints_read(struct exchange *exchange, struct fields_reader *reader)
{
    struct card_mints *mints = &exchange->mints;
    mints->back = (uint32_t)fields_get_uint(reader, 4);
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / MINT_BYTES || !ledger_map_reserve(&mints->all, count) ||
        !ledger_map_reserve(&mints->addresses, count) || !ledger_map_reserve(&mints->sent, count))
        return false;
    while (count--)
        if (!read_mint(exchange, reader)) return false;
    return true;
}
