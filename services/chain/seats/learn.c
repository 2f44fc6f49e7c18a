#include "services/chain/seats/learn.h"

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/replica/replica.h"
#include "services/chain/beacons/beacons.h"
#include "services/chain/book/orders.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/seats/apply.h"

static struct bus_place money_reached(const struct book *book)
{
    return (struct bus_place){book->till.followed_generation, book->till.followed_seq};
}

// What older programs don't know waits until there are none.
static bool may_apply(const struct book_call *b, const Money__FromEvents *told, struct err *err)
{
    const struct replica *replica = b->chain->replica;
    if (told->body_case == MONEY__FROM_EVENTS__BODY_GAME_PRICED && !replica_all_know(replica, OUTBOX_SINCE))
        return err_fail(err, SERVICE_BUSY, "an older process does not know of seats that cost LAMPORTS");
    if (told->body_case == MONEY__FROM_EVENTS__BODY_ROLE_SWITCHED &&
        !replica_all_know(replica, BOOK_SWITCHES_SINCE))
        return err_fail(err, SERVICE_BUSY, "an older process does not know of roles that are switched off");
    return !seats_takes_back(b->book, told) || replica_all_know(replica, BOOK_REWARDS_SINCE) ||
           err_fail(err, SERVICE_BUSY, "an older process does not know of cards that are taken back");
}

// A ticket is there for a hold, which was told of behind the reading.
static bool has_strangers(const struct cluster *cluster, const struct till_event *event)
{
    const struct till_payment *of = event ? event->first : NULL;
    while (of && (payment_place(&of->payment) != PLACE_HELD ||
                  !cluster_has_stranger(cluster, &of->payment.standing.reference)))
        of = of->next;
    return of;
}

// What was paid for seats them, before the rest is locked out.
static bool is_read_back(const struct book_call *b, const Money__FromEvents *told, struct err *err)
{
    const struct cluster *cluster = b->chain->cluster;
    uint8_t id[TILL_ID_BYTES];
    if (!cluster || !seats_ends_holds(b->book, told)) return true;
    uuid_bytes(told->event_id, id);
    return (cluster_is_read_back(cluster) && !has_strangers(cluster, till_find_event(&b->book->till, id))) ||
           err_fail(err, SERVICE_BUSY, "which holds were paid for is not read back yet");
}

static bool apply_money(struct book_call *b, const Bus__Notice *notice, struct err *err)
{
    const Money__FromEvents *told =
        money__from_events__unpack(&b->arena->allocator, notice->payload.len, notice->payload.data);
    if (!told && b->arena->failed) return book_filled(NULL, err);
    if (!told)
        return err_fail(err, STORE_CORRUPT, "entry %llu of %s is none", (unsigned long long)notice->seq,
                        SEATS_STREAM);
    if (told->body_case == MONEY__FROM_EVENTS__BODY_BEACON_WANTED) return true;
    if (!may_apply(b, told, err) || !is_read_back(b, told, err)) return false;
    if (told->body_case != MONEY__FROM_EVENTS__BODY_ROLE_SWITCHED)
        seats_apply(b, told);
    else if (uuid_check(told->role_switched->role_id) && told->role_switched->version)
        book_switch_role(b, told->role_switched);
    return true;
}

static const struct book_source money = {.name = SEATS_STREAM,
                                         .stream = BOOK_MONEY,
                                         .service = "events",
                                         .since = SEATS_SINCE,
                                         .reached = money_reached,
                                         .apply = apply_money};

// What deals wait for are rows; those are there before the place, which the ledger keeps.
bool seats_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms, struct err *err)
{
    return beacons_learn(chain, batch, err) && book_learn(chain, &money, batch, now_ms, err);
}

static bool on_money(void *arg, const struct bus_batch *batch, struct err *err)
{
    return seats_learn(arg, batch, clock_unix_ms(), err);
}

bool seats_follow(struct chain *chain, const struct book_peers *events, struct err *err)
{
    struct bus_consumer *consumer = NULL;
    bool ok = book_follow(chain, &money, events, on_money, &consumer, err);
    atomic_store(&chain->money, consumer);
    return ok;
}

int64_t seats_told_age_ms(const struct chain *chain)
{
    const struct bus_consumer *consumer = atomic_load(&chain->money);
    return consumer ? bus_consumer_age_ms(consumer) : INT64_MAX;
}

void seats_unfollow(struct chain *chain) { bus_consumer_stop(atomic_exchange(&chain->money, NULL)); }
