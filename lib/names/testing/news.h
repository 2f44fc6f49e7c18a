// Pages of auth.names for tests, as auth publishes them. They are in an arena.
#ifndef LIB_NAMES_TESTING_NEWS_H
#define LIB_NAMES_TESTING_NEWS_H

#include <stdlib.h>

#include "auth.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/stamp.h"
#include "lib/names/names.h"

struct name_news {
    const char *user_id, *name;
    uint64_t version;
    uint32_t level; // auth.Level.Value
    bool deleted, suspended;
    int64_t until_ms;   // of the suspension; 0: without end
    const char *wallet; // NULL: none
    bool verified;      // a phone
    uint32_t opted_out; // enum names_opt_out
};

// What else it says follows by its name: NAMED(MIRA, "mira", 2, .deleted = true).
#define NAMED(id, username, number, ...)                                                                     \
    ((struct name_news){.user_id = (id), .name = (username), .version = (number), __VA_ARGS__})

static inline ProtobufCBinaryData name_news_entry(struct arena *arena, const struct name_news *news)
{
    Auth__Name name = AUTH__NAME__INIT;
    Google__Protobuf__Timestamp until = stamp_of(news->until_ms);
    Auth__OptOuts out = AUTH__OPT_OUTS__INIT;
    out.rating = news->opted_out & NAMES_NO_RATING ? 1 : 0;
    out.tips = news->opted_out & NAMES_NO_TIPS ? 1 : 0;
    out.suggestions = news->opted_out & NAMES_NO_SUGGESTIONS ? 1 : 0;
    out.llm = news->opted_out & NAMES_NO_LLM ? 1 : 0;
    if (news->opted_out) name.opted_out = &out;
    name.user_id = news->user_id;
    name.username = news->name;
    name.level = (Auth__Level__Value)news->level;
    name.version = news->version;
    name.deleted = news->deleted;
    name.suspended = news->suspended;
    if (news->wallet) name.wallet = news->wallet;
    name.verified = news->verified;
    name.suspended_until = news->until_ms ? &until : NULL;
    uint8_t *bytes = arena_alloc(arena, auth__name__get_packed_size(&name));
    if (!bytes) abort();
    return (ProtobufCBinaryData){auth__name__pack(&name, bytes), bytes};
}

// The last one has the place's number.
static inline struct bus_batch name_news_page(struct arena *arena, struct bus_place place,
                                              const struct name_news *news, size_t count)
{
    Bus__Notice **notices = arena_array(arena, count, sizeof *notices);
    for (size_t i = 0; notices && i < count; i++) {
        notices[i] = arena_new(arena, Bus__Notice);
        if (!notices[i]) abort();
        bus__notice__init(notices[i]);
        notices[i]->seq = place.seq - count + 1 + i;
        notices[i]->payload = name_news_entry(arena, &news[i]);
    }
    if (!notices) abort();
    return (struct bus_batch){.notices = notices, .count = count, .place = place};
}

#endif
