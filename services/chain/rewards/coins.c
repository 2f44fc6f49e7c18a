#include "services/chain/rewards/coins.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "rewards.pb-c.h"

void coins_key(const uint8_t event[MERIT_ID_BYTES], const char *who, uint8_t key[MERIT_ID_BYTES])
{
    uint8_t both[2 * MERIT_ID_BYTES];
    memcpy(both, event, MERIT_ID_BYTES);
    uuid_bytes(who, both + MERIT_ID_BYTES);
    crypto_generichash(key, MERIT_ID_BYTES, both, sizeof both, NULL, 0);
}

bool coins_are_known(const struct book_call *b)
{
    return replica_all_know(b->chain->replica, BOOK_COINS_SINCE);
}

// ---- Given

// INT64_MAX is never passed: neither what one has, nor what there is.
static bool may_issue(const struct book_call *b, int64_t coins)
{
    return coins <= INT64_MAX - 1 + ledger_balance(&b->book->accounts, 0, BOOK_CONSE);
}

static bool is_staying(const struct book_call *b, uint32_t account)
{
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, account);
    return owner.kind == LEDGER_USER && !book_is_leaving(b->book, &owner);
}

void coins_give(struct book_call *b, const uint8_t event[MERIT_ID_BYTES], const uint8_t key[MERIT_ID_BYTES])
{
    const struct merit_coins *coins = b->failed ? NULL : merit_coins(&b->book->merit, key);
    if (!coins || !coins->coins || !coins->account || !is_staying(b, coins->account) ||
        !may_issue(b, coins->coins))
        return;
    struct merit_coins due = *coins;
    Ledger__CoinsGiven given = LEDGER__COINS_GIVEN__INIT;
    Ledger__CoinsOffered__Offer offer = LEDGER__COINS_OFFERED__OFFER__INIT;
    const struct ledger_posting postings[] = {{0, BOOK_CONSE, -(int64_t)due.coins},
                                              {due.account, BOOK_CONSE, due.coins}};
    offer.key = (ProtobufCBinaryData){MERIT_ID_BYTES, due.key};
    offer.marks = due.marks;
    offer.n_marks = MERIT_MARKS;
    offer.class_ = due.class;
    offer.percent = due.percent;
    offer.coins = due.coins;
    given.event = (ProtobufCBinaryData){MERIT_ID_BYTES, (uint8_t *)event};
    given.account = due.account;
    given.formula = due.formula;
    given.model = due.model;
    given.offer = &offer;
    book_add(b, LEDGER__ENTRY__BODY_COINS_GIVEN, &given.base, postings, 2);
}

// ---- Offered

struct offering {
    struct book_call *b;
    const Rewards__GameRewards *told;
    uint8_t event[MERIT_ID_BYTES];
    bool judged;
    Ledger__CoinsOffered offered;
};

static bool are_marks(const Rewards__Reward *reward)
{
    bool ok = reward->n_marks == MERIT_MARKS;
    for (size_t i = 0; ok && i < reward->n_marks; i++) ok = isfinite(reward->marks[i]);
    return ok;
}

// Of a game that was judged, only what was won is kept, and what a guest may win yet.
static bool is_wanted(const struct offering *o, const Rewards__Reward *reward, const uint8_t *key)
{
    uint8_t seat[MERIT_ID_BYTES];
    const struct merit *merit = &o->b->book->merit;
    const struct merit_coins *coins = merit_coins(merit, key);
    if (coins) return !coins->coins;
    uuid_bytes(reward->who, seat);
    return !o->judged || merit_guest(merit, seat);
}

static bool add_offer(struct offering *o, const Rewards__Reward *reward)
{
    if (!uuid_check(reward->who) || !are_marks(reward) || !reward->coins || reward->coins > MERIT_COINS_MAX ||
        o->offered.n_offers == MERIT_PLAYERS_MAX)
        return true;
    uint8_t *key = arena_alloc(o->b->arena, MERIT_ID_BYTES);
    Ledger__CoinsOffered__Offer *offer = arena_new(o->b->arena, Ledger__CoinsOffered__Offer);
    if (!key || !offer) return false;
    coins_key(o->event, reward->who, key);
    if (!is_wanted(o, reward, key)) return true;
    ledger__coins_offered__offer__init(offer);
    offer->key = (ProtobufCBinaryData){MERIT_ID_BYTES, key};
    offer->marks = reward->marks;
    offer->n_marks = MERIT_MARKS;
    offer->class_ = reward->class_;
    offer->percent = reward->percent;
    offer->coins = (uint32_t)reward->coins;
    o->offered.offers[o->offered.n_offers++] = offer;
    return true;
}

static bool collect_offers(struct offering *o)
{
    o->offered.offers = arena_array(o->b->arena, MERIT_PLAYERS_MAX, sizeof *o->offered.offers);
    for (size_t i = 0; o->offered.offers && i < o->told->n_rewards; i++)
        if (!add_offer(o, o->told->rewards[i])) return false;
    return o->offered.offers;
}

static void offer_coins(struct book_call *b, const Rewards__GameRewards *told)
{
    struct offering o = {.b = b, .told = told};
    ledger__coins_offered__init(&o.offered);
    uuid_bytes(told->event_id, o.event);
    o.judged = merit_knows(&b->book->merit, o.event);
    const int64_t age_ms = b->now_ms - told->finished_ms;
    if (!o.judged && (age_ms > MERIT_LATE_MS || age_ms < -MERIT_AHEAD_MS)) return;
    b->failed |= !collect_offers(&o);
    if (b->failed || !o.offered.n_offers) return;
    o.offered.event = (ProtobufCBinaryData){sizeof o.event, o.event};
    o.offered.formula = told->formula;
    o.offered.model = told->model;
    book_add(b, LEDGER__ENTRY__BODY_COINS_OFFERED, &o.offered.base, NULL, 0);
    for (size_t i = 0; i < o.offered.n_offers; i++) coins_give(b, o.event, o.offered.offers[i]->key.data);
}

// ---- Following

static struct bus_place coins_reached(const struct book *book)
{
    return (struct bus_place){book->merit.coins_generation, book->merit.coins_seq};
}

static bool apply_rewards(struct book_call *b, const Bus__Notice *notice, struct err *err)
{
    const Rewards__GameRewards *told =
        rewards__game_rewards__unpack(&b->arena->allocator, notice->payload.len, notice->payload.data);
    if (!told)
        return err_fail(err, STORE_CORRUPT, "entry %llu of %s is none", (unsigned long long)notice->seq,
                        COINS_STREAM);
    if (!*told->event_id) return true;
    if (uuid_check(told->event_id))
        offer_coins(b, told);
    else
        log_warn("chain.rewards", F_STR("event", told->event_id), F_STR("odd", "coins of no game"));
    return true;
}

static const struct book_source coins = {.name = COINS_STREAM,
                                         .service = "ai",
                                         .stream = BOOK_COINS,
                                         .since = BOOK_COINS_SINCE,
                                         .reached = coins_reached,
                                         .apply = apply_rewards};

bool coins_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms, struct err *err)
{
    return book_learn(chain, &coins, batch, now_ms, err);
}

static bool on_coins(void *arg, const struct bus_batch *batch, struct err *err)
{
    return coins_learn(arg, batch, clock_unix_ms(), err);
}

bool coins_follow(struct chain *chain, const struct book_peers *ai, struct err *err)
{
    return book_follow(chain, &coins, ai, on_coins, &chain->coins, err);
}

void coins_unfollow(struct chain *chain)
{
    bus_consumer_stop(chain->coins);
    chain->coins = NULL;
}
