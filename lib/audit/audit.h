// The audit of one service: the stream of what operators did, and others who decide over people, money or the
// rules of games. An entry is stored by the write that it tells of: in the row that changes, which owes it to
// the stream, or it follows from an entry of another stream. So what was done is there, what failed is not,
// and each is there once, whatever ends when. docs/audit.md. Thread-safe.
#ifndef LIB_AUDIT_AUDIT_H
#define LIB_AUDIT_AUDIT_H

#include "audit.pb-c.h"
#include "bus.pb-c.h"
#include "lib/rpc/server.h"
#include "lib/store/store.h"

struct audit;
struct metrics;

enum { AUDIT_STREAM_BYTES = 32 };

struct audit_options {
    const char *service; // "auth": the stream is auth.audit
    struct store *store; // must be open for as long
    // Of the store. Rows of those with a field `owed` and the index AUDIT_OWED may owe entries.
    const struct store_table *tables;
    struct metrics *metrics; // or NULL
    bool files;              // a tool works on the files of a service that does not run
};

// An index of the rows that owe something.
#define AUDIT_OWED                                                                                           \
    {                                                                                                        \
        .name = "by_owed", .unique = true, .fields = { "owed.since", "id" }                                  \
    }

MUST_CHECK bool audit_open(struct audit **audit, const struct audit_options *options, struct err *err);
void audit_close(struct audit *audit);               // NULL is fine
const char *audit_stream(const struct audit *audit); // "auth.audit"

// An entry of what the call does to the target; its detail is the caller's to set. It lives in the call's
// arena; NULL when that is full.
Audit__Entry *audit_act(const struct audit *audit, const struct rpc_call *call, Audit__AuditKind__Value kind,
                        const char *target);

// The same of a key's rotation, or of keys that are sealed anew: without a target.
Audit__Entry *audit_act_on_keys(const struct audit *audit, const struct rpc_call *call,
                                Audit__AuditKind__Value kind, bool at_once);

// ---- Of rows

// Has the row owe an entry from its next write on, in the arena.
MUST_CHECK bool audit_owe(Audit__Owed **owed, const Audit__Entry *entry, struct arena *arena,
                          struct err *err);
// Takes what the row owes into the stream. Called when its write is durable; what fails is done by
// audit_collect. Blocks.
void audit_settle(struct audit *audit, const struct store_table *table, const char *id);
// The same of all rows: at the start, and now and then, because any process may end in between. Blocks.
MUST_CHECK bool audit_collect(struct audit *audit, struct err *err);
// The same, after a write of rows that is durable; what fails is logged, and done the next time.
void audit_collect_now(struct audit *audit);
// The same when some failed since; otherwise it does nothing.
MUST_CHECK bool audit_pay(struct audit *audit, struct err *err);

// Checks a part of the chain, every ten seconds at most, from the first entry to the newest and then again
// from the first: conse_audit_broken is 1 from where an entry does not follow until the whole chain holds. By
// one thread, often. Blocks.
void audit_check_some(struct audit *audit);

// ---- Of other streams

// Adds an entry that follows from an entry of another stream, once. Blocks.
MUST_CHECK bool audit_add(struct audit *audit, const Audit__Entry *entry, const struct store_source *source,
                          struct err *err);
// The same of a packed entry.
MUST_CHECK bool audit_add_packed(struct audit *audit, ProtobufCBinaryData entry, Audit__AuditKind__Value kind,
                                 const struct store_source *source, struct err *err);
// Packs an entry, to be attached to the append of what it tells (store_write.attached).
MUST_CHECK bool audit_attach(const Audit__Entry *entry, struct arena *arena, ProtobufCBinaryData *attached,
                             struct err *err);
// Adds the entry that is attached to the append which begins with seq, once; *found is false when there is
// none. Blocks.
MUST_CHECK bool audit_take(struct audit *audit, const char *stream, uint64_t seq, struct arena *arena,
                           bool *found, struct err *err);

// ---- What it says

// The notice of an entry, for a service's Feed.
MUST_CHECK bool audit_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                             struct err *err);

// A page, newest first. BAD_PAGE_TOKEN.
MUST_CHECK bool audit_list(const struct audit *audit, const Audit__ListRequest *request, struct arena *arena,
                           Audit__ListReply *reply, struct err *err);

#endif
