// consectl log: an event's entries, and whether their hash chain holds.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "events.pb-c.h"
#include "lib/stamp.h"
#include "services/events/chain.h"
#include "tools/consectl/consectl.h"

enum { PAGE = 500 };

static void print_entry(const struct ctl *ctl, const Events__LogEntry *entry)
{
    if (ctl->json) {
        ctl_print_json(&entry->base);
        return;
    }
    char time[32];
    time_t seconds = (time_t)(stamp_ms(entry->time) / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", &utc);
    printf("%6" PRIu64 "  %s  %-20s %zu bytes\n", entry->seq, time,
           entry->leaf.len ? "(secret)" : entry->kind, entry->payload.len);
}

static bool follow(struct chain *chain, const Events__LogEntry *entry, struct err *err)
{
    uint8_t leaf[CHAIN_HASH];
    if (entry->seq != chain->seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " follows entry %" PRIu64, entry->seq,
                        chain->seq);
    if (entry->leaf.len == CHAIN_HASH)
        memcpy(leaf, entry->leaf.data, CHAIN_HASH);
    else if (entry->salt.len == CHAIN_SALT)
        chain_leaf(leaf, entry->salt.data, entry->payload.data, entry->payload.len);
    else
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " has neither salt nor leaf", entry->seq);
    chain_advance(chain, leaf);
    return true;
}

// A checkpoint's hash must turn up in the chain; `seen` marks those that did.
static void mark_checkpoints(const struct chain *chain, const Events__LogReply *reply, bool *seen)
{
    for (size_t i = 0; i < reply->n_checkpoints; i++)
        if (reply->checkpoints[i]->hash.len == CHAIN_HASH &&
            memcmp(reply->checkpoints[i]->hash.data, chain->head, CHAIN_HASH) == 0)
            seen[i] = true;
}

static bool check_end(const struct chain *chain, const Events__LogReply *reply, const bool *seen,
                      struct err *err)
{
    for (size_t i = 0; i < reply->n_checkpoints; i++)
        if (!seen[i])
            return err_fail(err, STORE_CORRUPT, "the checkpoint of phase %d is not in the chain",
                            reply->checkpoints[i]->phase_number);
    if (reply->head.len == CHAIN_HASH && memcmp(reply->head.data, chain->head, CHAIN_HASH) != 0)
        return err_fail(err, STORE_CORRUPT, "the chain does not end in the published head");
    return true;
}

static bool read_page(struct ctl *ctl, const char *event_id, uint64_t from, const Events__LogReply **reply,
                      struct err *err)
{
    Events__LogRequest request = EVENTS__LOG_REQUEST__INIT;
    ProtobufCMessage *message;
    request.event_id = event_id;
    request.from = from;
    request.limit = PAGE;
    if (!ctl_ask(ctl, "events.ReadLog", &request.base, &message, err)) return false;
    *reply = (const Events__LogReply *)message;
    return true;
}

// Follows the chain from page to page. `first` holds the checkpoints as they were when the walk began.
static bool walk(struct ctl *ctl, const char *event_id, const Events__LogReply *first, bool *seen,
                 struct chain *chain, struct err *err)
{
    const Events__LogReply *reply = first;
    while (reply->n_entries) {
        for (size_t i = 0; i < reply->n_entries; i++) {
            if (!follow(chain, reply->entries[i], err)) return false;
            mark_checkpoints(chain, first, seen);
            print_entry(ctl, reply->entries[i]);
        }
        if (!read_page(ctl, event_id, reply->next, &reply, err)) return false;
    }
    return check_end(chain, first, seen, err);
}

static int log_event(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    enum { MAX_CHECKPOINTS = 4096 };
    static bool seen[MAX_CHECKPOINTS];
    const Events__LogReply *reply = NULL;
    struct chain chain = {0};
    struct err err;
    if (!read_page(ctl, argv[0], 1, &reply, &err)) return ctl_fail(ctl, &err);
    if (reply->n_checkpoints > MAX_CHECKPOINTS) return STATUS_FAILED;
    if (!walk(ctl, argv[0], reply, seen, &chain, &err)) return ctl_fail(ctl, &err);
    if (!ctl->json) printf("%" PRIu64 " entries, the hash chain holds\n", chain.seq);
    return STATUS_OK;
}

const struct command log_commands[] = {
    {.name = "log",
     .usage = "EVENT",
     .help = "prints an event's entries, checks their hash chain",
     .more = "One line per entry: number, time, kind and size; sealed ones show as (secret). Exit status 1 "
             "when an entry does\n"
             "not follow from those before, a phase's checkpoint is missing, or the end is not the published "
             "one.",
     .least = 1,
     .most = 1,
     .run = log_event},
    {0},
};
