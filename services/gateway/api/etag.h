// Entity tags: strong, made from a service's reply, the form it is sent in and the length of that form. A tag
// contains its length, so that 304 can give it again without making the form. Pure.
#ifndef GATEWAY_API_ETAG_H
#define GATEWAY_API_ETAG_H

#include <stdbool.h>
#include <stddef.h>

enum { ETAG_SIZE = 64, ETAG_HASH = 16 };

struct etag_source {
    const unsigned char *key;  // 16 bytes
    const unsigned char *hash; // of the reply; ETAG_HASH bytes
};

struct etag_form {
    char letter;          // j, p or f: JSON, protobuf, file
    bool packed;          // by gzip
    size_t len;           // of the body
    char text[ETAG_SIZE]; // the tag that was found
};

void etag_make(const struct etag_source *source, const struct etag_form *form, char etag[ETAG_SIZE]);

enum etag_comparison { ETAG_STRONG, ETAG_WEAK };
// Whether a list (If-Match, If-None-Match) names a form of the reply; letter 0: any. The form becomes the
// first one that it names.
bool etag_find(const char *list, const struct etag_source *source, char letter,
               enum etag_comparison comparison, struct etag_form *form);
// Whether the list is "*".
bool etag_is_any(const char *list);
// The next tag of a list; at and len include its quotes. False at the end, or where the list is malformed.
struct etag_item {
    const char *at;
    size_t len;
    bool weak;
};
bool etag_next(const char **list, struct etag_item *item);

#endif
