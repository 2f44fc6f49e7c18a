#include "services/chain/cluster/past.h"

#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "services/chain/cluster/ended.h"

// What came of a question.
enum said { SAID_NOTHING, SAID_UNKNOWN, SAID_MORE, SAID_IT };

static struct past_asked *find_asked(struct past *past, const struct solana_key *address)
{
    for (size_t i = 0; i < PAST_KEPT; i++)
        if (past->asked[i].again_ms && solana_key_equal(&past->asked[i].address, address))
            return &past->asked[i];
    return NULL;
}

static struct past_asked *keep_asked(struct past *past, const struct solana_key *address)
{
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

static enum said look_at_ticket(const struct past_question *question, const struct ended_search *search,
                                struct arena *arena, struct sight *sight)
{
    struct solana_history_entry *page = arena_array(arena, SOLANA_HISTORY_MAX, sizeof *page);
    struct ticket_story story;
    if (!page || !ended_read(search, page, &story)) return SAID_NOTHING;
    sight->has_ended = story.made && story.ended && !story.unclear;
    sight->back = story.back;
    const struct wish *wish = question->wish;
    bool given = step_was_given(wish, sight);
    if (!given || sight->back != wish->amount)
        log_error("chain.sender",
                  F_STR(given ? "a ticket gave more than the ledger has of its pot, of payment"
                              : "a ticket is gone without what it has to give, of payment",
                        uuid_text(wish->aim.subject).text),
                  F_INT("lamports", sight->back), F_INT("of", wish->amount));
    return given ? SAID_IT : SAID_UNKNOWN;
}

static enum said look_at_event(const struct past_question *question, struct past_asked *asked,
                               struct sight *sight)
{
    const struct closed_search search = {question->rpc, question->programs, asked->address};
    if (!closed_read(&search, &asked->closed)) return SAID_NOTHING;
    sight->was_settled = asked->closed.closed && asked->closed.settled;
    if (asked->closed.more) return SAID_MORE;
    asked->closed = (struct closed_event){.closed = false};
    return sight->was_settled ? SAID_IT : SAID_UNKNOWN;
}

bool past_look(struct past *past, const struct past_question *question, struct arena *arena,
               struct sight *sight)
{
    static const int64_t pauses[] = {PAST_SOON_MS, PAST_AGAIN_MS, 0, PAST_SOON_MS};
    const struct watched watched = watched_of(question->wish);
    const struct ended_search search = ended_search_of(question->rpc, question->programs, &watched);
    const bool of_event = question->wish->aim.kind == OUTBOX_SETTLE;
    const struct solana_key *address = of_event ? &search.event : &search.ticket;
    if (question->number < past->from) return false;
    struct past_asked *asked = find_asked(past, address);
    if (asked && question->now_ms < asked->again_ms) return false;
    if (!asked) asked = keep_asked(past, address);
    enum said said =
        of_event ? look_at_event(question, asked, sight) : look_at_ticket(question, &search, arena, sight);
    asked->again_ms = question->now_ms + pauses[said];
    past->from = question->number + 1;
    return true;
}

void past_begin_anew(struct past *past) { past->from = 0; }
