// Gives the C client an interface of JSON lines, so that tests written with stock npm clients can compare and
// drive it: one request object per line on standard input, one answer per line on standard output. An answer
// with `error` is a refusal, which tests check too.
#ifndef TESTS_SOLANA_CLIENT_DRIVER_H
#define TESTS_SOLANA_CLIENT_DRIVER_H

#include <jansson.h>

#include "lib/base/err.h"
#include "services/chain/solana/instruction.h"
#include "services/chain/solana/rpc.h"

typedef json_t *operation(const json_t *request);

struct operation_row {
    const char *name;
    operation *run;
};

extern const struct operation_row VECTOR_OPERATIONS[]; // both end with a row of NULLs
extern const struct operation_row RPC_OPERATIONS[];
extern const struct operation_row PROGRAM_OPERATIONS[];

enum { BYTES_MAX = 4096 };
struct bytes {
    uint8_t bytes[BYTES_MAX];
    size_t len;
};

// Readers of request fields. A field that is absent or of another type ends the driver, because the test is
// at fault.
const char *get_text(const json_t *request, const char *field);
uint64_t get_number(const json_t *request, const char *field); // an integer, or a decimal text
struct bytes get_bytes(const json_t *request, const char *field);
struct solana_key get_key(const json_t *request, const char *field);
struct solana_instruction get_instruction(const json_t *json);

json_t *put_bytes(const void *bytes, size_t len);
json_t *put_key(const struct solana_key *key);
json_t *put_number(uint64_t number); // as text: JavaScript's numbers end at 2^53
json_t *put_instruction(const struct solana_instruction *ix);
json_t *refusal(const char *reason, const char *message);
json_t *refusal_err(const struct err *err);

#endif
