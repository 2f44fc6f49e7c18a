// What operators did, for operators: of auth, and of services that tell auth.
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/bus/consumer.h"
#include "services/auth/handlers/handlers.h"

HANDLER(list_audit, Audit__ListRequest, Audit__ListReply)
{
    const struct auth *auth = call->service;
    return audit_list(auth->audit, request, call->arena, reply, err);
}

static const char *teller_of(const struct rpc_call *call)
{
    return call->asker == CONSE__ASKER__VALUE__EVENTS ? "events" : "chain";
}

static bool read_place(struct auth *auth, const char *stream, struct arena *arena, Bus__Consumed **place,
                       uint64_t *version, struct err *err)
{
    if (!store_get(auth->store, &auth_tables[AUTH_AUDITED], stream, arena, (ProtobufCMessage **)place,
                   version, err))
        return false;
    if (*place) return true;
    *place = arena_new(arena, Bus__Consumed);
    if (!*place) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bus__consumed__init(*place);
    (*place)->stream = stream;
    *version = 0;
    return true;
}

static bool take_entry(struct rpc_call *call, const char *service, ProtobufCBinaryData bytes,
                       const struct store_source *source, struct err *err)
{
    const struct auth *auth = call->service;
    const Audit__Entry *entry = audit__entry__unpack(&call->arena->allocator, bytes.len, bytes.data);
    if (!entry || !entry->kind || strcmp(entry->service, service) != 0)
        return err_field(err, INVALID_FIELD, "entries", "are no entries of the audit of %s", service);
    return audit_add_packed(auth->audit, bytes, entry->kind, source, err);
}

// A store that was brought back may come to another entry under the same number.
static uint64_t print_of(ProtobufCBinaryData bytes)
{
    uint64_t print;
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, bytes.data, bytes.len, NULL, 0);
    memcpy(&print, hash, sizeof print);
    return print;
}

static bool take_entries(struct rpc_call *call, const Auth__TellAuditRequest *request, Bus__Consumed *place,
                         uint64_t version, struct err *err)
{
    const char *service = teller_of(call);
    for (size_t i = 0; i < request->n_entries; i++) {
        const struct store_source source = {place->stream, request->from + i, print_of(request->entries[i])};
        if (!take_entry(call, service, request->entries[i], &source, err)) return false;
    }
    place->seq = request->from + request->n_entries - 1;
    return auth_save(call->service, AUTH_AUDITED, &place->base, version, err);
}

// The place is stored behind what was taken: what is told again is not added again. Of two processes that
// tell the same at once one has the place.
HANDLER(tell_audit, Auth__TellAuditRequest, Auth__TellAuditReply)
{
    char stream[AUDIT_STREAM_BYTES];
    Bus__Consumed *place;
    uint64_t version;
    snprintf(stream, sizeof stream, "%s.audit", teller_of(call));
    if (!read_place(call->service, stream, call->arena, &place, &version, err)) return false;
    if (place->generation != request->generation) place->seq = 0;
    place->generation = request->generation;
    bool next = request->n_entries && request->from == place->seq + 1;
    if (next && !take_entries(call, request, place, version, err) && !err_is(err, CONFLICT)) return false;
    reply->next = place->seq + 1;
    return true;
}

const struct rpc_method audit_methods[] = {
    RPC_METHOD("auth.ListAudit", list_audit),
    RPC_METHOD("auth.TellAudit", tell_audit),
    {0},
};
