#include "services/chain/book/lesson.h"

#include <poll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"
#include "services/chain/book/lead.h"

enum { ARENA = 32 << 20, TRIES = 20, LOOK_MS = 50, START_MS = 5000, AGAIN_MS = 10 };

// A page on its way into the ledger, in appends of some entries.
struct lesson {
    struct chain *chain;
    const struct book_source *source;
    const struct bus_batch *batch;
    int64_t now_ms;
    struct arena arena;
    bool ends; // nothing of the page is left
};

static bool is_known(const struct lesson *lesson, const struct book *book, uint64_t seq)
{
    const struct bus_place reached = lesson->source->reached(book);
    return reached.generation == lesson->batch->place.generation && seq <= reached.seq;
}

static void note_place(const struct lesson *lesson, struct book_call *b, uint64_t seq)
{
    Ledger__FollowedTo place = LEDGER__FOLLOWED_TO__INIT;
    place.generation = lesson->batch->place.generation;
    place.seq = seq;
    place.stream = lesson->source->stream;
    book_add(b, LEDGER__ENTRY__BODY_FOLLOWED_TO, &place.base, NULL, 0);
}

static bool apply_some(struct lesson *lesson, struct book_call *b, struct err *err)
{
    const struct bus_batch *batch = lesson->batch;
    uint64_t reached = 0;
    size_t i = 0;
    for (; i < batch->count && b->count < BOOK_ENTRIES_AT_ONCE; i++) {
        const size_t before = b->count;
        if (is_known(lesson, b->book, batch->notices[i]->seq)) continue;
        if (!lesson->source->apply(b, batch->notices[i], err)) {
            if (!before || b->count != before) return false;
            break; // what came before it is kept, and it is tried by itself
        }
        if (b->failed) return book_filled(NULL, err);
        if (b->unfinished) break; // it is applied again, to what is left
        reached = batch->notices[i]->seq;
    }
    lesson->ends = i == batch->count;
    if (reached) note_place(lesson, b, reached);
    return true;
}

static bool learn_some(struct lesson *lesson, struct err *err)
{
    uint64_t ticket;
    arena_reset(&lesson->arena);
    {
        AUTO_BOOK struct book_call b = {.chain = lesson->chain, .arena = &lesson->arena};
        if (!book_begin_own(&b, lesson->now_ms, true, err) || !apply_some(lesson, &b, err) ||
            !book_commit(&b, NULL, err))
            return false;
        ticket = b.book->live.ticket;
    }
    return !ticket || store_wait(lesson->chain->store, ticket, err);
}

// Whether who writes the ledger has learnt the page, or nobody will before this process.
static bool is_ours_or_known(struct lesson *lesson, bool *so, struct err *err)
{
    struct book_call b = {.chain = lesson->chain, .arena = &lesson->arena};
    const struct bus_batch *batch = lesson->batch;
    if (!book_begin_own(&b, lesson->now_ms, true, err)) return false;
    *so = lead_is_ours(b.book) || is_known(lesson, b.book, batch->notices[batch->count - 1]->seq);
    book_end(&b);
    return true;
}

// Who wrote the newest entry goes first: when two write, one of them has the ledger loaded again.
static void let_lead(struct lesson *lesson)
{
    int64_t until_ms = clock_mono_ms() + LEAD_SILENT_MS;
    for (bool so = false; clock_mono_ms() < until_ms; usleep(LOOK_MS * 1000)) {
        struct err err = {0};
        if (is_ours_or_known(lesson, &so, &err) && so) break;
    }
}

// Several processes follow: who loses finds what the other has stored.
static bool learn_all(struct lesson *lesson, struct err *err)
{
    if (!lead_may_write(lesson->chain, err)) return false;
    let_lead(lesson);
    for (int tries = 0; !lesson->ends;) {
        if (learn_some(lesson, err)) continue;
        bool again = err_is(err, CONFLICT) || err_is(err, SERVICE_BUSY);
        lesson->ends = false;
        if (!again || ++tries == TRIES) return false;
    }
    return true;
}

bool book_learn(struct chain *chain, const struct book_source *source, const struct bus_batch *batch,
                int64_t now_ms, struct err *err)
{
    struct lesson lesson = {.chain = chain, .source = source, .batch = batch, .now_ms = now_ms};
    if (!replica_all_know(chain->replica, source->since))
        return err_fail(err, SERVICE_BUSY, "an older process does not know what comes of %s", source->name);
    arena_init(&lesson.arena, ARENA);
    bool ok = learn_all(&lesson, err);
    arena_finish(&lesson.arena);
    return ok;
}

// ---- Following

// What the process began before may still be writing.
static bool enter_in_time(struct book_call *b, struct err *err)
{
    int64_t until_ms = clock_mono_ms() + START_MS;
    bool ok = book_begin_own(b, clock_unix_ms(), true, err);
    while (!ok && err_is(err, SERVICE_BUSY) && clock_mono_ms() < until_ms) {
        poll(NULL, 0, AGAIN_MS);
        ok = book_begin_own(b, clock_unix_ms(), true, err);
    }
    return ok;
}

static bool find_place(struct chain *chain, const struct book_source *source, struct bus_place *place,
                       struct err *err)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct book_call b = {.chain = chain, .arena = &arena};
    bool ok = enter_in_time(&b, err);
    if (ok) *place = source->reached(b.book);
    book_end(&b);
    arena_finish(&arena);
    return ok;
}

bool book_follow(struct chain *chain, const struct book_source *source, const struct book_peers *peers,
                 bus_apply *on_page, struct bus_consumer **consumer, struct err *err)
{
    struct bus_consumer_options options = {.self = CONSE__ASKER__VALUE__CHAIN,
                                           .stream = source->name,
                                           .address = peers->bus,
                                           .feed_service = source->service,
                                           .feed_address = peers->feed,
                                           .bus_keys = peers->bus_keys,
                                           .apply = on_page,
                                           .arg = chain};
    return find_place(chain, source, &options.from, err) && bus_consumer_start(consumer, &options, err);
}
