// The till as bytes, for the ledger's snapshots.
#include <string.h>

#include "services/chain/till/parts.h"

enum {
    HEAD_BYTES = 8 + 8 + 8 + 8,
    TERMS_BYTES = 4 * 8 + 1 + 2 + 2,
    CLUSTER_BYTES = 8 + 8 + 1 + 2 * PAYMENT_KEY_BYTES,
    EVENT_BYTES = TILL_ID_BYTES + 1 + 1 + 1 + TERMS_BYTES + CLUSTER_BYTES + 4 + 8 + 8 + 1 + 1 + 4,
    PAYMENT_MOST = 4096
};

static void store_payment(struct stored_payment *stored, const struct till_payment *payment)
{
    stored_payment_write(stored, &payment->payment, payment->account);
    stored->message.winner = payment->winner;
    stored->message.disputes = payment->disputes;
}

// ---- Writing

static size_t payments_size(const struct till_event *event)
{
    struct stored_payment stored;
    size_t size = 0;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        store_payment(&stored, of);
        size += 4 + ledger__payment__get_packed_size(&stored.message);
    }
    return size;
}

size_t till_size(const struct till *till)
{
    size_t size = HEAD_BYTES + till_over_kept(till) * TILL_ID_BYTES;
    for (const struct till_event *event = NULL; (event = till_next_event(till, event));)
        size += EVENT_BYTES + payments_size(event);
    return size;
}

static void write_terms(const struct payment_terms *terms, struct fields_writer *writer)
{
    fields_put_uint(writer, (uint64_t)terms->hold_ms, 8);
    fields_put_uint(writer, (uint64_t)terms->payout_after_ms, 8);
    fields_put_uint(writer, (uint64_t)terms->refund.until_ms, 8);
    fields_put_uint(writer, (uint64_t)terms->refund.fee, 8);
    fields_put_uint(writer, terms->pot.kind, 1);
    fields_put_uint(writer, terms->pot.tax, 2);
    fields_put_uint(writer, terms->pot.god_bp, 2);
}

static void write_cluster(const struct till_cluster *cluster, struct fields_writer *writer)
{
    fields_put_uint(writer, (uint64_t)cluster->price, 8);
    fields_put_uint(writer, (uint64_t)cluster->escape_at_s, 8);
    fields_put_uint(writer, cluster->state, 1);
    fields_put(writer, cluster->authority.bytes, PAYMENT_KEY_BYTES);
    fields_put(writer, cluster->whitelist.bytes, PAYMENT_KEY_BYTES);
}

static void write_event(const struct till_event *event, struct fields_writer *writer)
{
    fields_put(writer, event->id, sizeof event->id);
    fields_put_uint(writer, event->stage, 1);
    fields_put_uint(writer, event->priced, 1);
    fields_put_uint(writer, event->currency, 1);
    write_terms(&event->terms, writer);
    write_cluster(&event->cluster, writer);
    fields_put_uint(writer, event->god, 4);
    fields_put_uint(writer, (uint64_t)event->told_ms, 8);
    fields_put_uint(writer, (uint64_t)event->payout_ms, 8);
    fields_put_uint(writer, event->disputed, 1);
    fields_put_uint(writer, event->paid_out, 1);
    fields_put_uint(writer, event->count, 4);
}

static void write_payments(const struct till_event *event, struct fields_writer *writer)
{
    struct stored_payment stored;
    for (const struct till_payment *of = event->first; of; of = of->next) {
        store_payment(&stored, of);
        fields_put_uint(writer, ledger__payment__get_packed_size(&stored.message), 4);
        writer->at += ledger__payment__pack(&stored.message, writer->at);
    }
}

// The oldest first.
static void write_over(const struct till *till, struct fields_writer *writer)
{
    size_t kept = till_over_kept(till);
    fields_put_uint(writer, kept, 8);
    for (size_t i = till->over_count - kept; i < till->over_count; i++)
        fields_put(writer, till->over[i % TILL_OVER_MOST], TILL_ID_BYTES);
}

void till_write(const struct till *till, struct fields_writer *writer)
{
    fields_put_uint(writer, till->followed_generation, 8);
    fields_put_uint(writer, till->followed_seq, 8);
    write_over(till, writer);
    fields_put_uint(writer, till->events.count, 8);
    for (const struct till_event *event = NULL; (event = till_next_event(till, event));) {
        write_event(event, writer);
        write_payments(event, writer);
    }
}

// ---- Reading

static bool read_payment(struct till *till, struct till_event *event, struct fields_reader *reader)
{
    uint8_t packed[PAYMENT_MOST];
    size_t len = fields_get_uint(reader, 4);
    if (len > sizeof packed || !till_reserve(till)) return false;
    fields_get(reader, packed, len);
    Ledger__Payment *message = reader->failed ? NULL : ledger__payment__unpack(NULL, len, packed);
    struct payment payment;
    bool ok = message && stored_payment_read(message, &payment) &&
              memcmp(message->event.data, event->id, TILL_ID_BYTES) == 0 &&
              !till_find_payment(till, message->id.data);
    if (ok) {
        struct till_payment *added = till_add_payment(till, event, message->id.data);
        added->payment = payment;
        added->account = message->account;
        added->winner = message->winner;
        added->disputes = message->disputes;
        event->unmarked += till_is_unmarked(added);
        till_note_owed(till, added, false);
        till_note_payment(till, added, INT64_MAX);
    }
    if (message) ledger__payment__free_unpacked(message, NULL);
    return ok;
}

static void read_terms(struct payment_terms *terms, struct fields_reader *reader)
{
    terms->hold_ms = (int64_t)fields_get_uint(reader, 8);
    terms->payout_after_ms = (int64_t)fields_get_uint(reader, 8);
    terms->refund.until_ms = (int64_t)fields_get_uint(reader, 8);
    terms->refund.fee = (int64_t)fields_get_uint(reader, 8);
    terms->pot.kind = (enum pot_tax)fields_get_uint(reader, 1);
    terms->pot.tax = (uint16_t)fields_get_uint(reader, 2);
    terms->pot.god_bp = (uint16_t)fields_get_uint(reader, 2);
}

static bool read_cluster(struct till_cluster *cluster, struct fields_reader *reader)
{
    cluster->price = (int64_t)fields_get_uint(reader, 8);
    cluster->escape_at_s = (int64_t)fields_get_uint(reader, 8);
    uint64_t state = fields_get_uint(reader, 1);
    cluster->state = (enum till_cluster_state)state;
    fields_get(reader, cluster->authority.bytes, PAYMENT_KEY_BYTES);
    fields_get(reader, cluster->whitelist.bytes, PAYMENT_KEY_BYTES);
    return state <= TILL_CLOSED;
}

static bool read_event(struct till *till, struct fields_reader *reader)
{
    uint8_t id[TILL_ID_BYTES];
    fields_get(reader, id, sizeof id);
    if (reader->failed || !till_reserve(till) || till_find_event(till, id)) return false;
    struct till_event *event = till_add_event(till, id);
    uint64_t stage = fields_get_uint(reader, 1);
    event->stage = (enum payment_stage)stage;
    event->priced = fields_get_uint(reader, 1);
    event->currency = fields_get_uint(reader, 1) ? PAYMENT_LAMPORTS : PAYMENT_CONSE;
    read_terms(&event->terms, reader);
    bool known = read_cluster(&event->cluster, reader);
    event->god = (uint32_t)fields_get_uint(reader, 4);
    event->told_ms = (int64_t)fields_get_uint(reader, 8);
    event->payout_ms = (int64_t)fields_get_uint(reader, 8);
    event->disputed = fields_get_uint(reader, 1);
    event->paid_out = fields_get_uint(reader, 1);
    uint64_t count = fields_get_uint(reader, 4);
    for (uint64_t i = 0; i < count; i++)
        if (!read_payment(till, event, reader)) return false;
    if (!till_reserve(till)) return false;
    till_note_event(till, event, INT64_MAX);
    return !reader->failed && known && stage <= PAYMENT_CALLED_OFF;
}

static bool read_over(struct till *till, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / TILL_ID_BYTES) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t id[TILL_ID_BYTES];
        fields_get(reader, id, sizeof id);
        till_note_over(till, id);
    }
    return true;
}

bool till_read(struct till *till, struct fields_reader *reader)
{
    till->followed_generation = fields_get_uint(reader, 8);
    till->followed_seq = fields_get_uint(reader, 8);
    if (!read_over(till, reader)) return false;
    uint64_t count = fields_get_uint(reader, 8);
    for (uint64_t i = 0; i < count; i++)
        if (!read_event(till, reader)) return false;
    return !reader->failed;
}
