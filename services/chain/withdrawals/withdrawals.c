#include "services/chain/withdrawals/withdrawals.h"

#include <string.h>

static const uint64_t OPEN_MAX = UINT64_C(1) << 24, OWED_MAX = UINT64_C(1) << 24,
                      LANDED_MAX = UINT64_C(1) << 28;

struct open_place {
    uint64_t hash;
    uint32_t account;
    uint8_t unused[4];
    struct withdrawal withdrawal;
};

struct owed_place {
    uint64_t hash;
    uint8_t id[WITHDRAWAL_ID_BYTES];
    struct withdrawal_owed owed;
};

struct landed_place {
    uint64_t hash;
    uint8_t key[WITHDRAWAL_ID_BYTES];
};

void withdrawals_init(struct withdrawals *withdrawals, const uint8_t seed[16])
{
    *withdrawals = (struct withdrawals){.sum = 0};
    ledger_map_init(&withdrawals->open, sizeof(struct open_place), sizeof(uint32_t), OPEN_MAX, seed);
    ledger_map_init(&withdrawals->owed, sizeof(struct owed_place), WITHDRAWAL_ID_BYTES, OWED_MAX, seed);
    ledger_map_init(&withdrawals->landed, sizeof(struct landed_place), WITHDRAWAL_ID_BYTES, LANDED_MAX, seed);
}

void withdrawals_finish(struct withdrawals *withdrawals)
{
    ledger_map_finish(&withdrawals->open);
    ledger_map_finish(&withdrawals->owed);
    ledger_map_finish(&withdrawals->landed);
    withdrawals->sum = 0;
}

// ---- Finding

static struct open_place *find_place(const struct withdrawals *withdrawals, uint32_t account)
{
    return withdrawals->open.count ? ledger_map_find(&withdrawals->open, &account) : NULL;
}

const struct withdrawal *withdrawals_find(const struct withdrawals *withdrawals, uint32_t account)
{
    const struct open_place *place = find_place(withdrawals, account);
    return place ? &place->withdrawal : NULL;
}

const struct withdrawal *withdrawals_next(const struct withdrawals *withdrawals,
                                          const struct withdrawal *withdrawal)
{
    const struct open_place *place =
        ledger_map_next(&withdrawals->open, withdrawal ? find_place(withdrawals, withdrawal->account) : NULL);
    return place ? &place->withdrawal : NULL;
}

bool withdrawals_landed(const struct withdrawals *withdrawals, const uint8_t key[WITHDRAWAL_ID_BYTES])
{
    return withdrawals->landed.count && ledger_map_find(&withdrawals->landed, key);
}

static struct owed_place *find_owed(const struct withdrawals *withdrawals,
                                    const uint8_t id[WITHDRAWAL_ID_BYTES])
{
    return withdrawals->owed.count ? ledger_map_find(&withdrawals->owed, id) : NULL;
}

const struct withdrawal_owed *withdrawals_owed(const struct withdrawals *withdrawals, uint32_t account)
{
    const struct owed_place *place = ledger_map_next(&withdrawals->owed, NULL);
    while (place && place->owed.withdrawal.account != account)
        place = ledger_map_next(&withdrawals->owed, place);
    return place ? &place->owed : NULL;
}

struct ledger_owner withdrawals_fund(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_WITHDRAWN}};
}

// ---- As entries have them

static bool take_bytes(const ProtobufCBinaryData *from, uint8_t *to, size_t len)
{
    if (from->len != len) return false;
    memcpy(to, from->data, len);
    return true;
}

bool withdrawal_read(const Ledger__Withdrawal *message, struct withdrawal *withdrawal)
{
    *withdrawal = (struct withdrawal){.account = message->account,
                                      .amount = message->amount,
                                      .fee = message->fee,
                                      .state = (enum withdrawal_state)message->state,
                                      .asked_ms = message->asked_ms};
    return message->state < WITHDRAWAL_STATES && message->fee >= 0 && message->amount > message->fee &&
           (!message->signature.len || message->signature.len == WITHDRAWAL_SIGNATURE_BYTES) &&
           take_bytes(&message->id, withdrawal->id, sizeof withdrawal->id) &&
           take_bytes(&message->wallet, withdrawal->wallet.bytes, PAYMENT_KEY_BYTES) &&
           take_bytes(&message->reference, withdrawal->reference.bytes, PAYMENT_KEY_BYTES);
}

void withdrawal_write(const struct withdrawal *withdrawal, Ledger__Withdrawal *message)
{
    ledger__withdrawal__init(message);
    message->id = (ProtobufCBinaryData){sizeof withdrawal->id, (uint8_t *)withdrawal->id};
    message->account = withdrawal->account;
    message->amount = withdrawal->amount;
    message->fee = withdrawal->fee;
    message->wallet = (ProtobufCBinaryData){PAYMENT_KEY_BYTES, (uint8_t *)withdrawal->wallet.bytes};
    message->reference = (ProtobufCBinaryData){PAYMENT_KEY_BYTES, (uint8_t *)withdrawal->reference.bytes};
    message->state = withdrawal->state;
    message->asked_ms = withdrawal->asked_ms;
}

// ---- Whether an entry may follow

// What it moves between two accounts, and nothing else.
static bool moves_amount(const Ledger__Entry *entry, uint32_t from, uint32_t to, int64_t amount)
{
    int64_t left = -amount, came = amount;
    for (size_t i = 0; i < entry->n_postings; i++) {
        const Ledger__Posting *posting = entry->postings[i];
        if (posting->asset != WITHDRAWAL_LAMPORTS) return false;
        if (posting->account == from)
            left -= posting->amount;
        else if (posting->account == to)
            came -= posting->amount;
        else
            return false;
    }
    return !left && !came;
}

static uint32_t fund_of(const struct ledger_accounts *accounts)
{
    const struct ledger_owner owner = withdrawals_fund();
    return ledger_accounts_find(accounts, &owner);
}

static bool is_same(const struct withdrawal *a, const struct withdrawal *b)
{
    return memcmp(a->id, b->id, sizeof a->id) == 0 && a->account == b->account && a->amount == b->amount &&
           a->fee == b->fee && memcmp(&a->wallet, &b->wallet, sizeof a->wallet) == 0 &&
           memcmp(&a->reference, &b->reference, sizeof a->reference) == 0 && a->asked_ms == b->asked_ms;
}

// One that is open goes on, or ends.
static const char *check_move(const struct withdrawals *withdrawals, uint32_t fund,
                              const Ledger__Entry *entry, const struct withdrawal *withdrawal)
{
    const struct withdrawal *open = withdrawals_find(withdrawals, withdrawal->account);
    if (!open || !is_same(open, withdrawal)) return "its withdrawal is not open";
    if (withdrawal->state == WITHDRAWAL_SENT)
        return !entry->n_postings && open->state == WITHDRAWAL_REQUESTED ? NULL : "it was sent, or moves";
    uint32_t to = withdrawal->state == WITHDRAWAL_DONE ? 0 : withdrawal->account;
    return moves_amount(entry, fund, to, withdrawal->amount) ? NULL : "its lamports go elsewhere";
}

static int64_t taken_of(const Ledger__Entry *entry)
{
    return entry->n_postings ? entry->postings[0]->amount : 0;
}

static bool is_known(const struct withdrawals *withdrawals, const struct withdrawal *withdrawal)
{
    const struct withdrawal *open = withdrawals_find(withdrawals, withdrawal->account);
    return withdrawals_landed(withdrawals, withdrawal->id) ||
           (open && memcmp(open->id, withdrawal->id, sizeof open->id) == 0);
}

// What a restored ledger had forgotten: the account has less, as far as it has it, and again until it has
// paid all.
static const char *check_found(const struct withdrawals *withdrawals, const Ledger__Entry *entry,
                               const struct withdrawal *withdrawal)
{
    const struct owed_place *place = find_owed(withdrawals, withdrawal->id);
    if (withdrawal->state != WITHDRAWAL_DONE) return "it is not done";
    if (place ? !is_same(&place->owed.withdrawal, withdrawal) : is_known(withdrawals, withdrawal))
        return "it is known";
    if (entry->n_postings != 2 && (place || entry->n_postings)) return "it moves something else";
    int64_t taken = taken_of(entry), left = place ? place->owed.left : withdrawal->amount;
    bool fits = taken >= 0 && taken <= left && moves_amount(entry, withdrawal->account, 0, taken);
    return fits ? NULL : "it takes something else";
}

static const char *check_state(struct withdrawals *withdrawals, const struct ledger_accounts *accounts,
                               const Ledger__Entry *entry, const struct withdrawal *withdrawal)
{
    uint32_t fund = fund_of(accounts);
    if (entry->withdrawal_changed->found) return check_found(withdrawals, entry, withdrawal);
    if (fund == LEDGER_NO_ACCOUNT) return "there is no fund for it";
    if (withdrawal->state != WITHDRAWAL_REQUESTED) return check_move(withdrawals, fund, entry, withdrawal);
    if (withdrawals_find(withdrawals, withdrawal->account)) return "its account has one on its way";
    return moves_amount(entry, withdrawal->account, fund, withdrawal->amount) ? NULL
                                                                              : "it takes something else";
}

const char *withdrawals_check(struct withdrawals *withdrawals, const struct ledger_accounts *accounts,
                              const Ledger__Entry *entry)
{
    const Ledger__WithdrawalChanged *changed = entry->withdrawal_changed;
    struct withdrawal withdrawal;
    if (entry->body_case != LEDGER__ENTRY__BODY_WITHDRAWAL_CHANGED) return NULL;
    if (!changed->withdrawal || !withdrawal_read(changed->withdrawal, &withdrawal) || !withdrawal.account ||
        withdrawal.account >= accounts->count)
        return "it is no withdrawal";
    const char *wrong = check_state(withdrawals, accounts, entry, &withdrawal);
    if (wrong) return wrong;
    bool room = ledger_map_reserve(&withdrawals->open, 1) && ledger_map_reserve(&withdrawals->owed, 1) &&
                ledger_map_reserve(&withdrawals->landed, 2);
    return room ? NULL : "there is no memory for it";
}

// ---- Making it the newest

static void note_landed(struct withdrawals *withdrawals, const uint8_t key[WITHDRAWAL_ID_BYTES])
{
    if (!withdrawals_landed(withdrawals, key)) ledger_map_put(&withdrawals->landed, key);
}

static void put_open(struct withdrawals *withdrawals, const struct withdrawal *withdrawal)
{
    struct open_place *place = ledger_map_put(&withdrawals->open, &withdrawal->account);
    place->withdrawal = *withdrawal;
    withdrawals->sum += withdrawal->amount;
}

static void end_open(struct withdrawals *withdrawals, const struct withdrawal *withdrawal)
{
    withdrawals->sum -= withdrawal->amount;
    ledger_map_remove(&withdrawals->open, find_place(withdrawals, withdrawal->account));
}

static void put_owed(struct withdrawals *withdrawals, const struct withdrawal_owed *owed)
{
    struct owed_place *place = find_owed(withdrawals, owed->withdrawal.id);
    if (!place) place = ledger_map_put(&withdrawals->owed, owed->withdrawal.id);
    place->owed = *owed;
}

static void apply_found(struct withdrawals *withdrawals, const Ledger__Entry *entry,
                        const struct withdrawal *withdrawal)
{
    const ProtobufCBinaryData *signature = &entry->withdrawal_changed->withdrawal->signature;
    struct owed_place *place = find_owed(withdrawals, withdrawal->id);
    struct withdrawal_owed owed = {.withdrawal = *withdrawal,
                                   .left = (place ? place->owed.left : withdrawal->amount) - taken_of(entry)};
    if (signature->len) memcpy(owed.signature, signature->data, sizeof owed.signature);
    if (owed.left)
        put_owed(withdrawals, &owed);
    else if (place)
        ledger_map_remove(&withdrawals->owed, place);
}

void withdrawals_apply(struct withdrawals *withdrawals, const Ledger__Entry *entry)
{
    const Ledger__WithdrawalChanged *changed = entry->withdrawal_changed;
    struct withdrawal withdrawal;
    if (entry->body_case != LEDGER__ENTRY__BODY_WITHDRAWAL_CHANGED) return;
    if (!withdrawal_read(changed->withdrawal, &withdrawal)) return; // it was checked
    if (withdrawal.state == WITHDRAWAL_REQUESTED) put_open(withdrawals, &withdrawal);
    if (withdrawal.state == WITHDRAWAL_SENT)
        find_place(withdrawals, withdrawal.account)->withdrawal.state = WITHDRAWAL_SENT;
    if (changed->found)
        apply_found(withdrawals, entry, &withdrawal);
    else if (withdrawal.state >= WITHDRAWAL_DONE)
        end_open(withdrawals, &withdrawal);
    if (withdrawal.state != WITHDRAWAL_DONE) return;
    note_landed(withdrawals, withdrawal.id);
    if (changed->withdrawal->signature.len) note_landed(withdrawals, changed->withdrawal->signature.data);
}

// ---- Snapshots

enum {
    WITHDRAWAL_BYTES = WITHDRAWAL_ID_BYTES + 4 + 8 + 8 + 2 * PAYMENT_KEY_BYTES + 1 + 8,
    OWED_BYTES = WITHDRAWAL_BYTES + WITHDRAWAL_SIGNATURE_BYTES + 8
};

size_t withdrawals_size(const struct withdrawals *withdrawals)
{
    return 3 * 8 + withdrawals->open.count * WITHDRAWAL_BYTES + withdrawals->owed.count * OWED_BYTES +
           withdrawals->landed.count * WITHDRAWAL_ID_BYTES;
}

static void put_one(struct fields_writer *writer, const struct withdrawal *of)
{
    fields_put(writer, of->id, sizeof of->id);
    fields_put_uint(writer, of->account, 4);
    fields_put_uint(writer, (uint64_t)of->amount, 8);
    fields_put_uint(writer, (uint64_t)of->fee, 8);
    fields_put(writer, of->wallet.bytes, PAYMENT_KEY_BYTES);
    fields_put(writer, of->reference.bytes, PAYMENT_KEY_BYTES);
    fields_put_uint(writer, of->state, 1);
    fields_put_uint(writer, (uint64_t)of->asked_ms, 8);
}

void withdrawals_write(const struct withdrawals *withdrawals, struct fields_writer *writer)
{
    fields_put_uint(writer, withdrawals->open.count, 8);
    for (const struct withdrawal *of = NULL; (of = withdrawals_next(withdrawals, of));) put_one(writer, of);
    fields_put_uint(writer, withdrawals->owed.count, 8);
    for (const struct owed_place *of = NULL; (of = ledger_map_next(&withdrawals->owed, of));) {
        put_one(writer, &of->owed.withdrawal);
        fields_put(writer, of->owed.signature, sizeof of->owed.signature);
        fields_put_uint(writer, (uint64_t)of->owed.left, 8);
    }
    fields_put_uint(writer, withdrawals->landed.count, 8);
    for (const struct landed_place *of = NULL; (of = ledger_map_next(&withdrawals->landed, of));)
        fields_put(writer, of->key, sizeof of->key);
}

static bool get_one(struct fields_reader *reader, struct withdrawal *of)
{
    fields_get(reader, of->id, sizeof of->id);
    of->account = (uint32_t)fields_get_uint(reader, 4);
    of->amount = (int64_t)fields_get_uint(reader, 8);
    of->fee = (int64_t)fields_get_uint(reader, 8);
    fields_get(reader, of->wallet.bytes, PAYMENT_KEY_BYTES);
    fields_get(reader, of->reference.bytes, PAYMENT_KEY_BYTES);
    uint64_t state = fields_get_uint(reader, 1);
    of->state = (enum withdrawal_state)state;
    of->asked_ms = (int64_t)fields_get_uint(reader, 8);
    return !reader->failed && state < WITHDRAWAL_STATES;
}

static bool read_open(struct withdrawals *withdrawals, struct fields_reader *reader)
{
    struct withdrawal of;
    if (!get_one(reader, &of) || of.state > WITHDRAWAL_SENT || withdrawals_find(withdrawals, of.account))
        return false;
    put_open(withdrawals, &of);
    return true;
}

static bool read_owed(struct withdrawals *withdrawals, struct fields_reader *reader)
{
    struct withdrawal_owed owed;
    bool is_one = get_one(reader, &owed.withdrawal);
    fields_get(reader, owed.signature, sizeof owed.signature);
    owed.left = (int64_t)fields_get_uint(reader, 8);
    if (!is_one || reader->failed || find_owed(withdrawals, owed.withdrawal.id)) return false;
    put_owed(withdrawals, &owed);
    return true;
}

static bool read_landed(struct withdrawals *withdrawals, struct fields_reader *reader)
{
    uint8_t key[WITHDRAWAL_ID_BYTES];
    fields_get(reader, key, sizeof key);
    if (!reader->failed) note_landed(withdrawals, key);
    return !reader->failed;
}

static bool read_all(struct withdrawals *withdrawals, struct ledger_map *map, size_t bytes,
                     bool (*read)(struct withdrawals *, struct fields_reader *), struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    bool ok = count <= reader->left / bytes && ledger_map_reserve(map, count);
    for (uint64_t i = 0; ok && i < count; i++) ok = read(withdrawals, reader);
    return ok;
}

bool withdrawals_read(struct withdrawals *withdrawals, struct fields_reader *reader)
{
    return read_all(withdrawals, &withdrawals->open, WITHDRAWAL_BYTES, read_open, reader) &&
           read_all(withdrawals, &withdrawals->owed, OWED_BYTES, read_owed, reader) &&
           read_all(withdrawals, &withdrawals->landed, WITHDRAWAL_ID_BYTES, read_landed, reader) &&
           !reader->failed;
}
