// One operation of a GraphQL document, from its text to its answer. It asks its host, which knows services
// and callers; questions of one moment go out together, and equal ones once. A mutation's fields run one
// after another. One thread; all memory is in the arena, and a run is finished before that is reset.
#ifndef GATEWAY_GRAPHQL_RUN_RUN_H
#define GATEWAY_GRAPHQL_RUN_RUN_H

#include <jansson.h>

#include "lib/base/buf.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/graphql/text/faults.h"
#include "services/gateway/graphql/text/limits.h"
#include "services/gateway/graphql/types/types.h"

struct gql_run;
struct question;

// Borrowed until it is answered, or cancelled.
struct gql_ask {
    const struct route *route;
    ProtobufCBinaryData payload;
    const char *key;    // idempotencyKey, or NULL
    const char *stream; // what chooses the peer, or NULL
};

struct gql_host {
    void *arg;
    // Whether the caller may ask this now. It is asked once for each question.
    bool (*may)(void *arg, const struct route *route, struct err *err);
    // gql_run_answer follows, perhaps from within; 0 is no id.
    uint64_t (*ask)(void *arg, const struct gql_ask *ask, struct question *question);
    void (*cancel)(void *arg, uint64_t id);
    void (*took)(void *arg); // memory, for a reply
    void (*done)(void *arg); // all is there; called from within gql_run_answer
};

struct gql_request { // borrowed for as long as the run
    const char *text;
    size_t len;
    const char *operation;   // its name; NULL: the only one
    const json_t *variables; // an object; NULL: none
    const struct gql_limits *limits;
    bool reads;   // a mutation is refused
    bool follows; // a subscription is not
};

// What can be wrong before anything is asked. cost 0: not known.
struct gql_refusal {
    struct gql_faults faults;
    uint32_t cost;
};

// NULL with at least one fault, whose messages are in the arena.
struct gql_run *gql_run_create(const struct gql_schema *schema, const struct gql_request *request,
                               const struct gql_host *host, struct arena *arena, struct gql_refusal *refusal);
// Cancels what is still asked. NULL is fine; twice is not.
void gql_run_finish(struct gql_run *run);

// True: nothing needs to be asked, and `done` is not called.
bool gql_run_start(struct gql_run *run);
// err NULL: the payload is a reply of the route's method, borrowed for the call.
void gql_run_answer(struct question *question, const struct err *err, const uint8_t *payload, size_t len);

void *gql_question_host(const struct question *question); // the host's arg

bool gql_run_writes(const struct gql_run *run);  // it is a mutation
size_t gql_run_asked(const struct gql_run *run); // how many questions went out
// The whole answer, as JSON; a full buffer says so itself. What it cost is told once, so not by a
// subscription.
void gql_run_write(struct gql_run *run, const char *trace_id, struct buf *out);
// The same of what was refused.
void gql_refusal_write(const struct gql_refusal *refusal, const char *text, size_t len, const char *trace_id,
                       struct buf *out);
// An answer with one error alone.
void gql_error_write(const struct err *err, const char *trace_id, struct buf *out);
// The same errors as a list.
void gql_refusal_list(const struct gql_refusal *refusal, const char *text, size_t len, const char *trace_id,
                      struct buf *out);
void gql_error_list(const struct err *err, const char *trace_id, struct buf *out);

// ---- Subscriptions

// What a stream tells. All is borrowed.
struct gql_tell {
    enum gql_member what;
    const char *cursor;                           // SNAPSHOT, LIVE
    const ProtobufCMessage *state, *mine, *entry; // SNAPSHOT; mine NULL: none; ENTRY, TYPING
    int64_t time_ms;                              // LIVE: unix
    const char *reason;                           // RESET: "RIGHTS"
};

struct gql_followed {
    const char *topic; // "event:<id>"
    const char *about; // the argument with the id; NULL: none
    const char *after; // "": from what is seen now
};

bool gql_run_follows(const struct gql_run *run); // it is a subscription
// What it follows, in the arena. False: its arguments are refused.
MUST_CHECK bool gql_run_followed(struct gql_run *run, struct gql_followed *followed, struct err *err);
// The operation's name, and the variables on which it depends what is told: all but those that say what is
// followed.
void gql_run_shape(const struct gql_run *run, struct buf *out);
// Whether something has to be asked for what it selects of this.
bool gql_run_asks(const struct gql_run *run, enum gql_member what);
// Whether it selects more of this than the name of its type: one that knows nothing of it does not.
bool gql_run_wants(const struct gql_run *run, enum gql_member what);
// Writes an answer without questions, any number of times. The memory of one is in `scratch`.
void gql_run_tell(struct gql_run *run, const struct gql_tell *tell, struct arena *scratch,
                  const char *trace_id, struct buf *out);
// With questions, once: then as after gql_run_start. The telling is borrowed until the run is finished.
bool gql_run_start_telling(struct gql_run *run, const struct gql_tell *tell);

#endif
