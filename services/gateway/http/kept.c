#include "services/gateway/http/kept.h"

#include <stdlib.h>
#include <string.h>

#include "services/gateway/http/connection.h"

enum { FIELDS_MOST = 16, VALUE_SIZE = 128 };

struct kept_field {
    const char *name; // a constant: names are compared by where they lie
    char value[VALUE_SIZE];
};

struct kept {
    struct MHD_Response *response;
    uint64_t key;
    const char *body;
    size_t len, count;
    struct kept_field fields[FIELDS_MOST];
};

struct MHD_Response *kept_response(const struct kept *kept) { return kept->response; }

// A body that is held by being kept is small, or held anyway.
static bool may_keep(const struct http_answer *answer)
{
    if (answer->close || answer->count > FIELDS_MOST) return false;
    if (answer->len && answer->body && answer->ownership == HTTP_COPY) return false;
    if (answer->len && answer->ownership == HTTP_SHARED && answer->len > REPLY_SMALL_BYTES) return false;
    for (size_t i = 0; i < answer->count; i++)
        if (strnlen(answer->fields[i].value, VALUE_SIZE) == VALUE_SIZE) return false;
    return true;
}

static uint64_t mix_in(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 32;
}

static const char *body_of(const struct http_answer *answer) { return answer->len ? answer->body : NULL; }

static uint64_t key_of(const struct http_answer *answer)
{
    uint64_t key = mix_in(answer->len, (uintptr_t)body_of(answer));
    for (size_t i = 0; i < answer->count; i++) key = mix_in(key, (uintptr_t)answer->fields[i].name);
    return key | 1;
}

static bool is_alike(const struct kept *kept, const struct http_answer *answer)
{
    if (kept->body != body_of(answer) || kept->len != answer->len || kept->count != answer->count)
        return false;
    for (size_t i = 0; i < answer->count; i++)
        if (kept->fields[i].name != answer->fields[i].name) return false;
    return true;
}

// The slot that was filled last is looked at first. KEPT_MOST: there is none.
static size_t find_slot(const struct kept_answers *answers, uint64_t key, const struct http_answer *answer)
{
    for (size_t i = 0; i < KEPT_MOST; i++) {
        size_t slot = (answers->last - i) % KEPT_MOST;
        if (answers->keys[slot] == key && is_alike(answers->slots[slot], answer)) return slot;
    }
    return KEPT_MOST;
}

static void head_anew(struct kept *kept, const struct http_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        struct kept_field *field = &kept->fields[i];
        const char *value = answer->fields[i].value;
        if (strcmp(field->value, value) == 0) continue;
        MHD_del_response_header(kept->response, field->name, field->value);
        MHD_add_response_header(kept->response, field->name, value);
        strcpy(field->value, value);
    }
}

static struct kept *kept_create(uint64_t key, const struct http_answer *answer)
{
    struct kept *kept = malloc(sizeof *kept);
    if (!kept) abort();
    kept->response = answer_response(answer);
    kept->key = key;
    kept->body = body_of(answer);
    kept->len = answer->len;
    kept->count = answer->count;
    for (size_t i = 0; i < answer->count; i++) {
        kept->fields[i].name = answer->fields[i].name;
        strcpy(kept->fields[i].value, answer->fields[i].value);
    }
    return kept;
}

static void kept_destroy(struct kept *kept)
{
    if (!kept) return;
    MHD_destroy_response(kept->response);
    free(kept);
}

struct kept *kept_take(struct kept_answers *answers, const struct http_answer *answer)
{
    if (!may_keep(answer)) return NULL;
    uint64_t key = key_of(answer);
    size_t slot = find_slot(answers, key, answer);
    if (slot == (size_t)KEPT_MOST) return kept_create(key, answer);
    struct kept *kept = answers->slots[slot];
    answers->keys[slot] = 0;
    answers->slots[slot] = NULL;
    if (slot == answers->last) answers->last = (slot - 1) % KEPT_MOST;
    head_anew(kept, answer);
    return kept;
}

void kept_give(struct kept_answers *answers, struct kept *kept)
{
    if (!kept) return;
    answers->last = (answers->last + 1) % KEPT_MOST;
    kept_destroy(answers->slots[answers->last]);
    answers->slots[answers->last] = kept;
    answers->keys[answers->last] = kept->key;
}

void kept_finish(struct kept_answers *answers)
{
    for (size_t i = 0; i < (size_t)KEPT_MOST; i++) kept_destroy(answers->slots[i]);
    *answers = (struct kept_answers){0};
}
