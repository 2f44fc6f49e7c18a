// consectl log: an event's entries, and whether their hash chain holds.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "events.pb-c.h"
#include "lib/base/hash_chain.h"
#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "tools/consectl/checkpoint_check.h"
#include "tools/consectl/checks.h"
#include "tools/consectl/consectl.h"

enum { PAGE = 500, TRIES = 200, PAUSE_US = 10000 };

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

static bool log_follow(struct hash_chain *chain, const Events__LogEntry *entry, struct err *err)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    if (entry->seq != chain->seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " follows entry %" PRIu64, entry->seq,
                        chain->seq);
    if (entry->leaf.len == HASH_CHAIN_HASH)
        memcpy(leaf, entry->leaf.data, HASH_CHAIN_HASH);
    else if (entry->salt.len == HASH_CHAIN_SALT)
        hash_chain_leaf(leaf, entry->salt.data, entry->payload.data, entry->payload.len);
    else
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " has neither salt nor leaf", entry->seq);
    hash_chain_advance(chain, leaf);
    return true;
}

// The hashes that the chain must contain, checkpoints as published when the walk began, each with whether it
// was found.
struct milestones {
    struct milestone {
        int32_t phase;
        bool seen;
        uint8_t hash[HASH_CHAIN_HASH];
    } * checkpoints;
    size_t count;
    bool quiet; // entries are not printed
    bool ended; // the game is over: head is the chain's end
    uint8_t head[HASH_CHAIN_HASH];
};

static bool note_milestones(struct milestones *milestones, const Events__LogReply *reply, struct err *err)
{
    milestones->checkpoints = calloc(reply->n_checkpoints + 1, sizeof(struct milestone));
    if (!milestones->checkpoints) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (; milestones->count < reply->n_checkpoints; milestones->count++) {
        const Events__Checkpoint *checkpoint = reply->checkpoints[milestones->count];
        struct milestone *milestone = &milestones->checkpoints[milestones->count];
        milestone->phase = checkpoint->phase_number;
        if (checkpoint->hash.len == HASH_CHAIN_HASH)
            memcpy(milestone->hash, checkpoint->hash.data, HASH_CHAIN_HASH);
    }
    return true;
}

// Entries that are on their way to the disk are in the head, and in no page yet.
static bool log_lags(const struct hash_chain *chain, const Events__LogReply *reply)
{
    return !reply->n_entries && reply->head.len == HASH_CHAIN_HASH &&
           memcmp(reply->head.data, chain->head, HASH_CHAIN_HASH) != 0;
}

// As the page behind the last entry has it: what is paid out is told behind the end, perhaps meanwhile.
static void note_head(struct milestones *milestones, const Events__LogReply *reply)
{
    milestones->ended = reply->head.len == HASH_CHAIN_HASH;
    if (milestones->ended) memcpy(milestones->head, reply->head.data, HASH_CHAIN_HASH);
}

static void log_pass(struct milestones *milestones, const struct hash_chain *chain)
{
    for (size_t i = 0; i < milestones->count; i++)
        if (memcmp(milestones->checkpoints[i].hash, chain->head, HASH_CHAIN_HASH) == 0)
            milestones->checkpoints[i].seen = true;
}

static bool check_end(const struct hash_chain *chain, const struct milestones *milestones, struct err *err)
{
    for (size_t i = 0; i < milestones->count; i++)
        if (!milestones->checkpoints[i].seen)
            return err_fail(err, STORE_CORRUPT, "the checkpoint of phase %d is not in the chain",
                            milestones->checkpoints[i].phase);
    if (milestones->ended && memcmp(milestones->head, chain->head, HASH_CHAIN_HASH) != 0)
        return err_fail(err, STORE_CORRUPT, "the chain does not end in the published head");
    return true;
}

// The page before is gone by then.
static bool read_page(struct ctl *ctl, const char *event_id, uint64_t from, const Events__LogReply **reply,
                      struct err *err)
{
    Events__LogRequest request = EVENTS__LOG_REQUEST__INIT;
    ProtobufCMessage *message;
    request.event_id = event_id;
    request.from = from;
    request.limit = PAGE;
    arena_reset(&ctl->arena);
    if (!ctl_ask(ctl, "events.ReadLog", &request.base, &message, err)) return false;
    *reply = (const Events__LogReply *)message;
    return true;
}

// Follows the chain from page to page. identity is NULL when signatures are not checked.
static bool log_walk(struct ctl *ctl, const char *event_id, const uint8_t *identity,
                     struct milestones *milestones, struct hash_chain *chain, struct err *err)
{
    const Events__LogReply *reply;
    if (!read_page(ctl, event_id, 1, &reply, err) || !note_milestones(milestones, reply, err)) return false;
    if (identity && !checkpoints_check(event_id, reply, identity, err)) return false;
    for (int tries = 0; reply->n_entries || (log_lags(chain, reply) && tries < TRIES);) {
        if (!reply->n_entries && ++tries) usleep(PAUSE_US);
        for (size_t i = 0; i < reply->n_entries; i++) {
            if (!log_follow(chain, reply->entries[i], err)) return false;
            log_pass(milestones, chain);
            if (!milestones->quiet) print_entry(ctl, reply->entries[i]);
        }
        if (!read_page(ctl, event_id, reply->next, &reply, err)) return false;
    }
    note_head(milestones, reply);
    return check_end(chain, milestones, err);
}

bool log_check(struct ctl *ctl, const char *event_id, uint64_t *entries, struct err *err)
{
    struct milestones milestones = {.quiet = true};
    struct hash_chain chain = {0};
    bool ok = log_walk(ctl, event_id, NULL, &milestones, &chain, err);
    free(milestones.checkpoints);
    *entries = chain.seq;
    return ok;
}

static int log_event(struct ctl *ctl, int argc, char **argv)
{
    uint8_t identity[32];
    struct milestones milestones = {0};
    struct hash_chain chain = {0};
    struct err err;
    if (argc > 1 && (strlen(argv[1]) != 64 || !hex_decode(identity, sizeof identity, argv[1])))
        return ctl_usage("log", "KEY has 64 hex digits");
    bool ok = log_walk(ctl, argv[0], argc > 1 ? identity : NULL, &milestones, &chain, &err);
    free(milestones.checkpoints);
    if (!ok) return ctl_fail(ctl, &err);
    if (!ctl->json)
        printf("%" PRIu64 " entries, the hash chain holds%s\n", chain.seq,
               argc > 1 ? ", the checkpoints are signed" : "");
    return STATUS_OK;
}

const struct ctl_command log_commands[] = {
    {.name = "log",
     .usage = "EVENT [KEY]",
     .help = "prints an event's entries, checks their hash chain",
     .more = "One line per entry: number, time, kind and size; sealed ones show as (secret). Exit status 1 "
             "when an entry does\n"
             "not follow from those before, a phase's checkpoint is missing, or the end is not the published "
             "one. With KEY, the server's as consectl verify prints it, every checkpoint must be signed by "
             "it, or "
             "by a key\n"
             "that it has certified.",
     .least = 1,
     .most = 2,
     .run = log_event},
    {0},
};
