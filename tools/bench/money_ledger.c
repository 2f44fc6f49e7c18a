#include "tools/bench/money_ledger.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"
#include "services/chain/book/keeper.h"

enum { ARENA = 32 << 20, PLACE = 1024 };

void money_fail(const char *what)
{
    fprintf(stderr, "the ledger: %s\n", what);
    exit(1);
}

void money_open(struct money_ledger *ledger, const char *folder)
{
    char url[PLACE];
    struct err err = {0};
    *ledger = (struct money_ledger){.settings = {.coinixerr = "off", .mirror = "", .solana_rpc = ""}};
    if (sodium_init() < 0) money_fail("libsodium does not start");
    snprintf(url, sizeof url, "sqlite:%s/chain.db", folder);
    const struct chain_options options = {
        .settings = &ledger->settings, .data_dir = folder, .store_url = url};
    if (!chain_open(&ledger->chain, &options, &err) || !keeper_begin(&ledger->chain, &err))
        money_fail(err.message);
    arena_init(&ledger->arena, ARENA);
}

struct book_call *money_begin(struct money_ledger *ledger)
{
    struct err err = {0};
    arena_reset(&ledger->arena);
    ledger->call = (struct book_call){.chain = &ledger->chain, .arena = &ledger->arena};
    if (!book_begin_own(&ledger->call, clock_unix_ms(), false, &err)) money_fail(err.message);
    return &ledger->call;
}

static void wait_for(struct money_ledger *ledger, uint64_t ticket)
{
    struct err err = {0};
    if (ticket && !store_wait(ledger->chain.store, ticket, &err)) money_fail(err.message);
}

void money_commit(struct money_ledger *ledger)
{
    struct err err = {0};
    uint64_t *ticket = &ledger->tickets[ledger->appends++ % MONEY_UNDERWAY];
    if (!book_commit(&ledger->call, NULL, &err)) money_fail(err.message);
    const uint64_t before = *ticket;
    *ticket = ledger->call.book->live.ticket;
    book_end(&ledger->call);
    wait_for(ledger, before);
}

void money_wait(struct money_ledger *ledger)
{
    for (size_t i = 0; i < MONEY_UNDERWAY; i++) wait_for(ledger, ledger->tickets[i]);
}

void money_close(struct money_ledger *ledger)
{
    money_wait(ledger);
    chain_close(&ledger->chain);
    arena_finish(&ledger->arena);
}

const char *money_person(uint32_t number, char out[40])
{
    snprintf(out, 40, "01890000-0000-7000-8000-%012" PRIx32, number);
    return out;
}

double money_seconds(void) { return (double)clock_mono_ns() / 1e9; }

double money_spent(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
