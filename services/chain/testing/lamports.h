// An evening whose seats cost LAMPORTS, for tests, with a cluster of which the test says what is known.
#ifndef CHAIN_TESTING_LAMPORTS_H
#define CHAIN_TESTING_LAMPORTS_H

#include "lib/base/clock.h"
#include "services/chain/cluster/parts.h"
#include "services/chain/permit/permit.h"
#include "services/chain/testing/evening.h"

#define LAMPORTS_WALLET UINT64_C(1000000000000) // of the authority

struct lamports {
    struct evening evening;
    struct cluster cluster;
    struct solana_signer wallet, other;
};

static inline struct solana_key lamports_key(uint8_t seed)
{
    struct solana_signer signer;
    solana_signer_init(&signer, (const uint8_t[32]){seed});
    return solana_signer_key(&signer);
}

// It answers, with blocks up to this height.
static inline void lamports_see(struct lamports *lamports, uint64_t height)
{
    struct cluster_now *now = &lamports->cluster.now;
    now->healthy = true;
    now->finalized_height = height;
    now->lamports = LAMPORTS_WALLET;
    now->last_valid_height = height + 150;
    now->clock_s = lamports->evening.house->now_ms / 1000 + 3; // its clock is its own
    now->blockhash = (struct solana_key){{7, (uint8_t)height}};
    lamports->cluster.seen_ms = clock_mono_ms();
}

static inline void lamports_init(struct lamports *lamports, struct house *house)
{
    struct cluster *cluster = &lamports->cluster;
    evening_init(&lamports->evening, house);
    lamports->evening.terms.refund_fee = 0;
    house->settings.public_url = "https://play.example";
    house->settings.solana_unit_price = 10000;
    house->chain.settings = house->settings;
    pthread_mutex_init(&cluster->lock, NULL);
    strangers_init(&cluster->strangers);
    solana_signer_init(&cluster->signer, (const uint8_t[32]){1});
    solana_signer_init(&lamports->wallet, (const uint8_t[32]){2});
    solana_signer_init(&lamports->other, (const uint8_t[32]){3});
    cluster->now.authority = solana_signer_key(&cluster->signer);
    cluster->now.pool = lamports_key(4);
    cluster->now.revenue = lamports_key(5);
    cluster->now.programs = solana_programs_default();
    house->chain.cluster = cluster;
    atomic_store(&cluster->read_back, true);
    atomic_store(&cluster->cards_read, true);
    lamports_see(lamports, 100);
}

// As after a kill. What is opened closes its own cluster, so it never sees this one.
static inline void lamports_restart(struct lamports *lamports)
{
    struct house *house = lamports->evening.house;
    house->chain.cluster = NULL;
    house_restart(house);
    house->chain.cluster = &lamports->cluster;
}

static inline void lamports_close(struct lamports *lamports)
{
    lamports->evening.house->chain.cluster = NULL;
    house_close(lamports->evening.house);
    strangers_finish(&lamports->cluster.strangers);
    pthread_mutex_destroy(&lamports->cluster.lock);
}

// A house with a cluster, on a store that processes share when there is a URL, whose test it is then alone;
// and its end.
static inline struct house *lamports_house(struct lamports *lamports, const char *url)
{
    if (url) shared_store_register();
    struct house *house = house_at(url);
    lamports_init(lamports, house);
    return house;
}

static inline int lamports_leave(struct lamports *lamports, const char *url)
{
    lamports_close(lamports);
    if (url) shared_store_drop(url);
    return 0;
}

static inline void lamports_price(struct lamports *lamports)
{
    Money__GamePriced priced = MONEY__GAME_PRICED__INIT;
    priced.price = EVENING_PRICE;
    priced.currency = MONEY__CURRENCY__VALUE__LAMPORTS;
    priced.terms = &lamports->evening.terms;
    priced.starts_at_ms = lamports->evening.house->now_ms + 24 * 3600 * 1000;
    evening_tell(&lamports->evening, MONEY__FROM_EVENTS__BODY_GAME_PRICED, &priced);
}

// It is on the cluster, finalized, and this authority's.
static inline void lamports_make_payable(struct lamports *lamports, const struct solana_key *authority)
{
    struct house *house = lamports->evening.house;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct seats_change change;
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(lamports->evening.id, id);
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct till_event *event = till_find_event(&b.book->till, id);
    assert_non_null(event);
    struct till_cluster cluster = event->cluster;
    cluster.state = TILL_PAYABLE;
    memcpy(cluster.authority.bytes, authority->bytes, sizeof cluster.authority.bytes);
    cluster.whitelist.bytes[0] = 9;
    seats_change_begin(&change, event);
    seats_change_cluster(&change, &cluster);
    assert_true(seats_change_add(&b, &change) && book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(store_wait(house->chain.store, ticket, &err));
}

static inline void lamports_credit(struct lamports *lamports, const char *user_id, int64_t amount)
{
    char request[160];
    snprintf(request, sizeof request,
             "{'to_user_id': '%s', 'amount': '%lld', 'memo': 'start', 'currency': 'LAMPORTS'}", user_id,
             (long long)amount);
    house_must(lamports->evening.house, DEV, "chain.Grant", request);
}

static inline int64_t lamports_of(const struct book *book, const struct ledger_owner *owner)
{
    uint32_t account = ledger_accounts_find(&book->accounts, owner);
    return account == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&book->accounts, account, BOOK_LAMPORTS);
}

// What a user has; what lies aside for seats; all that was issued and is not gone.
struct lamports_sums {
    int64_t user, aside, all;
};
static inline struct lamports_sums lamports_sums(struct lamports *lamports, const char *user_id)
{
    struct house *house = lamports->evening.house;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    const struct ledger_owner user = book_user(user_id), aside = till_aside();
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct lamports_sums sums = {lamports_of(b.book, &user), lamports_of(b.book, &aside),
                                       -ledger_balance(&b.book->accounts, 0, BOOK_LAMPORTS)};
    book_end(&b);
    return sums;
}

// attempt: 1, or a later one when the hold begins anew.
static inline void lamports_hold_again(struct lamports *lamports, unsigned number, const char *user_id,
                                       uint32_t attempt)
{
    Money__SeatHeld held = MONEY__SEAT_HELD__INIT;
    const struct uuid id = hold_id(number);
    held.hold_id = id.text;
    held.user_id = user_id;
    held.price = EVENING_PRICE;
    held.currency = MONEY__CURRENCY__VALUE__LAMPORTS;
    held.terms = &lamports->evening.terms;
    held.attempt = attempt;
    evening_tell(&lamports->evening, MONEY__FROM_EVENTS__BODY_SEAT_HELD, &held);
}

static inline void lamports_hold(struct lamports *lamports, unsigned number, const char *user_id)
{
    lamports_hold_again(lamports, number, user_id, 1);
}

// An event that can be paid, and a seat that is held.
static inline void lamports_begin(struct lamports *lamports)
{
    lamports_price(lamports);
    lamports_make_payable(lamports, &lamports->cluster.now.authority);
    lamports_hold(lamports, 1, ANN);
}

#endif
