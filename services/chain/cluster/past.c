#include "services/chain/cluster/past.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/ids.h"
#include "services/chain/cluster/closed.h"
#include "services/chain/cluster/ended.h"

enum {
    AGAIN_MS = 5 * 60 * 1000, // when it did not know
    SOON_MS = 10 * 1000       // when it did not answer
};

static struct past_asked *find_asked(struct past *past, const struct solana_key *address)
{
    for (size_t i = 0; i < PAST_KEPT; i++)
        if (past->asked[i].again_ms && solana_key_equal(&past->asked[i].address, address))
            return &past->asked[i];
    struct past_asked *asked = &past->asked[past->next++ % PAST_KEPT];
    *asked = (struct past_asked){.address = *address};
    return asked;
}

static struct watched watched_of(const struct wish *wish)
{
    struct watched watched = {.authority = wish->cluster.authority, .reference = wish->aim.reference};
    memcpy(watched.event, wish->event, sizeof watched.event);
    return watched;
}

static bool look_at_ticket(const struct past_question *question, const struct ended_search *search,
                           struct solana_history_entry *page, struct sight *sight)
{
    struct ticket_story story;
    if (!ended_read(search, page, &story)) return false;
    sight->has_ended = story.made && story.ended && !story.unclear;
    sight->back = story.back;
    if (!sight->has_ended || sight->back != question->wish->amount)
        log_error("chain.sender", F_STR("a ticket is gone without what it has to give, of payment",
                                        uuid_text(question->wish->aim.subject).text));
    return true;
}

static bool look_at_event(const struct past_question *question, const struct solana_key *event,
                          struct solana_history_entry *page, struct sight *sight)
{
    const struct closed_search search = {question->rpc, question->programs, *event};
    struct closed_event closed;
    if (!closed_read(&search, page, &closed)) return false;
    sight->was_settled = closed.closed && closed.settled;
    return true;
}

bool past_look(struct past *past, const struct past_question *question, struct arena *arena,
               struct sight *sight)
{
    const struct watched watched = watched_of(question->wish);
    const struct ended_search search = ended_search_of(question->rpc, question->programs, &watched);
    bool of_event = question->wish->aim.kind == OUTBOX_SETTLE;
    struct past_asked *asked = find_asked(past, of_event ? &search.event : &search.ticket);
    struct solana_history_entry *page = arena_array(arena, SOLANA_HISTORY_MAX, sizeof *page);
    if (!page || clock_mono_ms() < asked->again_ms) return false;
    bool ok = of_event ? look_at_event(question, &search.event, page, sight)
                       : look_at_ticket(question, &search, page, sight);
    asked->again_ms = clock_mono_ms() + (ok ? AGAIN_MS : SOON_MS);
    return true;
}
