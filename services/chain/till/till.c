#include "services/chain/till/till.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/till/parts.h"

static const uint64_t PLACES_MAX = UINT64_C(1) << 28;

void till_init(struct till *till, const uint8_t seed[16])
{
    memset(till, 0, sizeof *till);
    till->due_ms = INT64_MAX;
    ledger_map_init(&till->payments, sizeof(struct till_place), TILL_ID_BYTES, PLACES_MAX, seed);
    ledger_map_init(&till->events, sizeof(struct till_place), TILL_ID_BYTES, PLACES_MAX, seed);
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
    free(till->spare_payment);
    free(till->spare_event);
    memset(till, 0, sizeof *till);
    till->due_ms = INT64_MAX;
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

int64_t till_pot(const struct till_event *event)
{
    int64_t pot = 0;
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (!of->payment.standing.paid_out) pot += of->payment.standing.kept;
    return pot;
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
    bool waits = event->payout_ms && !event->disputed && !event->paid_out && !till_is_on_cluster(event);
    return waits && event->stage == PAYMENT_DONE ? event->payout_ms : INT64_MAX;
}

void till_look(struct till *till)
{
    till->due_ms = INT64_MAX;
    for (const struct till_event *event = NULL; (event = till_next_event(till, event));) {
        till_note_due(till, till_event_due(event));
        for (const struct till_payment *of = event->first; of; of = of->next)
            till_note_due(till, till_payment_due(of));
    }
}

// ---- Adding and removing

void till_note_due(struct till *till, int64_t due_ms)
{
    if (due_ms < till->due_ms) till->due_ms = due_ms;
}

// Every entry adds one of each at most.
bool till_reserve(struct till *till)
{
    if (!till->spare_payment) till->spare_payment = calloc(1, sizeof *till->spare_payment);
    if (!till->spare_event) till->spare_event = calloc(1, sizeof *till->spare_event);
    return till->spare_payment && till->spare_event && ledger_map_reserve(&till->payments, 1) &&
           ledger_map_reserve(&till->events, 1);
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
        ledger_map_remove(&till->payments, ledger_map_find(&till->payments, of->id));
        free(of);
    }
    till_note_over(till, event->id);
    ledger_map_remove(&till->events, ledger_map_find(&till->events, event->id));
    free(event);
}
