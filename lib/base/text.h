// Checks of texts: encodings and the forms that requests may have. Pure.
#ifndef LIB_BASE_TEXT_H
#define LIB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

// How many bytes at the beginning are printable ASCII, found eight by eight; bytes after them may be
// printable too.
size_t text_plain(const char *text, size_t len);
bool text_is_utf8(const char *text, size_t len); // well-formed, without surrogates and NUL
size_t text_characters(const char *text);        // code points of a well-formed text
// Control characters (C0, DEL, C1, line and paragraph separators, bidirectional overrides); `breaks` allows
// \n, \r\n and tab.
bool text_has_controls(const char *text, bool breaks);
bool text_is_username(const char *text); // 3 to 32 of [A-Za-z0-9_.-]
bool text_is_phone(const char *text);    // E.164: + and 8 to 15 digits, not beginning with 0
bool text_is_slug(const char *text);     // 1 to 64 of [a-z0-9-]
bool text_is_local_time(const char *text);
bool text_is_room(const char *text);      // the id of an event, a dot, and up to 48 of [a-z0-9.-]
bool text_is_zone_name(const char *text); // the shape of an IANA name, not whether it exists
bool text_is_base58(const char *text, size_t min_len, size_t max_len);
bool text_is_visible_ascii(const char *text, size_t max_len); // 1 to max_len of 0x21..0x7e
void text_lower(char *out, size_t size, const char *text);    // ASCII

#endif
