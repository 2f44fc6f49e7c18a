// What a client says, message by message (each ends with a newline): at most one message is answered, and it
// is JSON; a closed session says and does nothing more.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/gateway/socket/session.h"

enum { MOST = 1 << 22 };

static void check_answer(const struct buf *out)
{
    if (out->len == 0) return;
    json_t *answer = json_loadb(out->bytes, out->len, JSON_REJECT_DUPLICATES, NULL);
    assert(json_is_object(answer) && json_is_string(json_object_get(answer, "type")));
    json_decref(answer);
}

static void do_step(struct session *session, struct session_step *step, struct buf *out)
{
    if (step->what == SESSION_INIT) session_admit(session, NULL, out);
    if (step->what == SESSION_START) session_next(step->op, "{}", 2, out);
    if (step->what == SESSION_CLOSE)
        assert(step->code >= 1000 && text_is_utf8(step->reason, strlen(step->reason)));
    session_step_finish(step);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct session session;
    bool over = false;
    session_begin(&session, true, 0);
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(bytes + at, '\n', size - at);
        size_t len = end ? (size_t)(end - bytes) - at : size - at;
        struct buf out;
        buf_init(&out, MOST);
        struct session_step step =
            session_take(&session, (const char *)bytes + at, len, (int64_t)at * 8, &out);
        assert(!over || (step.what == SESSION_NOTHING && out.len == 0));
        over = over || step.what == SESSION_CLOSE;
        assert(step.what == SESSION_NOTHING || out.len == 0);
        do_step(&session, &step, &out);
        check_answer(&out);
        buf_finish(&out);
        at += len + 1;
    }
    session_finish(&session);
    return 0;
}
