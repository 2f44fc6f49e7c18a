#include "lib/audit/audit.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/audit/record.h"
#include "lib/audit/state.h"
#include "lib/base/clock.h"
#include "lib/base/stamp.h"

enum { ARENA = 256 << 10, TRIES = 16 };

static void count_kinds(struct audit *audit)
{
    const ProtobufCEnumDescriptor *kinds = &audit__audit_kind__value__descriptor;
    for (unsigned i = 0; i < kinds->n_values; i++) {
        const ProtobufCEnumValue *kind = &kinds->values[i];
        char label[64];
        assert(kind->value < AUDIT_KINDS);
        if (!kind->value) continue;
        snprintf(label, sizeof label, "kind=\"%s\"", kind->name);
        audit->counts[kind->value] = metrics_counter(audit->options.metrics, "conse_audit_entries_total",
                                                     "Entries that this process has added.", label);
    }
}

bool audit_open(struct audit **out, const struct audit_options *options, struct err *err)
{
    struct audit *audit = *out = calloc(1, sizeof *audit);
    if (!audit) return err_fail(err, INTERNAL_ERROR, "out of memory");
    audit->options = *options;
    snprintf(audit->stream, sizeof audit->stream, "%s.audit", options->service);
    pthread_mutex_init(&audit->adding, NULL);
    count_kinds(audit);
    audit->check.gauge = metrics_gauge(audit->options.metrics, "conse_audit_broken",
                                       "1: an entry of the audit does not follow from those before.", "");
    return true;
}

void audit_close(struct audit *audit)
{
    if (!audit) return;
    pthread_mutex_destroy(&audit->adding);
    free(audit);
}

const char *audit_stream(const struct audit *audit) { return audit->stream; }

// ---- Entries

static Audit__AuditWay__Value way_of(const struct audit *audit, const struct rpc_call *call)
{
    if (call->asker == CONSE__ASKER__VALUE__OPERATOR)
        return audit->options.files ? AUDIT__AUDIT_WAY__VALUE__FILES : AUDIT__AUDIT_WAY__VALUE__OPERATOR;
    if (!call->caller->user_id[0]) return AUDIT__AUDIT_WAY__VALUE__SERVICE;
    return call->caller->key ? AUDIT__AUDIT_WAY__VALUE__API_KEY : AUDIT__AUDIT_WAY__VALUE__SESSION;
}

// Of a traceparent: version, trace, parent, flags.
static const char *trace_of(const struct rpc_call *call)
{
    const char *text = call->traceparent;
    bool whole = text && strlen(text) >= 55 && text[2] == '-' && text[35] == '-';
    return whole ? arena_strn(call->arena, text + 3, 32) : "";
}

static Audit__Actor *actor_of(const struct audit *audit, const struct rpc_call *call)
{
    Audit__Actor *actor = arena_new(call->arena, Audit__Actor);
    if (!actor) return NULL;
    audit__actor__init(actor);
    actor->user_id = call->caller->user_id;
    actor->session_id = call->caller->session_id;
    actor->way = way_of(audit, call);
    return actor;
}

Audit__Entry *audit_act(const struct audit *audit, const struct rpc_call *call, Audit__AuditKind__Value kind,
                        const char *target)
{
    Audit__Entry *entry = arena_new(call->arena, Audit__Entry);
    if (!entry) return NULL;
    audit__entry__init(entry);
    entry->id = arena_str(call->arena, uuid_new(call->now_ms).text);
    entry->time = stamp_new(call->arena, call->now_ms);
    entry->kind = kind;
    entry->service = audit->options.service;
    entry->actor = actor_of(audit, call);
    entry->target = target;
    entry->trace_id = trace_of(call);
    return call->arena->failed ? NULL : entry;
}

Audit__Entry *audit_act_on_keys(const struct audit *audit, const struct rpc_call *call,
                                Audit__AuditKind__Value kind, bool at_once)
{
    Audit__Entry *entry = audit_act(audit, call, kind, "");
    Audit__KeyRotated *detail = arena_new(call->arena, Audit__KeyRotated);
    if (!entry || !detail) return NULL;
    audit__key_rotated__init(detail);
    detail->at_once = at_once;
    if (kind != AUDIT__AUDIT_KIND__VALUE__KEY_ROTATED) return entry;
    entry->detail_case = AUDIT__ENTRY__DETAIL_KEY_ROTATED;
    entry->key_rotated = detail;
    return entry;
}

// ---- Adding

static bool read_end(const struct audit *audit, struct hash_chain *chain, struct arena *arena,
                     struct err *err)
{
    struct store_entries page;
    Audit__Record *record;
    Audit__Entry *entry;
    *chain = (struct hash_chain){0};
    if (!store_head(audit->options.store, audit->stream, &chain->seq, err)) return false;
    if (!chain->seq) return true;
    if (!store_read(audit->options.store, audit->stream, chain->seq, 1, arena, &page, err)) return false;
    if (page.count == 0 || page.first_seq != chain->seq)
        return err_fail(err, STORE_CORRUPT, "the newest entry of %s is gone", audit->stream);
    if (!audit_record_read(page.entries[0], chain->seq, arena, &record, &entry, err)) return false;
    memcpy(chain->head, record->hash.data, HASH_CHAIN_HASH);
    return true;
}

// Whether the append took effect: with a source that was there it is durable too, and adds nothing.
static bool is_there(const struct audit *audit, uint64_t seq, ProtobufCBinaryData bytes, struct arena *arena)
{
    struct store_entries page;
    struct err err;
    return store_read(audit->options.store, audit->stream, seq, 1, arena, &page, &err) && page.count &&
           page.first_seq == seq && page.entries[0].len == bytes.len &&
           memcmp(page.entries[0].data, bytes.data, bytes.len) == 0;
}

static bool append_once(const struct audit *audit, ProtobufCBinaryData entry,
                        const struct store_source *source, bool *added, struct arena *arena, struct err *err)
{
    struct hash_chain chain;
    const struct store_write write = {.source = *source};
    if (!read_end(audit, &chain, arena, err)) return false;
    const ProtobufCBinaryData bytes = audit_record_make(&chain, entry, arena);
    if (!bytes.data) return err_fail(err, INTERNAL_ERROR, "out of memory");
    uint64_t ticket = store_append(audit->options.store, audit->stream, chain.seq, &bytes, 1, &write);
    if (!store_wait(audit->options.store, ticket, err)) return false;
    *added = is_there(audit, chain.seq, bytes, arena);
    return true;
}

// Another process of a shared store was quicker: what it added is to be read.
static bool may_try_again(const struct audit *audit, int *tries, struct err *err)
{
    int64_t at_ms;
    return err_is(err, CONFLICT) && ++*tries < TRIES &&
           store_barrier(audit->options.store, clock_mono_ms(), &at_ms, err);
}

bool audit_add_packed(struct audit *audit, ProtobufCBinaryData entry, Audit__AuditKind__Value kind,
                      const struct store_source *source, struct err *err)
{
    struct arena arena;
    bool added = false, ok;
    arena_init(&arena, ARENA);
    pthread_mutex_lock(&audit->adding);
    for (int tries = 0; !(ok = append_once(audit, entry, source, &added, &arena, err)); arena_reset(&arena))
        if (!may_try_again(audit, &tries, err)) break;
    pthread_mutex_unlock(&audit->adding);
    arena_finish(&arena);
    if (added && (int)kind < AUDIT_KINDS && audit->counts[kind]) metric_add(audit->counts[kind], 1);
    return ok;
}

bool audit_attach(const Audit__Entry *entry, struct arena *arena, ProtobufCBinaryData *attached,
                  struct err *err)
{
    ProtobufCBinaryData packed = {audit__entry__get_packed_size(entry), NULL};
    if (packed.len > STORE_MOST_ATTACHED)
        return err_fail(err, INTERNAL_ERROR, "an entry of the audit has %zu bytes", packed.len);
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return err_fail(err, INTERNAL_ERROR, "out of memory");
    audit__entry__pack(entry, packed.data);
    *attached = packed;
    return true;
}

bool audit_take(struct audit *audit, const char *stream, uint64_t seq, struct arena *arena, bool *found,
                struct err *err)
{
    ProtobufCBinaryData attached;
    const struct store_source source = {stream, seq, 0};
    *found = false;
    if (!store_attached(audit->options.store, stream, seq, arena, &attached, err)) return false;
    if (!attached.len) return true;
    const Audit__Entry *entry = audit__entry__unpack(&arena->allocator, attached.len, attached.data);
    if (!entry || !entry->kind)
        return err_fail(err, STORE_CORRUPT, "what is attached to entry %" PRIu64 " of %s is no act", seq,
                        stream);
    *found = true;
    return audit_add_packed(audit, attached, entry->kind, &source, err);
}

bool audit_add(struct audit *audit, const Audit__Entry *entry, const struct store_source *source,
               struct err *err)
{
    struct arena arena;
    ProtobufCBinaryData packed;
    arena_init(&arena, ARENA);
    bool ok = audit_attach(entry, &arena, &packed, err) &&
              audit_add_packed(audit, packed, entry->kind, source, err);
    arena_finish(&arena);
    return ok;
}
