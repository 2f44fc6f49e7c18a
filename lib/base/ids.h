// Identifiers: UUIDv7 (time-ordered), UUIDv8 and hexadecimal. Thread-safe; sodium_init must have been called.
#ifndef LIB_BASE_IDS_H
#define LIB_BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UUID_LEN = 36 };

struct uuid {
    char text[UUID_LEN + 1]; // lower-case canonical form
};

// Grows within a process even within one millisecond; the random bits come from the kernel's generator.
struct uuid uuid_new(int64_t unix_ms);
// The same from given randomness, for code that takes randomness as an argument.
struct uuid uuid_make(int64_t unix_ms, const uint8_t random[10]);
// From bytes that are known to differ, like a hash: not ordered by time (version 8).
struct uuid uuid_from(const uint8_t bytes[16]);
bool uuid_check(const char *text);
// The 16 bytes of a checked one, and such a text of 16 bytes as they are.
void uuid_bytes(const char *text, uint8_t bytes[16]);
struct uuid uuid_text(const uint8_t bytes[16]);
// Makes a UUID in any case lower-case in place; any other text is unchanged.
void uuid_lower(char *text);

void hex_encode(char *out, const uint8_t *bytes, size_t len); // 2 * len + 1 chars
bool hex_decode(uint8_t *out, size_t len, const char *text);

#endif
