// Patterns for the texts of a request, as exact as regular expressions can be. They use the part of ECMA-262
// that other engines know too. Pure.
#ifndef GATEWAY_API_OPENAPI_PATTERN_H
#define GATEWAY_API_OPENAPI_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "options.pb-c.h"

enum { OPENAPI_PATTERN_SIZE = 2048 };

// The pattern of a format; NULL when it has none.
const char *openapi_pattern_of(Conse__Rule__Format format);
// Decimal digits of a number from least (0 or 1) to most, with any number of leading zeros.
void openapi_pattern_number(char out[OPENAPI_PATTERN_SIZE], uint64_t least, uint64_t most);
// A duration up to this many seconds, not below zero; 0: any valid one.
void openapi_pattern_duration(char out[OPENAPI_PATTERN_SIZE], uint64_t most_s);
// Base64 of this many bytes, in both alphabets, with or without padding; 0: any number.
void openapi_pattern_base64(char out[OPENAPI_PATTERN_SIZE], size_t bytes);

#endif
