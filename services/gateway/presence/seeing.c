#include "services/gateway/presence/seeing.h"

#include "events.pb-c.h"

bool seeing_ask(const struct seeing_who *who, struct arena *arena, ProtobufCBinaryData *question,
                struct err *err)
{
    Events__FollowPresenceRequest request = EVENTS__FOLLOW_PRESENCE_REQUEST__INIT;
    Events__FollowViewer viewer = EVENTS__FOLLOW_VIEWER__INIT, *viewers[] = {&viewer};
    viewer.user_id = who->user_id;
    viewer.level = who->level;
    request.event_id = who->event_id;
    request.viewers = viewers;
    request.n_viewers = 1;
    question->data = arena_alloc(arena, events__follow_presence_request__get_packed_size(&request));
    if (!question->data) return err_fail(err, CALL_TOO_LARGE, "the question takes too much memory");
    question->len = events__follow_presence_request__pack(&request, question->data);
    return true;
}

bool seeing_judge(const uint8_t *answer, size_t len, struct arena *arena, struct err *err)
{
    const Events__FollowReply *read = events__follow_reply__unpack(&arena->allocator, len, answer);
    bool sees = read && read->n_views == 1 && read->views[0]->place && read->views[0]->place->key.len;
    return sees || err_fail(err, NOT_FOUND, "there is no such event");
}
