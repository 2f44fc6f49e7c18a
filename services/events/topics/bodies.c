#include "services/events/topics/bodies.h"

#include "services/events/topics/event_log.h"
#include "services/events/topics/follow_reply.h"

enum { NOT_WANTED = 0, WANTED = UINT16_MAX };

enum body_form body_form(struct audience audience, const struct viewer *eyes, bool over)
{
    if (event_log_hides(audience, eyes, over)) return BODY_LEAF;
    return eyes->god || eyes->all ? BODY_NUMBERED : BODY_PLAIN;
}

bool bodies_begin(struct bodies *bodies, const struct tail *tail, struct arena *arena)
{
    *bodies = (struct bodies){.tail = tail, .arena = arena};
    bodies->numbers = arena_array(arena, tail->count + 1, sizeof *bodies->numbers);
    return bodies->numbers;
}

static uint16_t *place_of(const struct bodies *bodies, uint64_t seq, enum body_form form)
{
    const struct tail *tail = bodies->tail;
    bool there = tail->links && seq >= tail->first && seq - tail->first < tail->count;
    return there ? &bodies->numbers[seq - tail->first][form] : NULL;
}

bool bodies_want(struct bodies *bodies, uint64_t seq, enum body_form form)
{
    uint16_t *place = place_of(bodies, seq, form);
    if (!place) return false;
    bodies->wanted += *place == NOT_WANTED;
    *place = WANTED;
    return true;
}

static bool choose_one(struct bodies *bodies, uint64_t seq, enum body_form form)
{
    const ProtobufCBinaryData *link = tail_find(bodies->tail, seq);
    struct body *body = &bodies->chosen[bodies->count];
    *body = (struct body){seq, form, {link->len, arena_copy(bodies->arena, link->data, link->len)}};
    *place_of(bodies, seq, form) = (uint16_t)++bodies->count;
    bodies->bytes += link->len;
    return body->link.data;
}

bool bodies_choose(struct bodies *bodies, size_t most_bytes)
{
    bodies->chosen = arena_array(bodies->arena, bodies->wanted + 1, sizeof *bodies->chosen);
    if (!bodies->chosen) return false;
    for (size_t i = 0; i < bodies->tail->count && bodies->count < bodies->wanted; i++)
        for (int form = 0; form < BODY_FORMS; form++) {
            if (bodies->numbers[i][form] != WANTED) continue;
            uint64_t seq = bodies->tail->first + i;
            bool full = bodies->count && bodies->bytes + tail_find(bodies->tail, seq)->len > most_bytes;
            if (full) return true;
            if (!choose_one(bodies, seq, form)) return false;
        }
    return true;
}

int bodies_find(const struct bodies *bodies, uint64_t seq, enum body_form form)
{
    const uint16_t *place = place_of(bodies, seq, form);
    return !place || *place == NOT_WANTED || *place == WANTED ? -1 : *place - 1;
}

bool bodies_fill(const struct bodies *bodies, Events__FollowReply *reply, struct err *err)
{
    reply->bodies = arena_array(bodies->arena, bodies->count + 1, sizeof *reply->bodies);
    if (!filled(reply->bodies, err)) return false;
    for (size_t i = 0; i < bodies->count; i++) {
        const struct body *body = &bodies->chosen[i];
        Events__LogEntry *entry = event_log_entry(&body->link, body->form == BODY_LEAF, bodies->arena, err);
        if (!entry) return false;
        entry->seq = body->form == BODY_PLAIN ? 0 : body->seq;
        follow_reply_body(reply, EVENTS__FOLLOW_REPLY__BODY__BODY_EVENT, entry, bodies->arena);
    }
    return filled(bodies->arena->failed ? NULL : reply, err);
}
