// Any bytes as a protobuf body, a token, a target and a set of headers: accepted bytes are unpacked whole,
// and nothing is read beyond their end.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/schema/schema.h"
#include "services/gateway/api/negotiate.h"
#include "services/gateway/api/target.h"
#include "services/gateway/access/token.h"
#include "services/gateway/ask/trace.h"
#include "services/gateway/api/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void fuzz_wire(const uint8_t *bytes, size_t len, struct arena *arena)
{
    size_t count;
    struct err err;
    const struct schema_method *methods = schema_methods(&count);
    const ProtobufCMessageDescriptor *type = methods[bytes[0] % count].request;
    if (!wire_check(type, bytes + 1, len - 1, &err)) {
        assert(err_is(&err, MALFORMED));
        return;
    }
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &arena->allocator, len - 1, bytes + 1);
    assert(!message || message->n_unknown_fields == 0);
}

static void fuzz_text(const char *text, struct arena *arena)
{
    struct err err;
    struct target target;
    struct token_keys keys = {.count = 1, .keys = {{.kid = "k"}}};
    struct token_claims claims;
    struct trace_source source = {.state = {1, 2}};
    struct trace trace;
    if (target_parse(text, &target, arena, &err)) assert(target.segment_count <= TARGET_MAX_SEGMENTS);
    assert(token_verify(text, &keys, 0, &claims) != TOKEN_GOOD);
    negotiate_accept(text);
    negotiate_content_type(text);
    negotiate_gzip(text);
    negotiate_matches(text, "\"a\"");
    trace_begin(&source, text, &trace);
    assert(strlen(trace.id) == TRACE_ID_LEN);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena;
    if (len == 0) return 0;
    arena_init(&arena, 1 << 20);
    fuzz_wire(bytes, len, &arena);
    char *text = strndup((const char *)bytes, len); // exactly as long as it is
    if (text) fuzz_text(text, &arena);
    free(text);
    arena_finish(&arena);
    return 0;
}
