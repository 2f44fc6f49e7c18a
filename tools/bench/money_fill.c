// money_fill FOLDER ENTRIES ACCOUNTS: a ledger with so many of both, each account with coins that go round, a
// snapshot, and behind it as many entries as the service lets come before it takes the next one. Prints what
// it made, and how fast, as JSON.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/chain/book/snapshot.h"
#include "tools/bench/money_ledger.h"

enum { AT_ONCE = 200, COINS = 1000, BEHIND = 100000 };

static const char banker[] = "01890000-0000-7000-8000-ffffffffffff";

static void open_account(struct book_call *b, uint32_t number)
{
    char id[40];
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    const struct ledger_owner owner = book_user(money_person(number, id));
    const uint32_t account = book_account(b, &owner);
    const struct ledger_posting issued[] = {{0, BOOK_CONSE, -COINS}, {account, BOOK_CONSE, COINS}};
    granted.by = (char *)banker;
    book_add(b, LEDGER__ENTRY__BODY_GRANTED, &granted.base, issued, 2);
}

static void open_accounts(struct money_ledger *ledger, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        struct book_call *b = money_begin(ledger);
        for (int i = 0; i < AT_ONCE && done < count; i++) open_account(b, done++);
        money_commit(ledger);
    }
}

// To the next one, so that nobody runs out.
static void move_coin(struct book_call *b, uint64_t turn)
{
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    const uint32_t count = b->book->accounts.count - 1, from = (uint32_t)(1 + turn * 7919 % count);
    struct ledger_posting moved[] = {{from, BOOK_CONSE, -1}, {from % count + 1, BOOK_CONSE, 1}};
    size_t postings = ledger_net(moved, 2);
    book_add(b, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, moved, postings);
}

// Until the ledger has so many entries.
static void move_coins(struct money_ledger *ledger, uint64_t entries)
{
    static uint64_t turn;
    for (bool more = true; more;) {
        struct book_call *b = money_begin(ledger);
        for (int i = 0; i < AT_ONCE && b->book->seq < entries; i++) move_coin(b, turn++);
        more = b->book->seq < entries;
        money_commit(ledger);
    }
    money_wait(ledger);
}

static double take_snapshot(struct money_ledger *ledger)
{
    struct book_snapshot snapshot;
    struct err err = {0};
    struct book_call *b = money_begin(ledger);
    if (!book_snapshot_take(b->book, &snapshot)) money_fail("no memory for a snapshot");
    book_end(b);
    if (!book_snapshot_store(&ledger->chain, &snapshot, &err)) money_fail(err.message);
    const double mib = (double)snapshot.size / (1 << 20);
    book_snapshot_drop(&snapshot);
    return mib;
}

int main(int argc, char **argv)
{
    static struct money_ledger ledger;
    if (argc != 4) money_fail("money_fill FOLDER ENTRIES ACCOUNTS");
    const uint64_t entries = strtoull(argv[2], NULL, 10);
    const uint32_t accounts = (uint32_t)strtoul(argv[3], NULL, 10);
    if (accounts < 2 || entries < 2 * (uint64_t)accounts + BEHIND) money_fail("too few entries for that");
    money_open(&ledger, argv[1]);
    const double began = money_seconds();
    open_accounts(&ledger, accounts);
    move_coins(&ledger, entries - BEHIND);
    const double mib = take_snapshot(&ledger);
    move_coins(&ledger, entries);
    const double seconds = money_seconds() - began;
    money_close(&ledger);
    printf("{\"entries\": %" PRIu64 ", \"accounts\": %" PRIu32
           ", \"seconds\": %.3f, \"snapshot_mib\": %.1f}\n",
           entries, accounts, seconds, mib);
    return 0;
}
