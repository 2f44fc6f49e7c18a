#include "lib/audit/tell.h"

#include <stdlib.h>

#include "auth.pb-c.h"
#include "lib/audit/record.h"
#include "lib/audit/state.h"
#include "lib/base/log.h"
#include "lib/rpc/client.h"
#include "lib/thread/periodic.h"

enum { ASK_MS = 5000, EVERY_MS = 1000, PAGE = 50, ARENA = 4 << 20 };

struct audit_tell {
    struct audit_tell_options options;
    struct periodic *thread;
    struct rpc_client *client; // the thread's
    uint64_t next;             // the first entry that auth does not have; 0: it was not asked yet
    bool complained;
};

static bool tell_connect(struct audit_tell *tell, struct err *err)
{
    const struct rpc_client_options options = {.service = "auth",
                                               .self = tell->options.self,
                                               .address = tell->options.auth,
                                               .bus_keys = tell->options.bus_keys};
    return tell->client || rpc_client_create(&tell->client, &options, err);
}

static bool fill_page(const struct audit_tell *tell, Auth__TellAuditRequest *request, struct arena *arena,
                      struct err *err)
{
    const struct audit *audit = tell->options.audit;
    struct store_entries page;
    if (!tell->next) return true;
    if (!store_read(audit->options.store, audit->stream, tell->next, PAGE, arena, &page, err)) return false;
    size_t count = page.count < PAGE ? page.count : PAGE;
    request->entries = arena_array(arena, count + 1, sizeof *request->entries);
    if (!request->entries) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < count; i++) {
        Audit__Record *record;
        Audit__Entry *entry;
        if (!audit_record_read(page.entries[i], page.first_seq + i, arena, &record, &entry, err))
            return false;
        request->entries[request->n_entries++] = record->entry;
    }
    return true;
}

// *more when there may be others.
static bool tell_page(struct audit_tell *tell, struct arena *arena, bool *more, struct err *err)
{
    const struct audit *audit = tell->options.audit;
    Auth__TellAuditRequest request = AUTH__TELL_AUDIT_REQUEST__INIT;
    ProtobufCMessage *reply;
    const bool asked = tell->next > 0;
    request.generation = store_generation(audit->options.store);
    request.from = tell->next;
    if (!fill_page(tell, &request, arena, err)) return false;
    *more = false;
    if (asked && !request.n_entries) return true;
    if (!rpc_client_ask(tell->client, "auth.TellAudit", NULL, &request.base, ASK_MS, arena, &reply, err))
        return false;
    const uint64_t next = ((const Auth__TellAuditReply *)reply)->next;
    *more = next != tell->next;
    tell->next = next;
    return true;
}

static bool tell_all(struct audit_tell *tell, struct err *err)
{
    struct arena arena;
    bool ok, more = false;
    arena_init(&arena, ARENA);
    do {
        ok = tell_page(tell, &arena, &more, err);
        arena_reset(&arena);
    } while (ok && more);
    arena_finish(&arena);
    return ok;
}

static int64_t tell_work(void *arg)
{
    struct audit_tell *tell = arg;
    struct err err;
    audit_check_some(tell->options.audit);
    bool ok = tell_connect(tell, &err) && tell_all(tell, &err);
    if (!ok && !tell->complained) log_err(LOG_INFO, "auth is told of the audit later", &err);
    tell->complained = !ok;
    return EVERY_MS;
}

bool audit_tell_start(struct audit_tell **out, const struct audit_tell_options *options, struct err *err)
{
    struct audit_tell *tell = *out = calloc(1, sizeof *tell);
    if (!tell) return err_fail(err, INTERNAL_ERROR, "out of memory");
    tell->options = *options;
    return periodic_start(&tell->thread, "audit", 0, tell_work, tell, err);
}

void audit_tell_stop(struct audit_tell *tell)
{
    if (!tell) return;
    periodic_stop(tell->thread);
    rpc_client_destroy(tell->client);
    free(tell);
}
