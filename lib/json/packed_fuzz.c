// Any bytes as a payload: what is written is JSON, in which the other fields stand, whatever is beside them.
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf text;
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.index = 7;
    entry.payload = (ProtobufCBinaryData){len, (uint8_t *)bytes};
    buf_init(&text, 64 << 20);
    json_write(&text, &entry.base, NULL);
    assert(!text.failed && text_is_utf8(text.bytes, text.len));
    json_t *json = json_loadb(text.bytes, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert(json && strcmp(json_string_value(json_object_get(json, "index")), "7") == 0);
    const json_t *actor = json_object_get(json, "actor_id"), *fields = json_object_get(json, "fields");
    assert(!actor || json_is_string(actor));
    assert(!fields || (actor && json_is_object(fields)));
    json_decref(json);
    buf_finish(&text);
    return 0;
}
