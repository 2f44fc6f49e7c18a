#include "services/chain/till/till.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/till/parts.h"

static const uint64_t PLACES_MAX = UINT64_C(1) << 28;

void till_init(struct till *till, const uint8_t seed[16])
{
    memset(till, 0, sizeof *till);
    ledger_map_init(&till->payments, sizeof(struct till_place), TILL_ID_BYTES, PLACES_MAX, seed);
    ledger_map_init(&till->events, sizeof(struct till_place), TILL_ID_BYTES, PLACES_MAX, seed);
    till_owed_init(till, seed);
}

static void free_all(struct ledger_map *map)
{
    for (const struct till_place *place = NULL; (place = ledger_map_next(map, place));) free(place->object);
    ledger_map_finish(map);
}

void till_finish(struct till *till)
{
    free_all(&till->payments);
    free_all(&till->events);
    ledger_map_finish(&till->owed);
    free(till->spare_payment);
    free(till->spare_event);
    for (int i = 0; i < 2; i++) ledger_dues_finish(&till->dues[i]);
    memset(till, 0, sizeof *till);
}

// ---- Finding

static void *find_object(const struct ledger_map *map, const uint8_t id[TILL_ID_BYTES])
{
    const struct till_place *place = map->count ? ledger_map_find(map, id) : NULL;
    return place ? place->object : NULL;
}

struct till_payment *till_find_payment(const struct till *till, const uint8_t id[TILL_ID_BYTES])
{
    return find_object(&till->payments, id);
}

struct till_event *till_find_event(const struct till *till, const uint8_t id[TILL_ID_BYTES])
{
    return find_object(&till->events, id);
}

bool till_has_escrow(const struct ledger_accounts *accounts, const uint8_t event[TILL_ID_BYTES])
{
    const struct ledger_owner owner = till_escrow(event);
    return ledger_accounts_find(accounts, &owner) != LEDGER_NO_ACCOUNT;
}

size_t till_over_kept(const struct till *till)
{
    return till->over_count < TILL_OVER_MOST ? till->over_count : TILL_OVER_MOST;
}

bool till_is_over(const struct till *till, const struct ledger_accounts *accounts,
                  const uint8_t event[TILL_ID_BYTES])
{
    bool over = false;
    if (till_find_event(till, event)) return false;
    for (size_t i = 0; !over && i < till_over_kept(till); i++)
        over = memcmp(till->over[i], event, TILL_ID_BYTES) == 0;
    return over || till_has_escrow(accounts, event);
}

struct till_event *till_next_event(const struct till *till, const struct till_event *event)
{
    const struct till_place *place =
        event ? ledger_map_next(&till->events, ledger_map_find(&till->events, event->id))
              : ledger_map_next(&till->events, NULL);
    return place ? place->object : NULL;
}

struct ledger_owner till_escrow(const uint8_t event[TILL_ID_BYTES])
{
    struct ledger_owner owner = {.kind = LEDGER_EVENT};
    memcpy(owner.id, event, TILL_ID_BYTES);
    return owner;
}

bool till_is_on_cluster(const struct till_event *event)
{
    return event->priced && event->currency == PAYMENT_LAMPORTS;
}

// On the cluster winners are paid one after the other, each a part of the whole pot.
static bool is_divided(const struct till_event *event, const struct till_payment *of)
{
    return till_is_on_cluster(event) ? event->paid_out : of->payment.standing.paid_out;
}

int64_t till_pot(const struct till_event *event)
{
    int64_t pot = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (!is_divided(event, of)) pot += of->payment.standing.kept;
    return pot;
}

bool till_is_unmarked(const struct till_payment *payment)
{
    return payment_place(&payment->payment) == PLACE_OVER && !payment->payment.standing.paid_out;
}

// ---- What is due

int64_t till_payment_due(const struct till_payment *payment)
{
    const struct payment_standing *now = &payment->payment.standing;
    if (payment_place(&payment->payment) == PLACE_HELD) // an end that waits comes with the permit's
        return now->end == PAYMENT_BY_NOBODY ? now->hold_ends_ms : INT64_MAX;
    bool waits_paid = payment_place(&payment->payment) == PLACE_WAITING && now->waits_until_ms;
    return waits_paid ? now->waits_until_ms : INT64_MAX;
}

int64_t till_event_due(const struct till_event *event)
{
    bool waits = event->payout_ms && !event->disputed && !till_is_on_cluster(event);
    if (event->paid_out) return event->unmarked ? 0 : INT64_MAX;
    return waits && event->stage == PAYMENT_DONE ? event->payout_ms : INT64_MAX;
}

enum { DUE_PAYMENT, DUE_EVENT, DUES_OF_ENTRY = 2 };

static bool find_due(const struct till *till, const struct ledger_due *item, struct till_due *due)
{
    *due = (struct till_due){.payment = NULL};
    if (item->kind == DUE_PAYMENT) due->payment = till_find_payment(till, item->id);
    due->event = due->payment ? due->payment->event : NULL;
    if (item->kind == DUE_EVENT) due->event = till_find_event(till, item->id);
    return due->event;
}

// One that was put off is due before.
static bool due_holds(const void *till, const struct ledger_due *item)
{
    struct till_due due;
    if (!find_due(till, item, &due)) return false;
    return (due.payment ? till_payment_due(due.payment) : till_event_due(due.event)) <= item->at_ms;
}

bool till_first_due(struct till *till, bool on_cluster, int64_t now_ms, struct till_due *due)
{
    const struct ledger_due *first = ledger_dues_first(&till->dues[on_cluster], due_holds, till);
    return first && first->at_ms <= now_ms && find_due(till, first, due);
}

void till_put_off(struct till *till, bool on_cluster, int64_t until_ms)
{
    struct ledger_dues *dues = &till->dues[on_cluster];
    struct ledger_due item = dues->items[0];
    item.at_ms = until_ms;
    ledger_dues_drop_first(dues);
    ledger_dues_add(dues, &item);
}

static void note_due(struct till *till, const struct till_event *event, struct ledger_due *item,
                     const uint8_t id[TILL_ID_BYTES])
{
    if (item->at_ms == INT64_MAX) return;
    memcpy(item->id, id, sizeof item->id);
    ledger_dues_add(&till->dues[till_is_on_cluster(event)], item);
}

void till_note_payment(struct till *till, const struct till_payment *payment, int64_t before_ms)
{
    struct ledger_due item = {.at_ms = till_payment_due(payment), .kind = DUE_PAYMENT};
    if (item.at_ms != before_ms) note_due(till, payment->event, &item, payment->id);
}

void till_note_event(struct till *till, const struct till_event *event, int64_t before_ms)
{
    struct ledger_due item = {.at_ms = till_event_due(event), .kind = DUE_EVENT};
    if (item.at_ms != before_ms) note_due(till, event, &item, event->id);
}

// ---- Adding and removing

// Every entry adds one of each at most, and changes when they are due.
bool till_reserve(struct till *till)
{
    if (!till->spare_payment) till->spare_payment = calloc(1, sizeof *till->spare_payment);
    if (!till->spare_event) till->spare_event = calloc(1, sizeof *till->spare_event);
    return till->spare_payment && till->spare_event && ledger_map_reserve(&till->payments, 1) &&
           ledger_map_reserve(&till->events, 1) && ledger_map_reserve(&till->owed, 1) &&
           ledger_dues_reserve(&till->dues[0], DUES_OF_ENTRY, due_holds, till) &&
           ledger_dues_reserve(&till->dues[1], DUES_OF_ENTRY, due_holds, till);
}

static void put_object(struct ledger_map *map, const uint8_t id[TILL_ID_BYTES], void *object)
{
    struct till_place *place = ledger_map_put(map, id);
    place->object = object;
}

struct till_event *till_add_event(struct till *till, const uint8_t id[TILL_ID_BYTES])
{
    struct till_event *event = till->spare_event;
    till->spare_event = NULL;
    memcpy(event->id, id, sizeof event->id);
    put_object(&till->events, id, event);
    return event;
}

struct till_payment *till_add_payment(struct till *till, struct till_event *event,
                                      const uint8_t id[TILL_ID_BYTES])
{
    struct till_payment *payment = till->spare_payment;
    till->spare_payment = NULL;
    memcpy(payment->id, id, sizeof payment->id);
    payment->event = event;
    if (event->last)
        event->last->next = payment;
    else
        event->first = payment;
    event->last = payment;
    event->count++;
    put_object(&till->payments, id, payment);
    return payment;
}

void till_note_over(struct till *till, const uint8_t event[TILL_ID_BYTES])
{
    memcpy(till->over[till->over_count++ % TILL_OVER_MOST], event, TILL_ID_BYTES);
}

void till_remove_event(struct till *till, struct till_event *event)
{
    for (struct till_payment *of = event->first, *next; of; of = next) {
        next = of->next;
        if (till_is_owed(of)) till_count_owed(till, of->account, false);
        ledger_map_remove(&till->payments, ledger_map_find(&till->payments, of->id));
        free(of);
    }
    till_note_over(till, event->id);
    ledger_map_remove(&till->events, ledger_map_find(&till->events, event->id));
    free(event);
}
