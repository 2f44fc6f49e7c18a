// What an entry does to the ledger: whether it may follow, then that it does.
#include <stdlib.h>
#include <string.h>

#include "lib/schema/known.h"
#include "services/chain/book/holders.h"
#include "services/chain/book/parts.h"
#include "services/chain/exchange/fold.h"

enum { BODY_BYTES_MAX = 1 << 14 };

static bool refuse_entry(const struct book *book, struct err *err, const char *why)
{
    return err_fail(err, INTERNAL_ERROR, "entry %llu of the ledger: %s", (unsigned long long)book->seq + 1,
                    why);
}

// ---- The record

static const ProtobufCMessage *body_of(const Ledger__Entry *entry)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&ledger__entry__descriptor, entry->body_case);
    return field ? *(const ProtobufCMessage *const *)((const char *)entry + field->offset) : NULL;
}

bool book_has_detail(const Ledger__Entry *entry)
{
    const ProtobufCMessage *body = body_of(entry);
    bool erased = entry->body_case == LEDGER__ENTRY__BODY_ERASED;
    return body && entry->key.len == LEDGER_KEY_BYTES &&
           protobuf_c_message_get_packed_size(body) <= BODY_BYTES_MAX &&
           (!erased || entry->erased->detail.len == MERKLE_HASH_BYTES);
}

struct merkle_hash book_detail(const Ledger__Entry *entry)
{
    uint8_t packed[BODY_BYTES_MAX];
    struct merkle_hash hash;
    if (entry->body_case == LEDGER__ENTRY__BODY_ERASED) {
        memcpy(hash.bytes, entry->erased->detail.data, sizeof hash.bytes);
        return hash;
    }
    const struct merkle_hash blind = ledger_blind(entry->key.data, LEDGER_DETAIL);
    return ledger_detail(&blind, packed, protobuf_c_message_pack(body_of(entry), packed));
}

static uint8_t kind_of(const Ledger__Entry *entry)
{
    bool erased = entry->body_case == LEDGER__ENTRY__BODY_ERASED;
    return (uint8_t)(erased ? entry->erased->kind : entry->body_case);
}

size_t book_record(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                   uint8_t bytes[LEDGER_RECORD_BYTES_MAX])
{
    struct merkle_hash lines[LEDGER_POSTINGS_MAX];
    if (entry->body_case == LEDGER__ENTRY__BODY_SEALED) return 0;
    for (size_t i = 0; i < entry->n_postings; i++) {
        const Ledger__Posting *posting = entry->postings[i];
        const struct merkle_hash blind = ledger_blind(entry->key.data, (uint16_t)i);
        lines[i] = ledger_line(&blind, &book->accounts.holdings[posting->account].account, posting->asset,
                               posting->amount);
    }
    const struct ledger_record record = {.kind = kind_of(entry),
                                         .number = number,
                                         .time_ms = (uint64_t)entry->time_ms,
                                         .detail = book_detail(entry),
                                         .lines = lines,
                                         .count = entry->n_postings};
    return ledger_record_encode(&record, bytes);
}

// ---- What it moves

static void read_postings(const Ledger__Entry *entry, struct ledger_posting postings[LEDGER_POSTINGS_MAX])
{
    for (size_t i = 0; i < entry->n_postings; i++)
        postings[i] = (struct ledger_posting){entry->postings[i]->account, entry->postings[i]->asset,
                                              entry->postings[i]->amount};
}

size_t book_touched(const Ledger__Entry *entry, uint32_t accounts[LEDGER_POSTINGS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < entry->n_postings; i++)
        if (!count || accounts[count - 1] != entry->postings[i]->account)
            accounts[count++] = entry->postings[i]->account;
    return count;
}

static bool check_before(const struct book *book, const Ledger__Entry *entry, struct err *err)
{
    uint32_t accounts[LEDGER_POSTINGS_MAX];
    size_t count = book_touched(entry, accounts);
    if (entry->n_before != count) return refuse_entry(book, err, "it does not say what went before");
    for (size_t i = 0; i < count; i++)
        if (entry->before[i] != book->accounts.holdings[accounts[i]].touched)
            return refuse_entry(book, err, "something else went before");
    return true;
}

// Cards have numbers, so they move with what names them.
static bool check_asset_moved(const struct book *book, const Ledger__Entry *entry, uint32_t asset,
                              struct err *err)
{
    if (asset >= book->assets_count || !book->assets[asset].kind)
        return refuse_entry(book, err, "it moves what there is not");
    return asset < BOOK_FIRST_CARD || exchange_is_of(entry) ||
           refuse_entry(book, err, "it moves cards that it does not name");
}

static bool check_postings(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    if (entry->n_postings > LEDGER_POSTINGS_MAX) return refuse_entry(book, err, "it has too many postings");
    read_postings(entry, postings);
    enum ledger_status status = ledger_check(&book->accounts, postings, entry->n_postings);
    if (status != LEDGER_OK) return refuse_entry(book, err, ledger_status_name(status));
    for (size_t i = 0; i < entry->n_postings; i++)
        if (!check_asset_moved(book, entry, postings[i].asset, err)) return false;
    return check_before(book, entry, err);
}

static void apply_postings(struct book *book, const Ledger__Entry *entry)
{
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    uint32_t accounts[LEDGER_POSTINGS_MAX];
    size_t count = book_touched(entry, accounts);
    read_postings(entry, postings);
    ledger_apply(&book->accounts, postings, entry->n_postings);
    for (size_t i = 0; i < count; i++) book->accounts.holdings[accounts[i]].touched = book->seq;
}

// ---- What it is

static bool check_begun(const struct book *book, const Ledger__Begun *begun, struct err *err)
{
    return (begun->chain.len == MERKLE_HASH_BYTES && begun->authority.len == LEDGER_ACCOUNT_BYTES) ||
           refuse_entry(book, err, "it begins with no chain");
}

// One that looks like an account that is kept would be found in its place.
static bool is_free_key(const uint8_t bytes[LEDGER_ACCOUNT_BYTES])
{
    struct ledger_account account;
    memcpy(account.bytes, bytes, sizeof account.bytes);
    return !ledger_account_is_kept(&account);
}

static bool check_account(const struct book *book, const Ledger__AccountOpened *opened, struct err *err)
{
    struct ledger_owner owner = {.kind = (uint8_t)opened->kind};
    size_t len = opened->kind == LEDGER_KEY ? sizeof owner.id : 16;
    if (opened->kind > LEDGER_FUND || opened->kind == LEDGER_NOBODY || opened->id.len != len ||
        opened->salt.len != (opened->kind == LEDGER_KEY ? 0 : (size_t)LEDGER_ACCOUNT_ID_BYTES))
        return refuse_entry(book, err, "it opens no account");
    memcpy(owner.id, opened->id.data, len);
    if (opened->kind == LEDGER_KEY && !is_free_key(owner.id))
        return refuse_entry(book, err, "it opens an account for a key that is none");
    return ledger_accounts_find(&book->accounts, &owner) == LEDGER_NO_ACCOUNT ||
           refuse_entry(book, err, "its owner has an account");
}

static bool check_asset(const struct book *book, const Ledger__AssetAdded *added, struct err *err)
{
    bool fits = added->asset == book->assets_count && added->asset < BOOK_ASSETS_MAX &&
                added->kind == LEDGER__ASSET__KIND__CARD && uuid_check(added->role_id);
    return fits || refuse_entry(book, err, "it adds no asset");
}

static bool check_sealed(const struct book *book, const Ledger__Sealed *sealed, struct err *err)
{
    struct ledger_block block;
    if (!ledger_block_decode(&block, sealed->header.data, sealed->header.len) ||
        sealed->signature.len != LEDGER_SIGNATURE_BYTES || sealed->first != book->open_first)
        return refuse_entry(book, err, "it seals no block");
    enum ledger_status status = ledger_blocks_fit(&book->blocks, &block);
    return status == LEDGER_OK || refuse_entry(book, err, ledger_status_name(status));
}

static bool check_erased(const struct book *book, const Ledger__Erased *erased, struct err *err)
{
    bool opened = erased->kind == LEDGER__ENTRY__BODY_ACCOUNT_OPENED;
    bool fits = erased->detail.len == MERKLE_HASH_BYTES &&
                erased->account.len == (opened ? (size_t)LEDGER_ACCOUNT_BYTES : 0);
    return fits || refuse_entry(book, err, "it erases nothing");
}

static bool check_body(const struct book *book, const Ledger__Entry *entry, struct err *err)
{
    bool first = entry->body_case == LEDGER__ENTRY__BODY_BEGUN;
    if (first != (book->seq == 0)) return refuse_entry(book, err, "a ledger begins once");
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_BEGUN:
        return check_begun(book, entry->begun, err);
    case LEDGER__ENTRY__BODY_SUCCEEDED:
        return (entry->succeeded->authority.len == LEDGER_ACCOUNT_BYTES && entry->succeeded->key) ||
               refuse_entry(book, err, "it names no key");
    case LEDGER__ENTRY__BODY_ASSET_ADDED:
        return check_asset(book, entry->asset_added, err);
    case LEDGER__ENTRY__BODY_ACCOUNT_OPENED:
        return check_account(book, entry->account_opened, err);
    case LEDGER__ENTRY__BODY_ACCOUNT_CLOSED:
        return entry->account_closed->account < book->accounts.count ||
               refuse_entry(book, err, "it closes nothing");
    case LEDGER__ENTRY__BODY_SEALED:
        return check_sealed(book, entry->sealed, err);
    case LEDGER__ENTRY__BODY_ERASED:
        return check_erased(book, entry->erased, err);
    case LEDGER__ENTRY__BODY__NOT_SET:
        return refuse_entry(book, err, "it says nothing");
    default:
        return true;
    }
}

static bool check_exchange(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = exchange_check(&book->exchange, &book->accounts, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

static bool check_till(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = till_check(&book->till, &book->accounts, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

static bool check_outbox(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = outbox_check(&book->outbox, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

static bool check_merit(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = merit_check(&book->merit, &book->accounts, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

static bool check_lists(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = lists_check(&book->lists, &book->accounts, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

static bool check_withdrawals(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    const char *wrong = withdrawals_check(&book->withdrawals, &book->accounts, entry);
    return !wrong || refuse_entry(book, err, wrong);
}

bool book_check(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    bool sealed = entry->body_case == LEDGER__ENTRY__BODY_SEALED;
    if (!message_is_known(&entry->base) || exchange_is_newer(entry))
        return err_fail(err, STORE_NEWER, "a newer version of the program wrote entry %llu of the ledger",
                        (unsigned long long)book->seq + 1);
    if (entry->time_ms < book->newest_ms) return refuse_entry(book, err, "it is older than the one before");
    if (entry->key.len != (sealed ? 0 : (size_t)LEDGER_KEY_BYTES))
        return refuse_entry(book, err, "it has no key");
    if (!sealed && book->blocks.count == LEDGER_BLOCK_RECORDS_MAX)
        return refuse_entry(book, err, "the block before it is not sealed");
    if (!check_body(book, entry, err)) return false;
    if (!sealed && !book_has_detail(entry)) return refuse_entry(book, err, "it says too much");
    return check_postings(book, entry, err) && check_exchange(book, entry, err) &&
           check_till(book, entry, err) && check_outbox(book, entry, err) && check_merit(book, entry, err) &&
           check_lists(book, entry, err) && check_withdrawals(book, entry, err) &&
           holders_check(book, entry, err);
}

// ---- Doing it

static void apply_begun(struct book *book, const Ledger__Begun *begun)
{
    struct merkle_hash chain;
    memcpy(chain.bytes, begun->chain.data, sizeof chain.bytes);
    memcpy(book->authority.bytes, begun->authority.data, sizeof book->authority.bytes);
    ledger_blocks_init(&book->blocks, &chain);
    book->authority_key = begun->key;
    book->generation = begun->generation;
}

static void add_account(struct book *book, const struct ledger_owner *owner,
                        const struct ledger_account *account)
{
    uint32_t number = ledger_accounts_add(&book->accounts, owner, account);
    if (number == LEDGER_NO_ACCOUNT) abort();
    book->accounts.holdings[number].opened = book->seq;
}

static void apply_opened(struct book *book, const Ledger__AccountOpened *opened)
{
    struct ledger_owner owner = {.kind = (uint8_t)opened->kind};
    struct ledger_account account;
    memcpy(owner.id, opened->id.data, opened->id.len);
    if (opened->kind == LEDGER_KEY)
        memcpy(account.bytes, owner.id, sizeof account.bytes);
    else
        account = ledger_account_of(opened->salt.data);
    add_account(book, &owner, &account);
}

// What was erased got a number, and its account is in later records.
static void apply_erased(struct book *book, const Ledger__Erased *erased)
{
    static const struct ledger_owner nobody;
    struct ledger_account account;
    if (erased->kind != LEDGER__ENTRY__BODY_ACCOUNT_OPENED) return;
    memcpy(account.bytes, erased->account.data, sizeof account.bytes);
    add_account(book, &nobody, &account);
}

static void apply_asset(struct book *book, const Ledger__AssetAdded *added)
{
    uint8_t role_id[16];
    uuid_bytes(added->role_id, role_id);
    if (!exchange_add_role(&book->exchange, role_id)) abort();
    struct book_asset *asset = &book->assets[book->assets_count++];
    asset->kind = added->kind;
    memcpy(asset->role_id, added->role_id, sizeof asset->role_id);
}

static void apply_succeeded(struct book *book, const Ledger__Succeeded *succeeded)
{
    memcpy(book->successor.bytes, succeeded->authority.data, sizeof book->successor.bytes);
    book->successor_key = succeeded->key;
    book->successor_seq = book->seq;
}

// The block that names the next key is signed by the one before.
const struct ledger_account *book_signer(const struct book *book, uint32_t *number)
{
    bool next = book->successor_key && book->successor_seq < book->open_first;
    *number = next ? book->successor_key : book->authority_key;
    return next ? &book->successor : &book->authority;
}

static void apply_sealed(struct book *book, const Ledger__Sealed *sealed)
{
    struct ledger_block block;
    uint32_t number;
    if (!ledger_block_decode(&block, sealed->header.data, sealed->header.len)) abort();
    ledger_blocks_close(&book->blocks, &block);
    book->authority = *book_signer(book, &number);
    book->authority_key = number;
    if (number == book->successor_key) book->successor_key = 0;
    book->open_first = 0;
}

// Given away, without what came in the same entry.
static void apply_transfer(struct book *book, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->amount < 0 && entry->postings[i]->asset == BOOK_CONSE)
            book_spend(book, entry->postings[i]->account, -entry->postings[i]->amount, entry->time_ms);
}

static void apply_body(struct book *book, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_BEGUN:
        apply_begun(book, entry->begun);
        break;
    case LEDGER__ENTRY__BODY_SUCCEEDED:
        apply_succeeded(book, entry->succeeded);
        break;
    case LEDGER__ENTRY__BODY_RESTORED:
        book->generation = entry->restored->generation;
        break;
    case LEDGER__ENTRY__BODY_ASSET_ADDED:
        apply_asset(book, entry->asset_added);
        break;
    case LEDGER__ENTRY__BODY_ACCOUNT_OPENED:
        apply_opened(book, entry->account_opened);
        break;
    case LEDGER__ENTRY__BODY_ACCOUNT_CLOSED:
        ledger_accounts_disown(&book->accounts, entry->account_closed->account);
        book->erased = true;
        break;
    case LEDGER__ENTRY__BODY_ERASED:
        apply_erased(book, entry->erased);
        break;
    case LEDGER__ENTRY__BODY_TRANSFERRED:
        apply_transfer(book, entry);
        break;
    case LEDGER__ENTRY__BODY_KEY_TRANSFERRED:
    case LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED:
        holders_apply(book, entry);
        break;
    default:
        break;
    }
}

static void take_record(struct book *book, const Ledger__Entry *entry)
{
    uint8_t record[LEDGER_RECORD_BYTES_MAX];
    ledger_blocks_take(&book->blocks, record, book_record(book, entry, book->seq, record));
    if (book->open_first) return;
    book->open_first = book->seq;
    book->open_ms = entry->time_ms;
}

// The first bytes of its random key, or of a block's signature.
void book_entry_id(const Ledger__Entry *entry, uint8_t id[BOOK_ENTRY_ID_BYTES])
{
    bool sealed = entry->body_case == LEDGER__ENTRY__BODY_SEALED;
    const ProtobufCBinaryData *bytes = sealed ? &entry->sealed->signature : &entry->key;
    memcpy(id, bytes->data, BOOK_ENTRY_ID_BYTES);
}

void book_apply(struct book *book, const Ledger__Entry *entry)
{
    book->seq++;
    book->newest_ms = entry->time_ms;
    book_entry_id(entry, book->newest_id);
    if (entry->body_case == LEDGER__ENTRY__BODY_SEALED) {
        apply_sealed(book, entry->sealed);
        return;
    }
    apply_body(book, entry);
    exchange_apply(&book->exchange, entry, book->seq);
    till_apply(&book->till, entry);
    outbox_apply(&book->outbox, entry);
    merit_apply(&book->merit, entry);
    lists_apply(&book->lists, entry, book->seq);
    withdrawals_apply(&book->withdrawals, entry);
    apply_postings(book, entry);
    take_record(book, entry);
}
