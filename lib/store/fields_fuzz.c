// Stored bytes are input: counts, the bytes of appends, and rows of any bytes.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/store/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct store_table TABLE = {
    .name = "user",
    .type = &auth__user__descriptor,
    .key = "id",
    .indexes = {{"by_username", true, {"username"}, 0}, {"by_level", false, {"level", "created_at"}, 0}}};

static void check_entries(const uint8_t *bytes, size_t len, int64_t count)
{
    if (!store_entries_fit(len, count)) return;
    ProtobufCBinaryData *entries = calloc((size_t)count, sizeof *entries);
    uint8_t *again = malloc(len + 1);
    assert(entries && again);
    if (store_entries_split(bytes, len, (size_t)count, entries)) {
        assert(store_entries_size(entries, (size_t)count) == len);
        store_entries_pack(again, entries, (size_t)count);
        assert(memcmp(again, bytes, len) == 0);
    }
    free(again);
    free(entries);
}

static void check_row(const uint8_t *bytes, size_t len)
{
    struct store_model model;
    struct arena arena;
    struct err err;
    ProtobufCMessage *message;
    if (!store_model_init(&model, &TABLE, &err)) abort();
    arena_init(&arena, 1 << 20);
    if (store_unpack(&model, "u1", (ProtobufCBinaryData){len, (uint8_t *)bytes}, &arena, &message, &err)) {
        for (size_t i = 0; i < model.field_count; i++) {
            struct store_value value = store_field_value(&model.fields[i], message);
            assert(model.fields[i].kind == STORE_NUMBER || strlen(value.text) <= len);
        }
    } else {
        assert(!message && (err_is(&err, STORE_CORRUPT) || err_is(&err, REPLY_TOO_LARGE)));
    }
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    int64_t count;
    if (len < sizeof count) return 0;
    memcpy(&count, bytes, sizeof count);
    check_entries(bytes + sizeof count, len - sizeof count, count);
    check_row(bytes + sizeof count, len - sizeof count);
    return 0;
}
