#include "services/gateway/api/etag.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

enum { MARK_SIZE = 23 }; // 16 bytes as base64url, and the NUL

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count) *at++ = digits[--count];
    return at;
}

void etag_make(const struct etag_source *source, const struct etag_form *form, char etag[ETAG_SIZE])
{
    unsigned char input[ETAG_HASH + 2 + sizeof(uint64_t)], mark[ETAG_HASH];
    uint64_t len = form->len;
    char *at = etag;
    memcpy(input, source->hash, ETAG_HASH);
    input[ETAG_HASH] = (unsigned char)form->letter;
    input[ETAG_HASH + 1] = form->packed;
    memcpy(input + ETAG_HASH + 2, &len, sizeof len);
    crypto_shorthash_siphashx24(mark, input, sizeof input, source->key);
    *at++ = '"';
    sodium_bin2base64(at, MARK_SIZE, mark, sizeof mark, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    at += MARK_SIZE - 1;
    *at++ = '-';
    at = put_number(at, len);
    *at++ = form->letter;
    if (form->packed) *at++ = 'z';
    memcpy(at, "\"", 2);
}

bool etag_is_any(const char *list)
{
    if (!list) return false;
    list += strspn(list, " \t,");
    return *list == '*' && list[1 + strspn(list + 1, " \t,")] == 0;
}

bool etag_next(const char **list, struct etag_item *item)
{
    const char *at = *list + strspn(*list, ", \t");
    item->weak = strncmp(at, "W/", 2) == 0;
    item->at = at + (item->weak ? 2 : 0);
    const char *end = *item->at == '"' ? strchr(item->at + 1, '"') : NULL;
    if (!end) return false;
    item->len = (size_t)(end + 1 - item->at);
    *list = end + 1;
    return true;
}

// The form that one of our tags would have; only making the form again shows whether the tag is right.
static bool read_form(const struct etag_item *item, struct etag_form *form)
{
    const char *at = item->at + MARK_SIZE, *end = item->at + item->len - 1;
    if (item->len <= MARK_SIZE + 2 || item->len >= ETAG_SIZE || *at++ != '-') return false;
    for (form->len = 0; *at >= '0' && *at <= '9'; at++) form->len = form->len * 10 + (size_t)(*at - '0');
    form->letter = *at++;
    form->packed = *at == 'z';
    return at + form->packed == end;
}

bool etag_find(const char *list, const struct etag_source *source, char letter,
               enum etag_comparison comparison, struct etag_form *form)
{
    struct etag_item item;
    while (list && etag_next(&list, &item)) {
        if (item.weak && comparison == ETAG_STRONG) continue;
        if (!read_form(&item, form) || (letter && form->letter != letter)) continue;
        etag_make(source, form, form->text);
        if (strlen(form->text) == item.len && memcmp(form->text, item.at, item.len) == 0) return true;
    }
    return false;
}
