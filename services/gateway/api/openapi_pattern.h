// Patterns for what a request's texts may be, as exact as regular expressions can be; they are in the part of
// ECMA-262 that other engines know too. Pure.
#ifndef GATEWAY_API_OPENAPI_PATTERN_H
#define GATEWAY_API_OPENAPI_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "options.pb-c.h"

enum { OPENAPI_PATTERN_SIZE = 2048 };

// Of a format; NULL when it has none.
const char *openapi_pattern_of(Conse__Rule__Format format);
// Decimal digits of a number from least (0 or 1) to most, with zeros before it as it likes.
void openapi_pattern_number(char out[OPENAPI_PATTERN_SIZE], uint64_t least, uint64_t most);
// A duration up to so many seconds, not below zero; 0: any that there can be.
void openapi_pattern_duration(char out[OPENAPI_PATTERN_SIZE], uint64_t most_s);
// Base64 of so many bytes, in both alphabets, with or without padding; 0: of any number.
void openapi_pattern_base64(char out[OPENAPI_PATTERN_SIZE], size_t bytes);

#endif
