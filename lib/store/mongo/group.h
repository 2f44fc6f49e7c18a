// The writes of one commit on their way. A group is done in waves: all that rests on nothing undecided goes
// out together, is judged, and then what rested on it. Private to the files that write.
#ifndef LIB_STORE_MONGO_GROUP_H
#define LIB_STORE_MONGO_GROUP_H

#include "lib/store/mongo/mongo.h"

enum mongo_op_kind {
    MONGO_OP_ENTRIES, // one document, of one append or several that follow one another
    MONGO_OP_END,     // a tombstone
    MONGO_OP_CLEAR,   // what a tombstone leaves to remove
    MONGO_OP_ROW,     // a new row
    MONGO_OP_CHANGE,  // a put or delete of a row that must have a version
    MONGO_OP_MADE,    // a put or delete of a row that may have none later
    MONGO_OP_SNAPSHOT,
    MONGO_OP_TRIM,
    MONGO_OP_REDACT,
    MONGO_OP_EXPIRE,
};

// What is sent at once, and again in the same form until it is answered.
struct mongo_op {
    struct mongo_op *next;
    enum mongo_op_kind kind;
    struct mongo_work *first, **last; // whose fate it is, in the order of tickets
    const struct store_job *job;      // the first one's
    char collection[64];
    bson_t *document; // to insert, or the change's command; NULL until it is sent
    uint64_t seq;     // of a stream's document; the version that a change expects
    uint64_t count;   // entries
    size_t bytes;
    bool begins;  // the stream's first entry is not 1
    bool revives; // the row was deleted
    bool matched; // a change found its row
    bool stale;   // the stream's end was known too long ago when the answer came
    bool unsure;  // it was sent without an answer, so it may have been carried out
    unsigned tries;
    enum mongo_answer answer;
    struct mongo_fault fault;
};

struct mongo_work {
    struct store_job *job;
    struct mongo_op *op;
    struct mongo_work *next_of_op;
    bool decided;
};

struct mongo_group {
    struct mongo_store *store;
    struct store_failures *failures;
    struct mongo_work *works;
    size_t count, undecided;
    int64_t started_ms; // by mongo_boot_ms
    struct mongo_op *ops, **last_op;
    bool waits; // an operation has to be sent again
};

// heads.c: how far streams reach, learnt from whole documents alone. What was learnt more than an hour ago is
// not used: the stubs that keep a hole from being filled stay for a day.
struct mongo_head {
    struct mongo_head *next;
    uint64_t seq;
    bool ended;
    int64_t learnt_ms;
    char stream[];
};
int64_t mongo_boot_ms(void); // the clock of heads
const struct mongo_head *mongo_head_find(const struct mongo_heads *heads, const char *stream);
void mongo_head_learn(struct mongo_heads *heads, const char *stream, struct mongo_end end);
void mongo_head_drop(struct mongo_heads *heads, const char *stream);
void mongo_heads_trim(struct mongo_heads *heads); // forgets all when there are many

// wave.c: gives each write that rests on nothing undecided an operation.
void mongo_wave_choose(struct mongo_group *group);

// send.c: sends all operations at once and notes the answers.
void mongo_send_all(struct mongo_group *group);
// Does the work by the team and counts a wave: what goes out together and is waited for together.
void mongo_wave_run(struct mongo_store *store, void (*work)(void *arg, size_t at), void *arg, size_t count);
void mongo_op_free(struct mongo_op *op);

// sweep.c: operations of several commands, each of which may be repeated.
enum mongo_answer mongo_sweep_clear(struct mongo_store *store, struct mongo_op *op);
enum mongo_answer mongo_sweep_trim(struct mongo_store *store, struct mongo_op *op);
enum mongo_answer mongo_sweep_redact(struct mongo_store *store, struct mongo_op *op);
enum mongo_answer mongo_sweep_expire(struct mongo_store *store, struct mongo_op *op);
enum mongo_answer mongo_sweep_begin(struct mongo_store *store, struct mongo_op *op);
// An update that makes a document of this id when there is none: of a stream's first place.
enum mongo_answer mongo_write_command(struct mongo_store *store, bson_t *command, bson_t *reply,
                                      struct mongo_fault *fault);

// settle.c: decides writes by the answers.
void mongo_settle_all(struct mongo_group *group);
void mongo_work_fail(struct mongo_group *group, struct mongo_work *work, Conse__Reason__Value reason,
                     const char *why);
void mongo_work_done(struct mongo_group *group, struct mongo_work *work);
// Whether the stream has an append of this source; false also when the server can't tell, with *unknown.
bool mongo_has_source(struct mongo_store *store, const struct store_job *job, bool *unknown);

// change.c: what becomes of operations on rows.
enum mongo_fate {
    MONGO_FATE_DURABLE,
    MONGO_FATE_CONFLICT,
    MONGO_FATE_FAILED, // with the verdict's reason
    MONGO_FATE_AGAIN,  // its writes are given other operations
    MONGO_FATE_KEEP,   // it is sent again
};
struct mongo_verdict {
    enum mongo_fate fate;
    Conse__Reason__Value reason;
    const char *why;
};
// What a refusal means that has no explanation.
struct mongo_verdict mongo_judge_fault(const struct mongo_op *op);
struct mongo_verdict mongo_judge_row(struct mongo_group *group, struct mongo_op *op);
bson_t *mongo_row_document(const struct mongo_op *op);
bson_t *mongo_row_change(const struct mongo_op *op); // of MONGO_OP_CHANGE and MONGO_OP_MADE

#endif
