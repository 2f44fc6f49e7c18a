// consectl ledger verify: recomputes the whole ledger from its entries, and trusts nobody. They come from the
// store, or, while a service has it, from the service.
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.pb-c.h"
#include "lib/base/base58.h"
#include "lib/base/ids.h"
#include "services/chain/book/holders.h"
#include "tools/consectl/checks.h"
#include "tools/consectl/consectl.h"

enum { PAGE = 500, ASKED_PAGE = 200 };

struct ledger_check {
    struct book *book;
    uint64_t blocks;
    bool quiet;             // what was found is not printed
    struct ledger_map seen; // keys that fit their addresses
};

// The fold checks places, roots and balances; whose a block is, only its signature says.
static bool check_signature(const struct book *book, const Ledger__Sealed *sealed, struct err *err)
{
    struct ledger_block block;
    uint32_t number;
    if (sealed->signature.len == LEDGER_SIGNATURE_BYTES &&
        ledger_block_decode(&block, sealed->header.data, sealed->header.len) &&
        ledger_block_verify(&block, book_signer(book, &number), sealed->signature.data))
        return true;
    return err_fail(err, STORE_CORRUPT, "block %" PRIu64 " is not signed by the ledger's key",
                    book->blocks.height);
}

static bool check_entry(struct ledger_check *check, const ProtobufCBinaryData *bytes, struct err *err)
{
    Ledger__Entry *entry = ledger__entry__unpack(NULL, bytes->len, bytes->data);
    if (!entry)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is none", check->book->seq + 1);
    bool seals = entry->body_case == LEDGER__ENTRY__BODY_SEALED;
    bool ok = book_check(check->book, entry, err) && holders_verify(check->book, entry, &check->seen, err) &&
              (!seals || check_signature(check->book, entry->sealed, err));
    if (ok) book_apply(check->book, entry);
    check->blocks += ok && seals;
    ledger__entry__free_unpacked(entry, NULL);
    return ok;
}

static bool check_stream(struct ctl *ctl, struct store *store, struct ledger_check *check, struct err *err)
{
    for (struct store_entries page = {.more = true}; page.more;) {
        arena_reset(&ctl->arena);
        if (!store_read(store, BOOK_STREAM, check->book->seq + 1, PAGE, &ctl->arena, &page, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            if (!check_entry(check, &page.entries[i], err)) return false;
    }
    return true;
}

// One page from the service; *head is its newest entry.
static bool check_page(struct ctl *ctl, struct ledger_check *check, uint64_t *head, struct err *err)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    ProtobufCMessage *message;
    const uint64_t from = check->book->seq;
    request.stream = BOOK_STREAM;
    request.from = from + 1;
    request.limit = ASKED_PAGE;
    arena_reset(&ctl->arena);
    if (!ctl_ask_running(ctl, "chain.feed.Read", &request.base, &message, err)) return false;
    const Bus__ReadReply *reply = (const Bus__ReadReply *)message;
    *head = reply->head;
    for (size_t i = 0; i < reply->n_notices; i++)
        if (!check_entry(check, &reply->notices[i]->payload, err)) return false;
    return check->book->seq > from || from >= *head ||
           err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is not told", from + 1);
}

// Up to the entry that was the newest when it began.
static bool check_told(struct ctl *ctl, struct ledger_check *check, struct err *err)
{
    uint64_t end = 0, head;
    do {
        if (!check_page(ctl, check, &head, err)) return false;
        if (!end) end = head;
    } while (check->book->seq < end);
    return true;
}

// ---- Who has it

static const char *const owners[] = {"nobody",  "people",   "keys",        "seats",  "orders",
                                     "revenue", "treasury", "withdrawals", "minted", "seating"};
enum { OWNERS = sizeof owners / sizeof *owners };

struct sums {
    int64_t issued, held[OWNERS];
};

// All that there is.
struct existing {
    struct sums conse, lamports;
    struct exchange_sum cards;
};

// The place among the owners: their kind, and of funds which.
static size_t owner_place(const struct ledger_owner *owner)
{
    bool known = owner->kind == LEDGER_FUND && owner->id[0] && owner->id[0] <= LEDGER_SEATING;
    return known ? LEDGER_FUND + owner->id[0] - LEDGER_REVENUE : owner->kind;
}

// False when what all have is not what was issued.
static bool ledger_sum(const struct ledger_accounts *accounts, uint32_t asset, struct sums *sums)
{
    int64_t all = 0;
    *sums = (struct sums){.issued = -ledger_balance(accounts, 0, asset)};
    for (uint32_t number = 1; number < accounts->count; number++) {
        const struct ledger_owner owner = ledger_owner_of(accounts, number);
        const int64_t amount = ledger_balance(accounts, number, asset);
        sums->held[owner_place(&owner)] += amount;
        all += amount;
    }
    return all == sums->issued;
}

static void print_owners(const char *name, const struct sums *sums)
{
    const char *between = ":";
    printf("%-10s %" PRId64 " minor units exist", name, sums->issued);
    for (size_t i = 0; i < OWNERS; i++)
        if (sums->held[i]) {
            printf("%s %s %" PRId64, between, owners[i], sums->held[i]);
            between = ",";
        }
    printf("\n");
}

static void print_owners_json(const char *name, const struct sums *sums)
{
    printf("\"%s\": \"%" PRId64 "\", \"%s_held\": {", name, sums->issued, name);
    for (size_t i = 0; i < OWNERS; i++)
        printf("%s\"%s\": \"%" PRId64 "\"", i ? ", " : "", owners[i], sums->held[i]);
    printf("}, ");
}

static void print_cards(const struct exchange_sum *cards)
{
    if (!cards->made) return;
    printf("cards      %" PRIu64 " were made: accounts %" PRIu64 ", orders %" PRIu64 ", cluster %" PRIu64
           ", taken back %" PRIu64 "\n",
           cards->made, cards->held, cards->resting, cards->away, cards->taken_back);
}

static void print_ledger(const struct ledger_check *check, const struct existing *all, const char *key,
                         const char *head)
{
    const struct book *book = check->book;
    printf("the ledger is right\nentries    %" PRIu64 "\nblocks     %" PRIu64
           " (%u records wait)\naccounts   %u\n",
           book->seq, check->blocks, book->blocks.count, book->accounts.count);
    print_owners("conse", &all->conse);
    if (all->lamports.issued) print_owners("lamports", &all->lamports);
    print_cards(&all->cards);
    printf("authority  %s\nhead       %s\n", key, head);
}

static void print_ledger_json(const struct ledger_check *check, const struct existing *all, const char *key,
                              const char *head)
{
    const struct book *book = check->book;
    printf("{\"entries\": %" PRIu64 ", \"blocks\": %" PRIu64 ", \"open\": %u, \"accounts\": %u, ", book->seq,
           check->blocks, book->blocks.count, book->accounts.count);
    print_owners_json("conse", &all->conse);
    print_owners_json("lamports", &all->lamports);
    printf("\"cards\": {\"made\": %" PRIu64 ", \"accounts\": %" PRIu64 ", \"orders\": %" PRIu64
           ", \"cluster\": %" PRIu64 ", \"taken_back\": %" PRIu64 "}, ",
           all->cards.made, all->cards.held, all->cards.resting, all->cards.away, all->cards.taken_back);
    printf("\"authority\": \"%s\", \"head\": \"%s\"}\n", key, head);
}

static bool print_result(const struct ctl *ctl, const struct ledger_check *check, struct err *err)
{
    const struct book *book = check->book;
    char key[64] = "", head[2 * MERKLE_HASH_BYTES + 1];
    struct existing all;
    if (!ledger_sum(&book->accounts, BOOK_CONSE, &all.conse) ||
        !ledger_sum(&book->accounts, BOOK_LAMPORTS, &all.lamports))
        return err_fail(err, STORE_CORRUPT, "what all accounts have is not what was issued");
    if (!exchange_count(&book->exchange, &book->accounts, &all.cards))
        return err_fail(err, STORE_CORRUPT, "cards are in two places, or somewhere else than balances say");
    base58_encode(key, sizeof key, book->authority.bytes, sizeof book->authority.bytes);
    hex_encode(head, book->blocks.head.bytes, sizeof book->blocks.head.bytes);
    if (!check->quiet) (ctl->json ? print_ledger_json : print_ledger)(check, &all, key, head);
    return true;
}

// From the store, or from the service when that is NULL.
static bool verify_ledger(struct ctl *ctl, struct store *store, struct ledger_check *check, struct err *err)
{
    check->book = calloc(1, sizeof *check->book);
    messages_seen_init(&check->seen);
    bool ok = (check->book && book_init(check->book)) || err_fail(err, INTERNAL_ERROR, "out of memory");
    ok = ok && (store ? check_stream(ctl, store, check, err) : check_told(ctl, check, err));
    ok = ok && print_result(ctl, check, err);
    ledger_map_finish(&check->seen);
    if (check->book) book_finish(check->book);
    free(check->book);
    return ok;
}

bool ledger_is_right(struct ctl *ctl, uint64_t *blocks, struct err *err)
{
    struct ledger_check check = {.quiet = true};
    bool ok = verify_ledger(ctl, NULL, &check, err);
    *blocks = check.blocks;
    return ok;
}

static int ledger_verify(struct ctl *ctl, int argc, char **argv)
{
    (void)argc, (void)argv;
    struct store *store = NULL;
    struct err err = {0};
    struct ledger_check check = {0};
    const struct office *office = office_find("chain");
    if (!place_has_store(ctl, office->name, &err)) return ctl_fail(ctl, &err);
    if (!ctl_open_store(ctl, office, &store, &err) && !ctl->held) return ctl_fail(ctl, &err);
    ctl->held = false; // the service is asked
    bool ok = verify_ledger(ctl, store, &check, &err);
    store_close(store);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

const struct ctl_command ledger_commands[] = {
    {.name = "ledger verify",
     .usage = "",
     .help = "recomputes the ledger from its entries",
     .more =
         "Reads every entry of the store, or, while a service has the store alone, asks that for them, and "
         "checks all of it: that what is\n"
         "moved adds up to zero and nobody has less than nothing, each record, each block's root, place "
         "and signature, and\n"
         "each signature of who moved what a key's account has. The first\n"
         "fault is told; without one, how much exists and who has it: people, keys, seats (what was paid for "
         "those of events),\n"
         "orders (what is promised by those that rest), the revenue and the treasury, and what is nobody's "
         "any more;\n"
         "and how many role cards were made, and what became of them: each is counted where it is.\n"
         "docs/ledger.md has what is checked.",
     .least = 0,
     .most = 0,
     .run = ledger_verify},
    {.name = "ledger check",
     .usage = "URL [FILE]",
     .help = "checks the blocks of a running server",
     .more =
         "Reads every block at the address of a gateway: the newest one's signature, that each names the one "
         "before, and that its\n"
         "records are those that it was sealed with. FILE has one's own transactions, as GET "
         "/ledger/accounts/USER answers:\n"
         "then also that what they show is what their records hide, and that these are in the blocks.",
     .least = 1,
     .most = 2,
     .run = ledger_check_url},
    {0},
};
